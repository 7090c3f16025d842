"""Targets that nobody stated: how they give way where they alone make a plan impossible, unsure or very dear.

They go to the slower end of what is usual for the use case first, then beyond it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compass.catalog import find_use_case
from compass.core import exact_milliseconds, money
from compass.planning.latency_targets import USUAL_TARGETS
from compass.planning.limits import within_limits
from compass.planning.ranking import LIKELY
from compass.planning.search import FeasibleTable, Search, feasible_table, run_search
from compass.planning.types import Assumption, Specification

FIELDS = {target.field: target.wish for target in USUAL_TARGETS}
"""Targets of a specification that may be assumed, and the wishes that state them."""
NAMES = {target.wish: target.name for target in USUAL_TARGETS}
BEYOND = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Assumed targets are tried at so many times the slower end of what is usual, then without."""
NAMING = {"preferred_models", "preferred_gpu_types", "precision", "model_parameters_b", "gpu_count"}
"""Wishes that leave few configurations: who names them takes the speed that they have."""
MANY_GPUS = 2
MUCH_CHEAPER = 0.6
STILL_CHEAPER = 0.7
"""Of the cost at the slower end of what is usual: less is worth going a little beyond it."""
AS_DEAR = 1.1
"""A target stays as it was where that costs no more than so many times as much."""


@dataclass(frozen=True)
class Best:
    """The cheapest option of a search, within the limits, that holds what was stated; else the likeliest."""

    probability: float
    """The highest of any option; 0 without one."""
    usd_per_month: float
    """Infinite without an option."""
    gpus: int
    name: str


def assumed_fields(specification: Specification) -> list[str]:
    """Return the targets of a specification that bind and that nobody stated."""
    return [
        field
        for field, wish in FIELDS.items()
        if wish not in specification.stated and getattr(specification, field) is not None
    ]


def best_of(search: Search, feasible: FeasibleTable) -> Best:
    """Return the cheapest option that holds the stated targets with likelihood; else the likeliest."""
    if not len(feasible):
        return Best(0.0, np.inf, 0, "nothing")
    likely = np.flatnonzero(feasible.surety >= min(LIKELY, float(feasible.surety.max())))
    row = int(likely[np.argmin(feasible.usd_per_month[likely])])
    name = search.space.candidates[feasible.index[row]].name_of(int(feasible.replicas[row]))
    highest = float(feasible.slo_probability.max())
    return Best(highest, float(feasible.usd_per_month[row]), int(feasible.gpus[row]), name)


def found(search: Search) -> Best:
    """Return the best of what a search finds."""
    return best_of(search, within_limits(search, feasible_table(search, search.load)).feasible)


def search_at_looser_targets(search: Search, feasible: FeasibleTable) -> Search | None:
    """Return the search with looser assumed targets; None where the usual ones hold at a fair price.

    `feasible`: what holds today within the limits.
    """
    today = search.specification
    fields, before = assumed_fields(today), best_of(search, feasible)
    sure = before.probability >= LIKELY
    if not fields or (sure and not may_be_dear(today, before)):
        return None
    if not sure and not helps_to_drop(search, fields, before):
        return None
    again, best = loosened_search(search, fields, before)
    gained = best.usd_per_month < MUCH_CHEAPER * before.usd_per_month
    if best.probability < LIKELY:
        gained = before.probability == 0 < best.probability
    if not gained and (sure or best.probability < LIKELY):
        return None
    return as_told(with_least_changed(again, best, today, fields), today, before)


def loosened_search(search: Search, fields: list[str], before: Best) -> tuple[Search, Best]:
    """Return the search at targets loose enough to hold; one step more where that alone saves much."""
    steps = (run_search(search.space, change) for change in looser(search, fields))
    first = again = next(steps)
    best = found(again)
    while max(before.probability, best.probability) < LIKELY:
        if (following := next(steps, None)) is None:
            break
        again, best = following, found(following)
    if again is first and may_be_dear(search.specification, before):
        beyond = next(steps)
        after = found(beyond)
        if after.usd_per_month < STILL_CHEAPER * best.usd_per_month:
            return beyond, after
    return again, best


def helps_to_drop(search: Search, fields: list[str], before: Best) -> bool:
    """Whether anything is gained without the assumed targets at all."""
    free = search.specification.model_copy(update=dict.fromkeys(fields))
    after = found(run_search(search.space, free)).probability
    return after >= LIKELY or before.probability == 0 < after


def may_be_dear(specification: Specification, best: Best) -> bool:
    """Whether usual targets may cost many GPUs of what was named."""
    return bool(NAMING & specification.stated) and best.gpus >= MANY_GPUS


def looser(search: Search, fields: list[str]) -> Iterator[Specification]:
    """Yield specifications with looser assumed targets, at last without."""
    today = search.specification
    use_case = find_use_case(search.space.catalog, today.use_case)
    usual = use_case.targets.model_dump()
    slow = {
        field: max(1.0, use_case.target_range[FIELDS[field]][1] / usual[FIELDS[field]]) for field in fields
    }
    for times in BEYOND:
        yield today.model_copy(
            update={field: loosened(getattr(today, field), slow[field] * times) for field in fields}
        )
    yield today.model_copy(update=dict.fromkeys(fields))


def loosened(ms: float, times: float) -> float:
    """Return a target so many times as loose, with two digits where it changes."""
    return ms if times == 1 else max(ms, float(f"{ms * times:.2g}"))


def with_least_changed(search: Search, best: Best, today: Specification, fields: list[str]) -> Search:
    """Return the search with every assumed target as it was that gains little by giving way."""
    for field in fields:
        kept = search.specification.model_copy(update={field: getattr(today, field)})
        again = run_search(search.space, kept)
        other = found(again)
        if other.probability >= min(LIKELY, best.probability) and (
            other.usd_per_month <= AS_DEAR * best.usd_per_month
        ):
            search = again
    return search


def as_told(search: Search, today: Specification, before: Best) -> Search:
    """Return the search with what each target became among its specification's assumptions and remarks."""
    after = search.specification
    changed = [field for field in FIELDS if getattr(after, field) != getattr(today, field)]
    usual = {field: exact_milliseconds(getattr(today, field)) for field in changed}
    reason = reason_of(search, before)
    why = f"{reason[0].lower()}{reason[1:]}, and nobody asked for it"
    listed = tuple(
        Assumption(
            field=FIELDS[field],
            value="none" if getattr(after, field) is None else f"{getattr(after, field):g}",
            why=f"gave way, usual is {usual[field]}: {why}",
        )
        for field in changed
    )
    kept = tuple(entry for entry in after.assumptions if entry.field not in {a.field for a in listed})
    words = ", ".join(
        f"{NAMES[FIELDS[field]]} {usual[field]} {became(getattr(after, field))}" for field in changed
    )
    remark = f"Assumed targets give way: {words}. {reason}."
    update = {
        "assumptions": (*listed, *kept),
        "remarks": (*after.remarks, remark),
        "gave_way": remark,
    }
    return search.for_specification(after.model_copy(update=update))


def reason_of(search: Search, before: Best) -> str:
    """Return why the usual targets gave way."""
    if before.probability < LIKELY:
        return f"Nothing {'surely ' if before.probability else ''}holds the usual ones"
    price = f" for {money(before.usd_per_month)} a month" if search.priced else ""
    return f"The usual ones would take {before.name}{price}"


def became(ms: float | None) -> str:
    """Return what happened to a target, in words."""
    return "is dropped" if ms is None else f"→ {exact_milliseconds(ms)}"
