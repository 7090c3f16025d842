"""Why the others lost: every candidate under the first constraint that it breaks, with the margin."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from tools.planning.candidates import Candidate, in_words
from tools.planning.quality import lowest_useful, quality_of
from tools.planning.rank import scores
from tools.planning.search import Search, Table, latencies
from tools.planning.types import Rejection

EXAMPLES = 3
FAMILIAR = Path(__file__).parent / "data" / "familiar.yaml"
# A load so small that requests hardly ever meet: what breaks here breaks at every load.
IDLE_PER_S = 1e-3


@dataclass(frozen=True)
class Loss:
    """One rejected candidate in words, with what orders the examples: nearest misses first."""

    text: str
    miss: float


def ledger(
    found: Search, table: Table, shown: NDArray[np.int64], over_budget: Table
) -> tuple[Rejection, ...]:
    """All rejections, grouped by reason; `shown` are rows of the table that the plan offers."""
    groups = [
        *(of_refusal(found, reason, positions) for reason, positions in found.refusals.reasons.items()),
        not_fitting(found),
        *too_slow(found),
        unrentable(found, table, over_budget),
        beyond_budget(found, over_budget),
        outranked(found, table, shown),
    ]
    return tuple(sorted((g for g in groups if g.count), key=lambda g: -g.count))


def grouped(reason: str, losses: list[Loss]) -> Rejection:
    """A reason with its nearest misses."""
    nearest = sorted(losses, key=lambda loss: loss.miss)[:EXAMPLES]
    return Rejection(reason=reason, count=len(losses), examples=tuple(loss.text for loss in nearest))


def of_refusal(found: Search, reason: str, positions: NDArray[np.int64]) -> Rejection:
    """Candidates that were not even computed; one example a model."""
    candidates = [found.field.candidates[position] for position in positions[:: max(1, len(positions) // 40)]]
    names = list(dict.fromkeys(example(found, candidate, reason) for candidate in candidates))
    return Rejection(reason=reason, count=len(positions), examples=tuple(names[:EXAMPLES]))


def example(found: Search, candidate: Candidate, reason: str) -> str:
    """What names the refusal best: the GPU, or the model with its figure."""
    if "GPU" in reason or "price" in reason:
        return candidate.gpu.name
    if reason.startswith("quality"):
        value = quality_of(candidate.model, found.specification.use_case).value
        return f"{candidate.model.name} ({value:g})"
    return candidate.model.name


def not_fitting(found: Search) -> Rejection:
    """Candidates whose weights, or one request's KV cache, exceed the GPU's memory."""
    fitting = np.zeros(len(found.field.candidates), dtype=np.bool_)
    fitting[found.pace.index] = True
    memory = found.field.compiled.memory
    wish = found.specification
    losses = []
    for position in np.flatnonzero(found.refusals.allowed & ~fitting):
        candidate = found.field.candidates[position]
        request = memory.kv_bytes_per_token[position] * (wish.prompt_tokens + wish.output_tokens) / 2**30
        needed = (
            memory.weights_gib[position] + memory.runtime_gib[position] + request / candidate.tensor_parallel
        )
        usable = memory.usable_gib[position]
        losses.append(
            Loss(f"{candidate.name}: needs {needed:.1f} GiB a GPU of {usable:.1f} usable", needed - usable)
        )
    return grouped("does not fit in GPU memory", losses)


def too_slow(found: Search) -> list[Rejection]:
    """Candidates that break a target even when hardly anybody asks."""
    wish = found.specification
    slow = found.rows[found.capacity.rate_per_s <= 1e-6]
    if not len(slow):
        return []
    values = latencies(found, slow, np.full(len(slow), IDLE_PER_S))
    targets = (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms)
    losses: dict[str, list[Loss]] = {"TTFT": [], "ITL": [], "E2E": [], "KV cache": []}
    for position, row in enumerate(slow):
        candidate = found.field.candidates[found.pace.index[row]]
        for name, column, target in zip(losses, values, targets, strict=False):
            value = float(column[position])
            if value > target:
                text = f"{candidate.name}: {name} {value:,.0f} ms > {target:,.0f}"
                losses[name].append(Loss(text, value / target))
                break
        else:
            losses["KV cache"].append(Loss(candidate.name, 0.0))
    reasons = {
        name: f"{name} {wish.percentile} above {target:g} ms even when idle"
        for name, target in zip(losses, targets, strict=False)
    }
    reasons["KV cache"] = "KV cache holds too few requests for any load"
    return [grouped(reasons[name], rows) for name, rows in losses.items()]


def unrentable(found: Search, table: Table, over_budget: Table) -> Rejection:
    """Candidates that hold the targets, but that nobody rents in that size."""
    rented = set(table.index.tolist()) | set(over_budget.index.tolist())
    able = found.pace.index[found.rows[found.capacity.rate_per_s > 1e-6]]
    losses = [Loss(found.field.candidates[i].name, 0.0) for i in able if int(i) not in rented]
    return grouped("no listed machine holds a replica of that size", losses)


def beyond_budget(found: Search, over_budget: Table) -> Rejection:
    """Candidates that hold the targets for more than the budget."""
    budget = found.specification.budget_usd_per_month or 0.0
    losses = [
        Loss(f"{found.field.candidates[i].name}: ${cost:,.0f} > ${budget:,.0f}", cost)
        for i, cost in zip(over_budget.index, over_budget.usd_per_month, strict=True)
    ]
    return grouped("over the budget a month", losses)


def outranked(found: Search, table: Table, shown: NDArray[np.int64]) -> Rejection:
    """Candidates that hold every target and are still not the answer."""
    total = scores(table, found.specification)
    others = np.setdiff1d(np.arange(len(table)), shown)
    nearest = others[np.argsort(-total[others])][:EXAMPLES]
    cost = table.usd_per_month
    names = [
        f"{found.field.candidates[table.index[row]].name}: ${cost[row]:,.0f}, score {total[row]:.3f}"
        for row in nearest
    ]
    reason = "holds every target, but another scores higher"
    return Rejection(reason=reason, count=len(others), examples=tuple(names))


@functools.cache
def familiar() -> tuple[tuple[str, str], ...]:
    """Model and GPU of the configurations that people expect."""
    return tuple((entry["model"], entry["gpu"]) for entry in yaml.safe_load(FAMILIAR.read_text()))


def familiar_remarks(found: Search, table: Table) -> list[str]:
    """What became of the expected configurations, one sentence each, where they may be used at all."""
    if not len(table):
        return []
    total = scores(table, found.specification)
    winner = int(np.argmax(total))
    best_model = found.field.candidates[table.index[winner]].model.id
    remarks = []
    for model, gpu in familiar():
        mine = [
            row
            for row, index in enumerate(table.index)
            if found.field.candidates[index].model.id == model
            and found.field.candidates[index].gpu.name == gpu
        ]
        if model == best_model:
            continue
        if not mine:
            remarks += refused_remark(found, model, gpu)
            continue
        row = max(mine, key=lambda row: total[row])
        remarks.append(compare(found, table, row, winner))
    return remarks


def refused_remark(found: Search, model: str, gpu: str) -> list[str]:
    """Why an expected configuration was not even computed; nothing where the user's own words rule it out."""
    wish = found.specification
    if wish.preferred_models or wish.preferred_gpu_types or gpu in wish.excluded_gpu_types:
        return []
    known = next(entry for entry in found.field.catalog.models if entry.id == model)
    value = quality_of(known, wish.use_case).value
    if value is None or value >= lowest_useful():
        return []
    return [
        f"{known.name} on {gpu} is not offered: its quality for the use case is {value:g} of 100, below "
        f"{lowest_useful():g}. Ask for it by name to plan with it all the same."
    ]


def compare(found: Search, table: Table, row: int, winner: int) -> str:
    """Why a row lost to the winner: cost, quality, latency."""
    candidate = found.field.candidates[table.index[row]]
    size = in_words(int(table.replicas[row]), candidate.tensor_parallel, candidate.gpu.name)
    return (
        f"{candidate.model.name} {candidate.checkpoint.precision} on {size} also holds: "
        f"${table.usd_per_month[row]:,.0f} a month against ${table.usd_per_month[winner]:,.0f}, "
        f"quality {table.quality[row]:.0f} against {table.quality[winner]:.0f}."
    )
