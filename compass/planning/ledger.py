"""Groups every rejected candidate under the first constraint that it breaks, with its margin."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import chance, counted, exact_milliseconds, milliseconds, money
from compass.planning.answer_lengths import reasons
from compass.planning.candidates import Candidate
from compass.planning.exclusions import Exclusion, window_tokens
from compass.planning.latency_targets import LATENCY_TARGETS, targets_ms
from compass.planning.quality import quality_of
from compass.planning.ranking import (
    cheap_usd,
    cost_score,
    latency_score,
    quality_score,
    simplicity_score,
    weights,
)
from compass.planning.search import FeasibleTable, Search, idle_latencies
from compass.planning.types import Rejection, RejectionKind

EXAMPLES = 3
SEEN_FOR_EXAMPLES = 40
"""Of a group of excluded candidates, so many are looked at for examples."""
OUTRANKED: tuple[tuple[RejectionKind, str], ...] = (
    ("dearer", "holds, but is dearer"),
    ("weaker_model", "holds, but the model is weaker"),
    ("less_likely", "holds, but less surely"),
    ("less_margin", "holds, but with less margin"),
    ("more_gpus", "holds, but takes more GPUs"),
)
"""In the order of `losses`."""


@dataclass(frozen=True)
class BeyondLimits:
    """Candidates that hold the targets, and take more than the budget or more GPUs than there are."""

    budget: FeasibleTable
    gpu_count: FeasibleTable


def ledger(
    search: Search, feasible: FeasibleTable, shown: IntArray, over: BeyondLimits, total: FloatArray
) -> tuple[Rejection, ...]:
    """Return all rejections by reason, largest first; `shown`: rows that the plan offers, `total`: scores."""
    groups = [
        *(excluded(search, exclusion, index) for exclusion, index in search.exclusions.groups.items()),
        not_fitting(search),
        *too_slow(search),
        unrentable(search, feasible, over),
        beyond_count(search, over.gpu_count),
        beyond_budget(search, over.budget),
        *outranked(search, feasible, shown, total),
    ]
    return tuple(sorted((group for group in groups if group.count), key=lambda group: -group.count))


def rejection(kind: RejectionKind, reason: str, miss: FloatArray, text: Callable[[int], str]) -> Rejection:
    """Return one group with its nearest misses as examples; `text` describes the one at a position."""
    nearest = np.argsort(miss, kind="stable")[:EXAMPLES]
    examples = tuple(text(int(at)) for at in nearest)
    return Rejection(kind=kind, reason=reason, count=len(miss), examples=examples)


def excluded(search: Search, exclusion: Exclusion, index: IntArray) -> Rejection:
    """Return candidates that were not computed; one example a model or a GPU."""
    kind, reason = exclusion
    step = max(1, len(index) // SEEN_FOR_EXAMPLES)
    candidates = [search.space.candidates[position] for position in index[::step]]
    names = list(dict.fromkeys(excluded_name(search, candidate, kind) for candidate in candidates))
    return Rejection(kind=kind, reason=reason, count=len(index), examples=tuple(names[:EXAMPLES]))


def excluded_name(search: Search, candidate: Candidate, kind: RejectionKind) -> str:
    """Return the GPU or the model that is excluded, with the figure that excludes it."""
    if kind in ("gpu_not_preferred", "gpu_excluded", "no_price"):
        return candidate.gpu.name
    if kind == "precision":
        return f"{candidate.model.name} {candidate.checkpoint.precision}"
    if kind == "tensor_parallel":
        return candidate.name
    if kind == "quality":
        thinks = reasons(candidate.model, search.specification)
        value = quality_of(candidate.model, search.specification.use_case, thinks).value
        return f"{candidate.model.name} ({value:g})"
    return candidate.model.name


def not_fitting(search: Search) -> Rejection:
    """Return candidates whose weights, or one request's KV cache, exceed the GPU's memory."""
    space, specification = search.space, search.specification
    fitting = np.zeros(len(space.candidates), dtype=np.bool_)
    fitting[search.step_times.index[search.rows]] = True
    memory = space.compiled.memory
    index = np.flatnonzero(search.exclusions.allowed & ~fitting)
    tokens = window_tokens(specification, search.lengths.output_tokens)[space.model_at[index]]
    request = (memory.kv_bytes_per_token[index] * tokens + memory.state_bytes[index]) / 2**30
    needed = memory.weights_gib[index] + memory.runtime_gib[index] + request / space.gpus_per_replica[index]
    usable = memory.usable_gib[index]

    def text(at: int) -> str:
        name = space.candidates[index[at]].name
        return f"{name}: needs {needed[at]:.2f} GiB a GPU, has {usable[at]:.2f}"

    return rejection("memory", "does not fit in GPU memory", needed - usable, text)


def too_slow(search: Search) -> list[Rejection]:
    """Return candidates that break a target even when idle, and those with too small a KV cache."""
    at = np.flatnonzero(search.capacity.rate_per_s <= 0)
    index = search.step_times.index[search.rows[at]]
    values = idle_latencies(search, at)
    broken = values > np.array(targets_ms(search.specification))[:, None]
    first = np.where(broken.any(axis=0), broken.argmax(axis=0), len(LATENCY_TARGETS))
    slow = [
        above_target(search, index[first == which], values[which, first == which], which)
        for which in range(len(LATENCY_TARGETS))
    ]
    cramped = [search.space.candidates[position].name for position in index[first == len(LATENCY_TARGETS)]]
    reason = "KV cache holds too few requests for any load"
    return [*slow, rejection("kv_cache", reason, np.zeros(len(cramped)), cramped.__getitem__)]


def above_target(search: Search, index: IntArray, values_ms: FloatArray, which: int) -> Rejection:
    """Return candidates that break one latency first; `which`: its place in `LATENCY_TARGETS`."""
    kind, name = LATENCY_TARGETS[which].kind, LATENCY_TARGETS[which].name
    target = targets_ms(search.specification)[which]

    def text(at: int) -> str:
        candidate = search.space.candidates[index[at]]
        return f"{candidate.name}: {name} {over_target(values_ms[at], target)}"

    reason = f"{name} {search.specification.percentile} above {exact_milliseconds(target)} even when idle"
    return rejection(kind, reason, values_ms / target, text)


def unrentable(search: Search, feasible: FeasibleTable, over: BeyondLimits) -> Rejection:
    """Return candidates that hold the targets, but that no offer is large enough for."""
    holding = search.step_times.index[search.rows[search.with_capacity]]
    left = np.setdiff1d(holding, np.concatenate([feasible.index, over.budget.index, over.gpu_count.index]))
    names = [search.space.candidates[position].name for position in left]
    reason = "no listed machine holds a replica of that size"
    return rejection("no_machine", reason, np.zeros(len(left)), names.__getitem__)


def beyond_count(search: Search, over_count: FeasibleTable) -> Rejection:
    """Return candidates that hold the targets on more GPUs than there are."""
    count, gpus = search.specification.gpu_count or 0, over_count.gpus

    def text(row: int) -> str:
        candidate = search.space.candidates[over_count.index[row]]
        return f"{candidate.name_of(int(over_count.replicas[row]))}: {gpus[row]} > {counted(count, 'GPU')}"

    return rejection("gpu_count", f"takes more than {counted(count, 'GPU')}", gpus.astype(float), text)


def beyond_budget(search: Search, over_budget: FeasibleTable) -> Rejection:
    """Return candidates that hold the targets for more than the budget."""
    budget = search.specification.budget_usd_per_month or 0.0
    month = over_budget.usd_per_month

    def text(row: int) -> str:
        return (
            f"{search.space.candidates[over_budget.index[row]].name}: {money(month[row])} > {money(budget)}"
        )

    return rejection("budget", "over the budget a month", month, text)


def outranked(search: Search, feasible: FeasibleTable, shown: IntArray, total: FloatArray) -> list[Rejection]:
    """Return candidates that hold every target and were not chosen, by what they lose most by."""
    if not len(feasible):
        return []
    winner = int(shown[0])
    others = np.setdiff1d(np.arange(len(feasible)), shown)
    lost = losses(search, feasible, winner)
    worst = np.argmax(lost[:, others], axis=0)
    return [
        lost_by(search, feasible, winner, others[worst == which], total, which) for which in range(len(lost))
    ]


def losses(search: Search, feasible: FeasibleTable, winner: int) -> FloatArray:
    """Return what each row loses to the winner by cost, quality, probability, latency, GPUs, shape (5, K)."""
    specification, weight = search.specification, weights(search.specification)
    latencies = feasible.ttft_ms, feasible.itl_ms, feasible.e2e_ms
    parts = np.stack(
        [
            weight["cost"] * cost_score(feasible.usd_per_month, cheap_usd(specification)),
            weight["quality"] * quality_score(feasible.quality),
            feasible.surety,
            weight["latency"] * latency_score(latencies, specification),
            weight["simplicity"] * simplicity_score(feasible.replicas, feasible.gpus_per_replica),
        ]
    )
    return np.asarray(parts[:, winner][:, None] - parts)


def lost_by(
    search: Search, feasible: FeasibleTable, winner: int, rows: IntArray, total: FloatArray, which: int
) -> Rejection:
    """Return the rows that lost to the balanced option by one of OUTRANKED."""

    def figure(row: int) -> str:
        return (
            money(feasible.usd_per_month[row]) if search.priced else f"{feasible.gpus[row]} GPUs",
            f"quality {quality_in_words(feasible.quality[row])}",
            chance(float(feasible.slo_probability[row])),
            f"TTFT {milliseconds(feasible.ttft_ms[row])}, ITL {milliseconds(feasible.itl_ms[row])}",
            f"{feasible.gpus[row]} GPUs",
        )[which]

    def text(at: int) -> str:
        row = int(rows[at])
        name = search.space.candidates[feasible.index[row]].name_of(int(feasible.replicas[row]))
        return f"{name}: {figure(row)} against {figure(winner)}"

    kind, reason = OUTRANKED[which] if which or search.priced else OUTRANKED[-1]
    return rejection(kind, reason, -total[rows], text)


def over_target(ms: float, target_ms: float) -> str:
    """Return how far a latency is above its target, with digits enough to see that it is."""
    return f"{exact_milliseconds(float(f'{ms:.5g}'))} > {exact_milliseconds(target_ms)}"


def quality_in_words(value: float) -> str:
    """Return the quality without decimals; "?" where no score is published."""
    return "?" if np.isnan(value) else f"{value:.0f}"
