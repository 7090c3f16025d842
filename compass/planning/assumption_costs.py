"""What the targets cost that nobody stated: the balanced option without each, and the plan at looser ones."""

import math
from dataclasses import dataclass

import numpy as np

from compass.core import counted, exact_milliseconds, money
from compass.planning.assumed_targets import FIELDS, NAMES, assumed_fields, loosened
from compass.planning.latency_targets import targets_ms
from compass.planning.limits import within_limits
from compass.planning.loaded_replicas import in_flight_table
from compass.planning.ranking import LIKELY, scores
from compass.planning.rental_offers import candidate_offers
from compass.planning.search import (
    FeasibleTable,
    Search,
    feasible_table,
    load_of,
    replicas_needed,
    run_search,
    usable_share,
    workload_of,
)
from compass.planning.types import AssumptionCost, Specification
from compass.traffic import capacity

MANY_GPUS = 4
"""From so many GPUs on the plan at looser targets is looked at too."""
TIMES = 2.0
MUCH_CHEAPER = 0.7


def assumption_costs(search: Search, feasible: FeasibleTable, winner: int) -> tuple[AssumptionCost, ...]:
    """Return what assumed targets cost the winner, where they cost anything; nothing for a batch job."""
    specification = search.specification
    if specification.load_form == "batch":
        return ()
    fields = assumed_fields(specification)
    each = [without_target(search, feasible, winner, field) for field in fields]
    found = [cost for cost in each if cost is not None]
    if not found and fields and int(feasible.gpus[winner]) >= MANY_GPUS:
        both = at_looser_targets(search, feasible, winner, fields)
        found = [both] if both is not None else []
    return tuple(found)


@dataclass(frozen=True)
class OtherPlan:
    """The balanced option under another specification."""

    name: str
    replicas: int
    gpus: int
    usd_per_month: float | None
    """None where no price is listed."""
    surety: float


def plan_under(search: Search, specification: Specification) -> OtherPlan | None:
    """Return the balanced option within the limits under another specification; None where nothing holds."""
    again = run_search(search.space, specification)
    holding = within_limits(again, feasible_table(again, again.load)).feasible
    if not len(holding):
        return None
    row = int(np.argmax(scores(holding, specification)))
    replicas = int(holding.replicas[row])
    return OtherPlan(
        name=search.space.candidates[holding.index[row]].name_of(replicas),
        replicas=replicas,
        gpus=int(holding.gpus[row]),
        usd_per_month=round(float(holding.usd_per_month[row]), 2) if search.priced else None,
        surety=float(holding.surety[row]),
    )


def without_target(search: Search, feasible: FeasibleTable, winner: int, field: str) -> AssumptionCost | None:
    """Return the winner's replicas without one target; None where they are as many."""
    specification = search.specification
    free = specification.model_copy(update={field: None})
    today, least = int(feasible.replicas[winner]), 2 if specification.availability == "n+1" else 1
    if today <= least or (replicas := replicas_under(search, feasible, winner, free)) >= today:
        return None
    size = int(feasible.gpus_per_replica[winner])
    wish, limit = FIELDS[field], exact_milliseconds(getattr(specification, field))
    month = usd_per_month(search, feasible, winner, replicas)
    return AssumptionCost(
        field=wish,
        replicas=replicas,
        gpus=replicas * size,
        usd_per_month=month,
        sentence=(
            f"{NAMES[wish]} ≤ {limit} is assumed: without it {counted(replicas * size, 'GPU')} and not "
            f"{today * size}{saved(search, feasible, winner, month)}."
        ),
    )


def saved(search: Search, feasible: FeasibleTable, winner: int, month: float | None) -> str:
    """Return the cost against the winner's; nothing where no price is listed."""
    if month is None or not search.priced:
        return ""
    return f", {money(month)} and not {money(float(feasible.usd_per_month[winner]))} a month"


def replicas_under(search: Search, feasible: FeasibleTable, winner: int, free: Specification) -> int:
    """Return the winner's replicas under other targets."""
    at = feasible.row[winner : winner + 1]
    profiles, workload = search.step_times.profiles.take(at), workload_of(free)
    carried = capacity(profiles, workload, targets_ms(free), free.percentile).rate_per_s
    if free.is_closed:
        carried = in_flight_table(profiles, carried, workload, free.load_form == "sessions").most
    if not math.isfinite(carried[0]) or carried[0] <= 0:
        return int(feasible.replicas[winner])
    usable = carried * usable_share(free, search.step_times.itl_log_spread[at])
    return int(replicas_needed(search, np.array([load_of(free)]), usable)[0, 0])


def usd_per_month(search: Search, feasible: FeasibleTable, winner: int, replicas: int) -> float | None:
    """Return the cost of the winner with other replicas; None where no price is listed."""
    if not search.priced:
        return None
    one = slice(winner, winner + 1)
    gpu_at = search.space.gpu_at[feasible.index[one]]
    offers = candidate_offers(search.offer_table, gpu_at, feasible.gpus_per_replica[one], feasible.nodes[one])
    return round(float(offers.usd_per_month(np.array([[replicas]]))[0, 0]), 2)


def at_looser_targets(
    search: Search, feasible: FeasibleTable, winner: int, fields: list[str]
) -> AssumptionCost | None:
    """Return the plan at assumed targets twice as loose, where it is much cheaper."""
    today = search.specification
    update = {field: loosened(getattr(today, field), TIMES) for field in fields}
    plan = plan_under(search, today.model_copy(update=update))
    if plan is None or plan.surety < min(LIKELY, float(feasible.surety[winner])):
        return None
    cheaper = plan.gpus if plan.usd_per_month is None else plan.usd_per_month
    now = feasible.gpus[winner] if plan.usd_per_month is None else feasible.usd_per_month[winner]
    if cheaper > MUCH_CHEAPER * now:
        return None
    each = [f"{NAMES[FIELDS[f]]} ≤ {exact_milliseconds(getattr(today, f))}" for f in fields]
    limits = " and ".join(filter(None, (", ".join(each[:-1]), each[-1])))
    return AssumptionCost(
        field=", ".join(FIELDS[field] for field in fields),
        replicas=plan.replicas,
        gpus=plan.gpus,
        usd_per_month=plan.usd_per_month,
        sentence=(
            f"{limits} {'are' if len(fields) > 1 else 'is'} assumed: at twice as much "
            f"{plan.name}{saved(search, feasible, winner, plan.usd_per_month)}."
        ),
    )
