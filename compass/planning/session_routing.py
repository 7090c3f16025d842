"""Routing of sessions: turns that go back to their replica, or to all replicas in turn."""

from dataclasses import replace as replaced

from compass.planning.assumption_costs import OtherPlan, plan_under, saved
from compass.planning.search import FeasibleTable, Search
from compass.planning.types import Assumption, AssumptionCost, Option, Specification

PASSES = 2
"""The number of replicas that turns go round is that of the plan, which follows from it."""


def going_round(specification: Specification, replicas: int) -> Specification:
    """Return the specification with turns that go to so many replicas in turn."""
    if specification.session is None:
        return specification
    session = replaced(specification.session, spread_over=max(1, replicas))
    return specification.model_copy(update={"session": session})


def comes_again(specification: Specification) -> bool:
    """Whether it matters which replica a request goes to: turns come back to a history."""
    return specification.session is not None and specification.session.turns > 1


def round_robin_plan(
    search: Search, today: Specification, replicas: int
) -> tuple[Specification, OtherPlan | None]:
    """Return the specification whose turns go round as many replicas as it takes, and its balanced option."""
    plan: OtherPlan | None = None
    specification = today
    for _ in range(PASSES):
        specification = going_round(today, replicas)
        plan = plan_under(search, specification)
        if plan is None or plan.replicas == replicas:
            break
        replicas = plan.replicas
    return specification, plan


def routing_cost(search: Search, feasible: FeasibleTable, winner: int) -> AssumptionCost | None:
    """Return what round robin would take instead; None where that is no more, or routing was stated."""
    today, replicas = search.specification, int(feasible.replicas[winner])
    if not comes_again(today) or replicas < 2 or "routing" in today.stated:
        return None
    _, plan = round_robin_plan(search, today, replicas)
    if plan is None:
        return AssumptionCost(
            field="routing",
            replicas=replicas,
            gpus=int(feasible.gpus[winner]),
            usd_per_month=None,
            sentence="Turns are taken to go back to the replica that has their history: with a load balancer "
            "that sends them round in turn nothing holds.",
        )
    if plan.gpus <= feasible.gpus[winner]:
        return None
    return AssumptionCost(
        field="routing",
        replicas=plan.replicas,
        gpus=plan.gpus,
        usd_per_month=plan.usd_per_month,
        sentence="Turns are taken to go back to the replica that has their history: with a load balancer "
        f"that sends them round in turn {plan.name}{saved(search, feasible, winner, plan.usd_per_month)}.",
    )


def routing_assumption(specification: Specification, option: Option) -> list[Assumption]:
    """Return what is taken for the routing, where there is a choice and nobody said it."""
    if not comes_again(specification) or option.replicas < 2 or "routing" in specification.stated:
        return []
    why = "a turn goes back to the replica that has its history; a plain Kubernetes Service does not do that"
    return [Assumption(field="routing", value="prefix-aware", why=why)]
