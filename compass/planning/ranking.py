"""Scores options against fixed references, picks the winner of each view, finds the Pareto front."""

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.planning.latency_targets import targets_ms
from compass.planning.search import FeasibleTable, Search
from compass.planning.types import Specification, View

Latencies = tuple[FloatArray, FloatArray, FloatArray]
WEIGHTS = {"quality": 0.40, "cost": 0.40, "latency": 0.10, "simplicity": 0.10}
PRIORITY = {"low": 0.4, "medium": 1.0, "high": 2.5}
# A month at the first costs full marks, at the second none; on a logarithmic scale, because money is.
CHEAP_USD, DEAR_USD = 200.0, 100_000.0
# The same of one batch job; the dear reference is as many times dearer.
CHEAP_JOB_USD = 0.1
# Below this quality difference two models are taken as equally good: published scores are no finer.
QUALITY_STEP = 3.0
# A latency this far below its target is as good as any lower one.
ENOUGH_MARGIN = 0.5
# Without any score: taken as a middling model, never as zero.
UNKNOWN_QUALITY = 40.0
# What missing the targets costs, on the scale of the scores: a deployment that has to be planned again.
MISS_PENALTY = 0.5
# A view is not won by what probably fails a stated target: where anything reaches this probability, it must.
# Nobody pays double for surety about a target that nobody stated: there the prediction, with its headroom,
# decides, and going from no chance to certainty is worth as much as a cost 2.2 times as high takes away.
DOUBT = 0.05
LIKELY = 0.8


def weights(specification: Specification) -> dict[str, float]:
    """Return the weights of the four scores: 40/40/10/10, moved by stated priorities, summing to one."""
    moved = {
        "quality": WEIGHTS["quality"] * PRIORITY[specification.accuracy_priority],
        "cost": WEIGHTS["cost"] * PRIORITY[specification.cost_priority],
        "latency": WEIGHTS["latency"] * PRIORITY[specification.latency_priority] ** 1.5,
        "simplicity": WEIGHTS["simplicity"],
    }
    total = sum(moved.values())
    return {name: value / total for name, value in moved.items()}


def quality_score(quality: FloatArray) -> FloatArray:
    """Return 0 to 1; NaN counts as a middling model."""
    return np.asarray(np.where(np.isnan(quality), UNKNOWN_QUALITY, quality) / 100.0)


def cheap_usd(specification: Specification) -> float:
    """Return the US dollars a month that cost full marks: of a service, or of all runs of a batch job."""
    return CHEAP_JOB_USD * specification.jobs_per_month if specification.load_form == "batch" else CHEAP_USD


def cost_score(usd_per_month: FloatArray, cheap: float = CHEAP_USD) -> FloatArray:
    """Return 1 at the cheap reference and below, 0 at the dear one, minus infinity where nobody rents it.

    The dear reference is always so many times the cheap one.
    """
    span = np.log(DEAR_USD / CHEAP_USD)
    return np.asarray(1.0 - np.log(np.maximum(usd_per_month, cheap) / cheap) / span)


def latency_score(values: Latencies, specification: Specification) -> FloatArray:
    """Return 1 where TTFT, ITL and E2E are all at half their targets or below, 0 where all are at them.

    A latency without a target has margin enough.
    """
    pairs = zip(values, targets_ms(specification)[:3], strict=True)
    margins = [
        np.clip((1.0 - value / target) / ENOUGH_MARGIN, 0.0, 1.0)
        if np.isfinite(target)
        else np.ones_like(value)
        for value, target in pairs
    ]
    return np.asarray(sum(margins, np.zeros_like(margins[0])) / len(margins))


def simplicity_score(replicas: IntArray, gpus_per_replica: IntArray) -> FloatArray:
    """Return 1 for one GPU, less for more of them, and less where a replica spans several."""
    gpus = np.maximum(replicas * gpus_per_replica, 1)
    return np.asarray(1.0 / (1.0 + np.log2(gpus) / 3.0) * (0.5 + 0.5 / gpus_per_replica))


def expected_score(score: FloatArray, surety: FloatArray, chance: FloatArray) -> FloatArray:
    """Return the mean of the score if the stated targets hold and of the penalty if they do not.

    `surety`: the probability that they do, `chance`: that the assumed ones hold as well.
    """
    doubt = DOUBT * np.maximum(surety - chance, 0.0)
    return np.asarray(surety * score - (1.0 - surety) * MISS_PENALTY - doubt)


def scores(feasible: FeasibleTable, specification: Specification) -> FloatArray:
    """Return the expected score of each option, up to 1; no part of it depends on another option."""
    weight = weights(specification)
    score = (
        weight["quality"] * quality_score(feasible.quality)
        + weight["cost"] * cost_score(feasible.usd_per_month, cheap_usd(specification))
        + weight["latency"]
        * latency_score((feasible.ttft_ms, feasible.itl_ms, feasible.e2e_ms), specification)
        + weight["simplicity"] * simplicity_score(feasible.replicas, feasible.gpus_per_replica)
    )
    return expected_score(score, feasible.surety, feasible.slo_probability)


def pareto(feasible: FeasibleTable) -> BoolArray:
    """Return a mask of the options that none beats in cost, TTFT and quality; of equal ones the first."""
    qualities = quality_score(feasible.quality)
    order = np.lexsort((-qualities, feasible.ttft_ms, feasible.usd_per_month))
    ttft, quality = feasible.ttft_ms[order], qualities[order]
    mask = np.zeros(len(feasible), dtype=np.bool_)
    # There are about as many qualities as models: for each, the lowest TTFT of those as good and no dearer.
    for level in np.unique(quality):
        among = np.where(quality >= level, ttft, np.inf)
        before = np.concatenate([[np.inf], np.minimum.accumulate(among)[:-1]])
        mask[order] |= (quality == level) & (ttft < before)
    return mask


def view_winners(search: Search, feasible: FeasibleTable, total: FloatArray) -> dict[View, int]:
    """Return the winning row of each view; ties go to the cheaper, then to the higher score."""
    quality = np.where(np.isnan(feasible.quality), -1.0, np.floor(feasible.quality / QUALITY_STEP))
    highest = float(feasible.surety.max(initial=0.0))
    likely = np.flatnonzero(feasible.surety >= min(LIKELY, highest))
    cost = feasible.usd_per_month

    def best(among: IntArray, *keys: FloatArray) -> int:
        return int(among[np.lexsort([key[among] for key in reversed(keys)])[0]])

    return {
        "balanced": best(np.arange(len(feasible)), -total, cost),
        "best_accuracy": best(likely, -quality, cost, -total),
        "lowest_cost": best(likely, cost, -total),
        "lowest_latency": best(as_fast_as_the_fastest(search, feasible, likely), cost, -total),
        "simplest": best(likely, feasible.gpus.astype(float), -total),
    }


def as_fast_as_the_fastest(search: Search, feasible: FeasibleTable, among: IntArray) -> IntArray:
    """Return rows whose TTFT and ITL lie within the 80 % interval of the fastest: they cannot be told apart.

    A faster figure inside the interval is no reason to pay several times as much.
    """
    ttft_target, itl_target, *_ = targets_ms(search.specification)
    # Without a target each counts by itself.
    ttft_unit = ttft_target if np.isfinite(ttft_target) else float(feasible.ttft_ms[among].min())
    itl_unit = itl_target if np.isfinite(itl_target) else float(feasible.itl_ms[among].min())
    relative = feasible.ttft_ms / ttft_unit + feasible.itl_ms / itl_unit
    fastest = int(among[np.argmin(relative[among])])
    at = feasible.row[fastest]
    slow_ttft = feasible.ttft_ms[fastest] * np.exp(search.step_times.ttft_log_spread[at])
    slow_itl = feasible.itl_ms[fastest] * np.exp(search.step_times.itl_log_spread[at])
    return np.asarray(among[(feasible.ttft_ms[among] <= slow_ttft) & (feasible.itl_ms[among] <= slow_itl)])
