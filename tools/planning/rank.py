"""Scores against fixed references, the five views, and the Pareto front."""

import numpy as np
from numpy.typing import NDArray

from tools.capacity.types import BoolArray, FloatArray
from tools.planning.search import Table
from tools.planning.types import Specification, View

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


def parts(table: Table, specification: Specification) -> dict[str, FloatArray]:
    """The four parts of the score, each from 0 to 1, none of which depends on another option."""
    targets = (specification.ttft_p95_ms, specification.itl_p95_ms, specification.e2e_p95_ms)
    values = (table.ttft_ms, table.itl_ms, table.e2e_ms)
    pairs = zip(values, targets, strict=True)
    margins = [np.clip((1.0 - value / target) / ENOUGH_MARGIN, 0.0, 1.0) for value, target in pairs]
    span = np.log(DEAR_USD / CHEAP_USD)
    cost = 1.0 - np.log(np.maximum(table.usd_per_month, CHEAP_USD) / CHEAP_USD) / span
    return {
        "quality": np.where(np.isnan(table.quality), UNKNOWN_QUALITY, table.quality) / 100.0,
        "cost": np.asarray(cost),
        "latency": np.asarray(np.mean(margins, axis=0)),
        "simplicity": 1.0 / (1.0 + np.log2(np.maximum(table.gpus, 1)) / 3.0) * (0.5 + 0.5 / table.size),
    }


def scores(table: Table, specification: Specification) -> FloatArray:
    """Weighted score of each option, 0 to 1, scaled by how surely it holds its targets."""
    moved = weights(specification)
    total = sum(
        (moved[name] * part for name, part in parts(table, specification).items()), np.zeros(len(table))
    )
    return np.asarray(total * np.sqrt(np.clip(table.probability, 0.05, 1.0)))


def pareto(table: Table) -> BoolArray:
    """Options that no other beats in cost, p95 TTFT and quality at once."""
    quality = np.where(np.isnan(table.quality), UNKNOWN_QUALITY, table.quality)
    goals = np.column_stack([table.usd_per_month, table.ttft_ms, -quality])
    left = np.lexsort(goals.T[::-1])
    mask = np.zeros(len(table), dtype=np.bool_)
    # The first that is left is beaten by none; what it beats goes, and so on: a round for each of the front.
    while len(left):
        best = goals[left[0]]
        mask[left[0]] = True
        left = left[~np.all(goals[left] >= best, axis=1)]
    return mask


def views(table: Table, specification: Specification) -> dict[View, int]:
    """The winning row of each view; ties go to the cheaper, then to the likelier."""
    total = scores(table, specification)
    quality = np.where(np.isnan(table.quality), -1.0, np.floor(table.quality / QUALITY_STEP))
    likely = table.probability >= min(0.5, float(table.probability.max(initial=0.0)))
    cost = table.usd_per_month
    latency = table.ttft_ms / specification.ttft_p95_ms + table.itl_ms / specification.itl_p95_ms

    def best(*keys: NDArray[np.float64]) -> int:
        order = np.lexsort([*reversed(keys)])
        return int(next(i for i in order if likely[i]))

    return {
        "balanced": best(-total, cost),
        "best_accuracy": best(-quality, cost, -total),
        "lowest_cost": best(cost, -total),
        "lowest_latency": best(latency, cost),
        "simplest": best(table.gpus.astype(float), -total),
    }
