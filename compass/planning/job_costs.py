"""What a batch job takes and costs: hours, GPU-hours, US dollars at on-demand and spot prices."""

from dataclasses import dataclass

import numpy as np

from compass.catalog import Pricing
from compass.planning.cost import offers_of
from compass.planning.rental_offers import candidate_offers, offer_table
from compass.planning.search import FeasibleTable, Search
from compass.planning.start_up import rented_hours

OFFERED: tuple[Pricing, ...] = ("on-demand", "spot")
"""Kinds of prices that a job may be run at; reservations outlast it."""


@dataclass(frozen=True)
class JobCost:
    """Of one option; None where no price of that kind is listed."""

    hours: float
    """Of the work itself; likewise GPU-hours."""
    gpu_hours: float
    start_hours: float
    rented_hours: float
    usd: float | None
    usd_on_demand: float | None
    usd_spot: float | None


def job_cost(search: Search, feasible: FeasibleTable, row: int) -> JobCost | None:
    """Return what the job takes on a row's replicas; None of any other load."""
    specification = search.specification
    if specification.load_form != "batch":
        return None
    hours = float(feasible.work_hours[row])
    rented = float(feasible.hours_per_month[row]) / specification.jobs_per_month
    an_hour = int(feasible.gpus_billed[row]) * float(feasible.usd_per_gpu_hour[row])
    own = rented * an_hour if search.priced else None
    usd = {kind: usd_at(search, feasible, row, kind) for kind in OFFERED} | {specification.pricing: own}
    return JobCost(
        hours=hours,
        gpu_hours=hours * int(feasible.gpus[row]),
        start_hours=float(search.space.start_hours[feasible.index[row]]),
        rented_hours=rented,
        usd=own,
        usd_on_demand=usd["on-demand"],
        usd_spot=usd["spot"],
    )


def usd_at(search: Search, feasible: FeasibleTable, row: int, pricing: Pricing) -> float | None:
    """Return the job's US dollars at the cheapest offer of another kind; None where there is none.

    Whole machines are filled with replicas, which makes the job as much shorter.
    """
    specification = search.specification
    candidate = search.space.candidates[feasible.index[row]]
    other = specification.model_copy(update={"pricing": pricing})
    offers = offers_of(search.space.catalog, candidate.gpu.name, other)
    size, nodes = np.array([candidate.gpus]), np.array([candidate.nodes])
    each = candidate_offers(offer_table([offers]), np.array([0]), size, nodes)
    parts = feasible.replicas[row] * candidate.nodes
    machines = np.ceil(parts / each.replicas_per_unit)
    filled = parts / (machines * each.replicas_per_unit)
    hours = rented_hours(feasible.work_hours[row] * filled, search.space.start_hours[feasible.index[row]])
    cost = float((machines * each.gpus_per_unit * each.usd_per_gpu_hour * hours).min())
    return cost if np.isfinite(cost) else None
