"""Scores against fixed references, the five views, and the Pareto front."""

import numpy as np
from numpy.typing import NDArray

from compass.capacity import BoolArray, FloatArray
from compass.planning.search import Search, Table
from compass.planning.types import Specification, View

Latencies = tuple[FloatArray, FloatArray, FloatArray]
WEIGHTS = {"quality": 0.40, "cost": 0.40, "latency": 0.10, "simplicity": 0.10}
PRIORITY = {"low": 0.4, "medium": 1.0, "high": 2.5}
# A month at the first costs full marks, at the second none; on a logarithmic scale, because money is.
CHEAP_USD, DEAR_USD = 200.0, 100_000.0
# Below this quality difference two models are taken as equally good: published scores are no finer.
QUALITY_STEP = 3.0
# A latency this far below its target is as good as any lower one.
ENOUGH_MARGIN = 0.5
# Without any score: taken as a middling model, never as zero.
UNKNOWN_QUALITY = 40.0
# What missing the targets costs, on the scale of the scores: a deployment that has to be planned again.
MISSING = 0.5
# A view is not won by what probably fails: where anything reaches this chance, it must.
LIKELY = 0.8


def weights(specification: Specification) -> dict[str, float]:
    """40/40/10/10, moved by stated priorities, summing to one."""
    moved = {
        "quality": WEIGHTS["quality"] * PRIORITY[specification.accuracy_priority],
        "cost": WEIGHTS["cost"] * PRIORITY[specification.cost_priority],
        "latency": WEIGHTS["latency"] * PRIORITY[specification.latency_priority] ** 1.5,
        "simplicity": WEIGHTS["simplicity"],
    }
    total = sum(moved.values())
    return {name: value / total for name, value in moved.items()}


def quality_part(quality: FloatArray) -> FloatArray:
    """0 to 1; NaN is a middling model."""
    return np.asarray(np.where(np.isnan(quality), UNKNOWN_QUALITY, quality) / 100.0)


def cost_part(usd_per_month: FloatArray) -> FloatArray:
    """1 at the cheap reference and below, 0 at the dear one, minus infinity where nobody rents it."""
    span = np.log(DEAR_USD / CHEAP_USD)
    return np.asarray(1.0 - np.log(np.maximum(usd_per_month, CHEAP_USD) / CHEAP_USD) / span)


def latency_part(values: Latencies, wish: Specification) -> FloatArray:
    """1 where TTFT, ITL and E2E are all at half their targets or below, 0 where all are at them."""
    targets = (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms)
    pairs = zip(values, targets, strict=True)
    margins = [np.clip((1.0 - value / target) / ENOUGH_MARGIN, 0.0, 1.0) for value, target in pairs]
    return np.asarray(sum(margins, np.zeros_like(margins[0])) / len(margins))


def simplicity_part(replicas: NDArray[np.int64], size: NDArray[np.int64]) -> FloatArray:
    """1 for one GPU, less for more of them, and less where they must work together."""
    gpus = np.maximum(replicas * size, 1)
    return np.asarray(1.0 / (1.0 + np.log2(gpus) / 3.0) * (0.5 + 0.5 / size))


def expected(score: FloatArray, probability: FloatArray) -> FloatArray:
    """The score if the targets hold, weighed against what it costs if they do not."""
    return np.asarray(probability * score - (1.0 - probability) * MISSING)


def scores(table: Table, specification: Specification) -> FloatArray:
    """Expected score of each option, up to 1; no part of it depends on another option."""
    weight = weights(specification)
    score = (
        weight["quality"] * quality_part(table.quality)
        + weight["cost"] * cost_part(table.usd_per_month)
        + weight["latency"] * latency_part((table.ttft_ms, table.itl_ms, table.e2e_ms), specification)
        + weight["simplicity"] * simplicity_part(table.replicas, table.size)
    )
    return expected(score, table.probability)


def pareto(table: Table) -> BoolArray:
    """Options that no other beats in cost, p95 TTFT and quality at once; of equal ones the first."""
    worth = quality_part(table.quality)
    order = np.lexsort((-worth, table.ttft_ms, table.usd_per_month))
    ttft, quality = table.ttft_ms[order], worth[order]
    mask = np.zeros(len(table), dtype=np.bool_)
    # There are about as many qualities as models: for each, the lowest TTFT of those as good and no dearer.
    for level in np.unique(quality):
        among = np.where(quality >= level, ttft, np.inf)
        before = np.concatenate([[np.inf], np.minimum.accumulate(among)[:-1]])
        mask[order] |= (quality == level) & (ttft < before)
    return mask


def views(found: Search, table: Table, total: FloatArray) -> dict[View, int]:
    """The winning row of each view; ties go to the cheaper, then to the higher score."""
    quality = np.where(np.isnan(table.quality), -1.0, np.floor(table.quality / QUALITY_STEP))
    likely = np.flatnonzero(table.probability >= min(LIKELY, float(table.probability.max(initial=0.0))))
    cost = table.usd_per_month

    def best(among: NDArray[np.int64], *keys: FloatArray) -> int:
        return int(among[np.lexsort([key[among] for key in reversed(keys)])[0]])

    return {
        "balanced": best(np.arange(len(table)), -total, cost),
        "best_accuracy": best(likely, -quality, cost, -total),
        "lowest_cost": best(likely, cost, -total),
        "lowest_latency": best(as_fast_as_the_fastest(found, table, likely), cost, -total),
        "simplest": best(likely, table.gpus.astype(float), -total),
    }


def as_fast_as_the_fastest(found: Search, table: Table, among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows whose TTFT and ITL both lie within the fastest one's interval: nobody can tell them apart yet.

    A faster figure inside the interval is no reason to pay several times as much.
    """
    wish = found.specification
    relative = table.ttft_ms / wish.ttft_p95_ms + table.itl_ms / wish.itl_p95_ms
    fastest = int(among[np.argmin(relative[among])])
    at = table.row[fastest]
    slow_ttft = table.ttft_ms[fastest] * np.exp(found.pace.ttft_log_spread[at])
    slow_itl = table.itl_ms[fastest] * np.exp(found.pace.itl_log_spread[at])
    return np.asarray(among[(table.ttft_ms[among] <= slow_ttft) & (table.itl_ms[among] <= slow_itl)])
