"""Why the others lost: every candidate under the first constraint that it breaks, with the margin."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import parse_yaml
from compass.planning.candidates import Candidate, in_words
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.ranking import cost_part, latency_part, quality_part, simplicity_part, weights
from compass.planning.search import Exclusion, Search, Table
from compass.planning.types import Rejection, RejectionKind, percent

EXAMPLES = 3
FAMILIAR = Path(__file__).parent / "data" / "familiar.yaml"
# What costs so many times the winner is nothing that anybody would expect in its place.
FAR_DEARER = 10.0
TARGETS: tuple[RejectionKind, ...] = ("ttft", "itl", "e2e")


def ledger(
    found: Search, table: Table, shown: IntArray, over_budget: Table, total: FloatArray
) -> tuple[Rejection, ...]:
    """All rejections, grouped by reason; `shown` are rows that the plan offers, `total` all scores."""
    groups = [
        *(excluded(found, exclusion, index) for exclusion, index in found.exclusions.groups.items()),
        not_fitting(found),
        *too_slow(found),
        unrentable(found, table, over_budget),
        beyond_budget(found, over_budget),
        *outranked(found, table, shown, total),
    ]
    return tuple(sorted((g for g in groups if g.count), key=lambda g: -g.count))


def grouped(kind: RejectionKind, reason: str, miss: FloatArray, text: Callable[[int], str]) -> Rejection:
    """A reason with its nearest misses; `text` says the one at a position of `miss`."""
    nearest = np.argsort(miss, kind="stable")[:EXAMPLES]
    examples = tuple(text(int(at)) for at in nearest)
    return Rejection(kind=kind, reason=reason, count=len(miss), examples=examples)


def excluded(found: Search, exclusion: Exclusion, index: IntArray) -> Rejection:
    """Candidates that were not even computed; one example a model or a GPU."""
    kind, reason = exclusion
    candidates = [found.field.candidates[position] for position in index[:: max(1, len(index) // 40)]]
    names = list(dict.fromkeys(excluded_name(found, candidate, kind) for candidate in candidates))
    return Rejection(kind=kind, reason=reason, count=len(index), examples=tuple(names[:EXAMPLES]))


def excluded_name(found: Search, candidate: Candidate, kind: RejectionKind) -> str:
    """The GPU or the model that is excluded, with the figure that excludes it."""
    if kind in ("gpu_not_preferred", "gpu_excluded", "no_price"):
        return candidate.gpu.name
    if kind == "quality":
        value = quality_of(candidate.model, found.specification.use_case).value
        return f"{candidate.model.name} ({value:g})"
    return candidate.model.name


def not_fitting(found: Search) -> Rejection:
    """Candidates whose weights, or one request's KV cache, exceed the GPU's memory."""
    fitting = np.zeros(len(found.field.candidates), dtype=np.bool_)
    fitting[found.pace.index] = True
    memory, wish = found.field.compiled.memory, found.specification
    at = np.flatnonzero(found.exclusions.allowed & ~fitting)
    tokens = wish.prompt_tokens + wish.output_tokens
    request = (memory.kv_bytes_per_token[at] * tokens + memory.state_bytes[at]) / 2**30
    needed = memory.weights_gib[at] + memory.runtime_gib[at] + request / found.field.size[at]
    usable = memory.usable_gib[at]

    def text(row: int) -> str:
        name = found.field.candidates[at[row]].name
        return f"{name}: needs {needed[row]:.2f} GiB a GPU, has {usable[row]:.2f}"

    return grouped("memory", "does not fit in GPU memory", needed - usable, text)


def too_slow(found: Search) -> list[Rejection]:
    """Candidates that break a target even when hardly anybody asks."""
    wish, idle = found.specification, found.capacity.idle
    at = np.flatnonzero(found.capacity.rate_per_s <= 0)
    names = ("TTFT", "ITL", "E2E")
    targets = np.array([wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms])
    values = np.stack([of(wish.percentile)[at, 0] for of in (idle.ttft, idle.itl, idle.e2e)])
    broken = values > targets[:, None]
    first = np.where(broken.any(axis=0), broken.argmax(axis=0), len(names))
    groups = [slow_group(found, at[first == which], values[:, first == which], which) for which in range(3)]
    cramped = found.pace.index[found.rows[at[first == len(names)]]]
    cramped_names = [found.field.candidates[position].name for position in cramped]
    reason = "KV cache holds too few requests for any load"
    return [*groups, grouped("kv_cache", reason, np.zeros(len(cramped)), cramped_names.__getitem__)]


def slow_group(found: Search, at: IntArray, values: FloatArray, which: int) -> Rejection:
    """Those that break TTFT (0), ITL (1) or E2E (2) first."""
    wish = found.specification
    name = ("TTFT", "ITL", "E2E")[which]
    target = (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms)[which]
    index = found.pace.index[found.rows[at]]

    def text(row: int) -> str:
        value = f"{values[which, row]:,.4g} ms > {target:,.4g}"
        return f"{found.field.candidates[index[row]].name}: {name} {value}"

    reason = f"{name} {wish.percentile} above {target:g} ms even when idle"
    return grouped(TARGETS[which], reason, values[which] / target, text)


def unrentable(found: Search, table: Table, over_budget: Table) -> Rejection:
    """Candidates that hold the targets, but that nobody rents in that size."""
    able = found.pace.index[found.rows[found.able]]
    left = np.setdiff1d(able, np.concatenate([table.index, over_budget.index]))
    names = [found.field.candidates[position].name for position in left]
    reason = "no listed machine holds a replica of that size"
    return grouped("no_machine", reason, np.zeros(len(left)), names.__getitem__)


def beyond_budget(found: Search, over_budget: Table) -> Rejection:
    """Candidates that hold the targets for more than the budget."""
    budget = found.specification.budget_usd_per_month or 0.0
    cost = over_budget.usd_per_month

    def text(row: int) -> str:
        return f"{found.field.candidates[over_budget.index[row]].name}: ${cost[row]:,.0f} > ${budget:,.0f}"

    return grouped("budget", "over the budget a month", cost, text)


def outranked(found: Search, table: Table, shown: IntArray, total: FloatArray) -> list[Rejection]:
    """Candidates that hold every target and are still not the answer, by what they lose most by."""
    if not len(table):
        return []
    winner = int(shown[0])
    others = np.setdiff1d(np.arange(len(table)), shown)
    lost = losses(found, table, winner)
    worst = np.argmax(lost[:, others], axis=0)
    return [lost_by(found, table, winner, others[worst == which], total, which) for which in range(len(lost))]


def losses(found: Search, table: Table, winner: int) -> FloatArray:
    """What each row loses to the winner by cost, quality, chance, latency and GPUs, shape (5, K)."""
    wish, weight = found.specification, weights(found.specification)
    parts = np.stack(
        [
            weight["cost"] * cost_part(table.usd_per_month),
            weight["quality"] * quality_part(table.quality),
            table.probability,
            weight["latency"] * latency_part((table.ttft_ms, table.itl_ms, table.e2e_ms), wish),
            weight["simplicity"] * simplicity_part(table.replicas, table.size),
        ]
    )
    return np.asarray(parts[:, winner][:, None] - parts)


LOST_BY: tuple[tuple[RejectionKind, str], ...] = (
    ("dearer", "holds, but is dearer"),
    ("weaker_model", "holds, but the model is weaker"),
    ("less_likely", "holds, but less surely"),
    ("less_margin", "holds, but with less margin"),
    ("more_gpus", "holds, but takes more GPUs"),
)


def known_quality(value: float) -> str:
    """Without decimals; "?" where no score is published."""
    return "?" if np.isnan(value) else f"{value:.0f}"


def lost_by(
    found: Search, table: Table, winner: int, rows: IntArray, total: FloatArray, which: int
) -> Rejection:
    """One group of those that lost to the balanced option."""

    def figure(row: int) -> str:
        return (
            f"${table.usd_per_month[row]:,.0f}",
            f"quality {known_quality(table.quality[row])}",
            percent(float(table.probability[row])),
            f"TTFT {table.ttft_ms[row]:,.0f}, ITL {table.itl_ms[row]:.1f} ms",
            f"{table.gpus[row]} GPUs",
        )[which]

    def text(at: int) -> str:
        row = int(rows[at])
        candidate = found.field.candidates[table.index[row]]
        place = in_words(int(table.replicas[row]), candidate.tensor_parallel, candidate.gpu.name)
        name = f"{candidate.model.name} {candidate.checkpoint.precision} on {place}"
        return f"{name}: {figure(row)} against {figure(winner)}"

    return grouped(*LOST_BY[which], -total[rows], text)


@functools.cache
def familiar() -> tuple[tuple[str, str], ...]:
    """Model and GPU of the configurations that people expect."""
    return tuple((entry["model"], entry["gpu"]) for entry in parse_yaml(FAMILIAR.read_text()))


def familiar_remarks(found: Search, table: Table, total: FloatArray) -> list[str]:
    """What became of the expected configurations, a sentence each, nearest in price first.

    Nothing of those that the user's own words rule out.
    """
    catalog = found.field.catalog
    winner = int(np.argmax(total))
    model_at, gpu_at = found.field.model_at[table.index], found.field.gpu_at[table.index]
    said: list[tuple[float, str]] = []
    for model, gpu in familiar():
        known = next(at for at, entry in enumerate(catalog.models) if entry.id == model)
        where = next(at for at, entry in enumerate(catalog.gpus) if entry.name == gpu)
        if known == model_at[winner]:
            continue
        mine = np.flatnonzero((model_at == known) & (gpu_at == where))
        if len(mine):
            row = int(mine[np.argmax(total[mine])])
            ratio = float(table.usd_per_month[row] / table.usd_per_month[winner])
            said.append((abs(np.log(ratio)), compare(found, table, row, winner)))
        else:
            said += [(np.log(FAR_DEARER), remark) for remark in refused_remark(found, known, where)]
    return [remark for _, remark in sorted(said, key=lambda entry: entry[0])]


def refused_remark(found: Search, model_at: int, gpu_at: int) -> list[str]:
    """Why no size of an expected configuration holds: its quality, its memory or its speed when idle."""
    wish, field = found.specification, found.field
    model, gpu = field.catalog.models[model_at], field.catalog.gpus[gpu_at].name
    if wish.preferred_models or wish.preferred_gpu_types or gpu in wish.excluded_gpu_types:
        return []
    name = f"{model.name} on {gpu}"
    value = quality_of(model, wish.use_case).value
    if value is not None and value < lowest_useful():
        low = f"quality {value:g} of 100, below {lowest_useful():g}"
        return [f"{name} is left out: {low}; name it to plan with it."]
    index = found.pace.index[found.rows]
    mine = np.flatnonzero((field.model_at[index] == model_at) & (field.gpu_at[index] == gpu_at))
    if not len(mine):
        return []
    idle = found.capacity.idle
    values = np.stack([of(wish.percentile)[mine, 0] for of in (idle.ttft, idle.itl, idle.e2e)])
    targets = np.array([wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms])[:, None]
    best = int(np.argmin((values / targets).max(axis=0)))
    worst = int(np.argmax(values[:, best] / targets[:, 0]))
    if values[worst, best] <= targets[worst, 0]:
        return []
    broken = f"{('TTFT', 'ITL', 'E2E')[worst]} {values[worst, best]:,.5g} ms > {targets[worst, 0]:,g}"
    return [f"{name} is too slow in any size: {broken} even when idle."]


def compare(found: Search, table: Table, row: int, winner: int) -> str:
    """Why a row lost to the winner: cost, quality, latency."""
    candidate = found.field.candidates[table.index[row]]
    size = in_words(int(table.replicas[row]), candidate.tensor_parallel, candidate.gpu.name)
    return (
        f"{candidate.model.name} {candidate.checkpoint.precision} on {size} holds too: "
        f"${table.usd_per_month[row]:,.0f} against ${table.usd_per_month[winner]:,.0f}, "
        f"quality {known_quality(table.quality[row])} against {known_quality(table.quality[winner])}."
    )
