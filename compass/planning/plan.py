"""Makes the plan, a pure function of a specification, the catalog and the estimator."""

import functools
import hashlib
import math

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.core import chance, percent
from compass.planning.clarifying_question import clarifying_question
from compass.planning.expected_configurations import expected_remarks
from compass.planning.ledger import ledger
from compass.planning.options import ORDER, build_option, build_options
from compass.planning.ranking import LIKELY, pareto, scores, view_winners
from compass.planning.relaxations import relaxations
from compass.planning.search import FeasibleTable, Search, binding_constraints, feasible_table, run_search
from compass.planning.search_space import SearchSpace
from compass.planning.tipping_points import tipping_points
from compass.planning.types import (
    Assumption,
    Option,
    Plan,
    Rejection,
    RejectionKind,
    Specification,
    View,
)
from compass.planning.winner_by_load import WinnerByLoad

FRONT_SHOWN = 24
MORE_OPTIONS = 2
# Constraints in the order in which a configuration that passes most of them meets them, the last one first.
FARTHEST_FIRST: dict[RejectionKind | None, int] = {
    "budget": 0, "ttft": 1, "itl": 1, "e2e": 1, "kv_cache": 2, "no_machine": 3, "memory": 4, "context": 5,
}  # fmt: skip
NO_NEAR_RUN = (
    "No measured run is near the balanced option: its figures rest on physics alone, "
    "so their intervals are wide."
)


def make_plan(space: SearchSpace, specification: Specification) -> Plan:
    """Return options in five views, the front, the ledger, and what would change the answer.

    A specification that nothing holds gives a plan without options, with relaxations.
    """
    search = run_search(space, specification)
    holding = feasible_table(search, specification.peak_requests_per_second)
    feasible, over_budget = split_by_budget(holding, specification.budget_usd_per_month)
    if not len(feasible):
        return impossible_plan(search, feasible, over_budget)
    total = scores(feasible, specification)
    winners = view_winners(search, feasible, total)
    front = pareto(feasible)
    rows = shown_rows(space.model_at[feasible.index], total, winners)
    options = build_options(search, feasible, rows, winners, front, total)
    winner, winner_by_load = winners["balanced"], WinnerByLoad(search)
    expected = expected_remarks(search, feasible, total)
    return Plan(
        specification=specification,
        options=options,
        pareto_front=front_options(search, feasible, front, total),
        considered=len(space.candidates),
        rejected=ledger(search, feasible, np.array(rows), over_budget, total),
        tipping_points=tipping_points(search, feasible, winner, winner_by_load),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=(*specification.remarks, *warnings(options[0]), *expected),
        expected=expected,
        question=clarifying_question(search, feasible, winner, winner_by_load),
        versions=versions(space),
    )


def split_by_budget(
    holding: FeasibleTable, usd_per_month: float | None
) -> tuple[FeasibleTable, FeasibleTable]:
    """Return the rows within the budget, and the others."""
    inside = holding.usd_per_month <= (math.inf if usd_per_month is None else usd_per_month)
    return holding.take(inside), holding.take(~inside)


def shown_rows(model_at: IntArray, total: FloatArray, winners: dict[View, int]) -> list[int]:
    """Return the views' winners, balanced first, then the next best of other models; all rows of a table.

    `model_at`: the model of each row; `total`: its score.
    """
    rows = list(dict.fromkeys(winners[view] for view in ORDER))
    shown = {int(model_at[row]) for row in rows}
    for row in np.argsort(-total):
        if len(rows) >= len(set(winners.values())) + MORE_OPTIONS:
            break
        if int(model_at[row]) not in shown:
            rows.append(int(row))
            shown.add(int(model_at[row]))
    return rows


def front_options(
    search: Search, feasible: FeasibleTable, front: BoolArray, total: FloatArray
) -> tuple[Option, ...]:
    """Return the Pareto front, thinned evenly along its cost."""
    rows = np.flatnonzero(front)
    ordered = rows[np.argsort(feasible.usd_per_month[rows])]
    if len(ordered) > FRONT_SHOWN:
        ordered = ordered[np.linspace(0, len(ordered) - 1, FRONT_SHOWN).astype(np.int64)]
    limits = binding_constraints(search, feasible, ordered.tolist())
    return tuple(
        build_option(search, feasible, int(row), limit, True, float(total[row]))
        for row, limit in zip(ordered, limits, strict=True)
    )


def impossible_plan(search: Search, feasible: FeasibleTable, over_budget: FeasibleTable) -> Plan:
    """Return a plan without options, with the reasons and the nearest changes that would help."""
    space, specification = search.space, search.specification
    lost = ledger(search, feasible, np.zeros(0, dtype=np.int64), over_budget, np.zeros(0))
    return Plan(
        specification=specification,
        options=(),
        considered=len(space.candidates),
        impossible=f"none of {len(space.candidates):,} configurations holds; {closest_miss(lost)}",
        rejected=lost,
        relaxations=relaxations(space, search),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=specification.remarks,
        versions=versions(space),
    )


def closest_miss(lost: tuple[Rejection, ...]) -> str:
    """Return in words the largest group of rejections among those that came farthest."""
    reached = min(lost, key=lambda rejection: FARTHEST_FIRST.get(rejection.kind, len(FARTHEST_FIRST)))
    example = f" ({reached.examples[0]})" if reached.examples else ""
    return f"{reached.count:,} come closest and fail: {reached.reason}{example}"


def standing_assumptions(specification: Specification) -> tuple[Assumption, ...]:
    """Return the assumptions of every plan, and those that the user made."""
    fixed = [
        Assumption(field="utilization", value="0.8", why="replicas run at 80 % of their capacity at peak"),
        Assumption(
            field="token_spread", value="25 %", why="lengths of prompts and answers vary by a quarter"
        ),
    ]
    if specification.provider is None and not specification.gpu_prices:
        fixed.append(
            Assumption(field="provider", value="any", why="the cheapest verified offer of the price list")
        )
    if specification.prefix_cache_hit_rate:
        text = percent(specification.prefix_cache_hit_rate)
        fixed.append(
            Assumption(field="prefix_cache_hit_rate", value=text, why="as you said; it is not measured")
        )
    if specification.speculative_speedup > 1:
        text = f"{specification.speculative_speedup:g} tokens a step"
        fixed.append(
            Assumption(field="speculative_speedup", value=text, why="as you said; it is not measured")
        )
    return tuple(fixed)


def warnings(option: Option) -> list[str]:
    """Return what a person should know before trusting the first option."""
    sentences = []
    if option.evidence.distance is None or option.evidence.distance > 2:
        sentences.append(NO_NEAR_RUN)
    if option.slo_probability < LIKELY:
        sentences.append(f"The balanced option holds its targets with {chance(option.slo_probability)} only.")
    return sentences


@functools.lru_cache(maxsize=4)
def versions(space: SearchSpace) -> dict[str, str]:
    """Return dates and fingerprints of the catalog, prices, runs and model constants of a plan."""
    prices = repr(space.catalog.prices).encode()
    runs = space.estimator.runs
    data = np.concatenate([runs.ttft_ms, runs.itl_ms]).tobytes()
    return {
        "catalog": space.catalog.as_of.isoformat(),
        "prices": hashlib.sha256(prices).hexdigest()[:12],
        "runs": f"{len(runs.ttft_ms)}:{hashlib.sha256(data).hexdigest()[:12]}",
        "model": hashlib.sha256(repr(space.estimator.constants).encode()).hexdigest()[:12],
    }
