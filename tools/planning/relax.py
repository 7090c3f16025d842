"""When nothing fits: the nearest changes of the request that would, each with its price."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.planning.candidates import in_words
from tools.planning.ledger import IDLE_PER_S
from tools.planning.pace import Field
from tools.planning.rank import scores
from tools.planning.search import Search, evaluate, latencies, search
from tools.planning.types import Relaxation, Specification

# Above the idle latency by this much: a replica must carry some load to be worth its price.
ROOM = 1.25
TARGETS = {"ttft_p95_ms": "TTFT", "itl_p95_ms": "ITL", "e2e_p95_ms": "E2E"}


def relaxations(space: Field, found: Search) -> tuple[Relaxation, ...]:
    """Each change that alone makes a plan possible, cheapest first; all targets together where none does."""
    tried = [relaxation(space, *change) for change in changes(found)]
    possible = [entry for entry in tried if entry is not None]
    if not possible:
        possible = [entry for entry in [relaxation(space, *all_targets(found))] if entry is not None]
    return tuple(sorted(possible, key=lambda entry: entry.usd_per_month))


Change = tuple[Specification, str, str, str]


def changes(found: Search) -> Iterator[Change]:
    """Requests that differ in one thing: (specification, what changes, field, value)."""
    wish = found.specification
    for field, needed in needed_targets(found).items():
        value = round_up(needed * ROOM)
        text = f"{TARGETS[field]} {wish.percentile} ≤ {value:,.0f} ms instead of {getattr(wish, field):,.0f}"
        yield wish.model_copy(update={field: value}), text, field, f"{value:g}"
    drops: dict[str, tuple[str, Any]] = {
        "budget_usd_per_month": ("no budget limit", None),
        "preferred_gpu_types": ("any GPU", ()),
        "excluded_gpu_types": ("the excluded GPUs too", ()),
        "preferred_models": ("any model", ()),
        "provider": ("any provider", None),
    }
    for field, (text, empty) in drops.items():
        if getattr(wish, field):
            yield wish.model_copy(update={field: empty}), text, field, "any"
    if wish.pricing != "on-demand":
        yield wish.model_copy(update={"pricing": "on-demand"}), "on-demand prices", "pricing", "on-demand"


def needed_targets(found: Search) -> dict[str, float]:
    """For each broken target, the lowest value in ms that some candidate holds beside the other targets."""
    if not len(found.rows):
        return {}
    wish = found.specification
    values = latencies(found, found.rows, np.full(len(found.rows), IDLE_PER_S))[:3]
    limits = [getattr(wish, field) for field in TARGETS]
    holds = [value <= limit for value, limit in zip(values, limits, strict=True)]
    needed: dict[str, float] = {}
    for at, field in enumerate(TARGETS):
        others = np.logical_and.reduce([hold for other, hold in enumerate(holds) if other != at])
        if others.any() and not (others & holds[at]).any():
            needed[field] = float(values[at][others].min())
    return needed


def all_targets(found: Search) -> Change:
    """All three targets, loosened to what the nearest candidate holds."""
    wish = found.specification
    if not len(found.rows):
        return wish, "", "", ""
    values = latencies(found, found.rows, np.full(len(found.rows), IDLE_PER_S))[:3]
    limits = [getattr(wish, field) for field in TARGETS]
    ratios = np.max([value / limit for value, limit in zip(values, limits, strict=True)], axis=0)
    nearest = int(np.argmin(ratios))
    loose = {
        field: max(limit, round_up(float(value[nearest]) * ROOM))
        for field, limit, value in zip(TARGETS, limits, values, strict=True)
    }
    text = "all targets: " + ", ".join(f"{TARGETS[name]} ≤ {value:,.0f} ms" for name, value in loose.items())
    return wish.model_copy(update=loose), text, "targets", text


def relaxation(space: Field, wish: Specification, text: str, field: str, value: str) -> Relaxation | None:
    """The change priced by its best option, None where it does not help."""
    if not text:
        return None
    found = search(space, wish)
    table = evaluate(found, wish.peak_requests_per_second)
    if wish.budget_usd_per_month:
        table = table.take(table.usd_per_month <= wish.budget_usd_per_month)
    if not len(table):
        return None
    row = int(np.argmax(scores(table, wish)))
    candidate = space.candidates[table.index[row]]
    return Relaxation(
        change=text,
        field=field,
        value=value,
        option=(
            f"{candidate.model.name} {candidate.checkpoint.precision} on "
            f"{in_words(int(table.replicas[row]), candidate.tensor_parallel, candidate.gpu.name)}"
        ),
        usd_per_month=round(float(table.usd_per_month[row]), 2),
    )


def round_up(value: float) -> float:
    """To two significant digits, upwards."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / scale) * scale
