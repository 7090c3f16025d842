"""The plan: a pure function of a specification, the catalog and the estimator."""

import functools
import hashlib

import numpy as np

from compass.capacity import BoolArray, FloatArray
from compass.planning.clarifying_question import question
from compass.planning.ledger import familiar_remarks, ledger
from compass.planning.options import ORDER, build_option, build_options
from compass.planning.ranking import LIKELY, pareto, scores, views
from compass.planning.relaxations import relaxations
from compass.planning.search import Search, Table, evaluate, limits_of, search
from compass.planning.search_space import Field
from compass.planning.tipping_points import tipping_points
from compass.planning.types import (
    Assumption,
    Option,
    Plan,
    Rejection,
    RejectionKind,
    Specification,
    View,
    percent,
)
from compass.planning.winner_by_load import Contest

FRONT_SHOWN = 24
MORE_OPTIONS = 2
# Constraints in the order in which a configuration that passes most of them meets them, the last one first.
FARTHEST_FIRST: dict[RejectionKind | None, int] = {
    "budget": 0, "ttft": 1, "itl": 1, "e2e": 1, "kv_cache": 2, "no_machine": 3, "memory": 4,
}  # fmt: skip
FAR = "No measured run is near the balanced option: its figures are physics alone, hence the width."


def make_plan(space: Field, specification: Specification) -> Plan:
    """Options in five views, the front, the ledger, and what would change the answer.

    A specification that nothing holds gives a plan without options, with relaxations.
    """
    found = search(space, specification)
    whole = evaluate(found, specification.peak_requests_per_second)
    table, over_budget = split_by_budget(whole, specification)
    if not len(table):
        return nothing_holds(space, found, table, over_budget)
    total = scores(table, specification)
    winners = views(found, table, total)
    front = pareto(table)
    rows = chosen_rows(space, table, total, winners)
    options = build_options(found, table, rows, winners, front, total)
    winner, contest = winners["balanced"], Contest(found)
    expected = tuple(familiar_remarks(found, table, total))
    return Plan(
        specification=specification,
        options=options,
        pareto_front=front_options(found, table, front, total),
        considered=len(space.candidates),
        rejected=ledger(found, table, np.array(rows), over_budget, total),
        tipping_points=tipping_points(found, table, winner, contest),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=(*specification.remarks, *warnings(options[0]), *expected),
        expected=expected,
        question=question(found, table, winner, contest),
        versions=versions(space),
    )


def split_by_budget(table: Table, specification: Specification) -> tuple[Table, Table]:
    """What the budget allows, and what it does not."""
    budget = specification.budget_usd_per_month
    if budget is None:
        return table, table.take(np.zeros(len(table), dtype=np.bool_))
    inside = table.usd_per_month <= budget
    return table.take(inside), table.take(~inside)


def chosen_rows(space: Field, table: Table, total: FloatArray, winners: dict[View, int]) -> list[int]:
    """The views' winners, balanced first, and the next best of other models."""
    rows = list(dict.fromkeys(winners[view] for view in ORDER))
    model_at = space.model_at[table.index]
    shown = {int(model_at[row]) for row in rows}
    for row in np.argsort(-total):
        if len(rows) >= len(set(winners.values())) + MORE_OPTIONS:
            break
        if int(model_at[row]) not in shown:
            rows.append(int(row))
            shown.add(int(model_at[row]))
    return rows


def front_options(found: Search, table: Table, front: BoolArray, total: FloatArray) -> tuple[Option, ...]:
    """The Pareto front, thinned evenly along its cost."""
    rows = np.flatnonzero(front)
    ordered = rows[np.argsort(table.usd_per_month[rows])]
    if len(ordered) > FRONT_SHOWN:
        ordered = ordered[np.linspace(0, len(ordered) - 1, FRONT_SHOWN).astype(np.int64)]
    limits = limits_of(found, table, ordered.tolist())
    return tuple(
        build_option(found, table, int(row), limit, True, float(total[row]))
        for row, limit in zip(ordered, limits, strict=True)
    )


def nothing_holds(space: Field, found: Search, table: Table, over_budget: Table) -> Plan:
    """A plan that says why not, and what would."""
    specification = found.specification
    lost = ledger(found, table, np.zeros(0, dtype=np.int64), over_budget, np.zeros(0))
    return Plan(
        specification=specification,
        options=(),
        considered=len(space.candidates),
        impossible=f"none of {len(space.candidates):,} configurations holds; {closest_miss(lost)}",
        rejected=lost,
        relaxations=relaxations(space, found),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=specification.remarks,
        versions=versions(space),
    )


def closest_miss(lost: tuple[Rejection, ...]) -> str:
    """In words, the largest group of rejections among those that came farthest."""
    reached = min(lost, key=lambda rejection: FARTHEST_FIRST.get(rejection.kind, len(FARTHEST_FIRST)))
    example = f" ({reached.examples[0]})" if reached.examples else ""
    return f"{reached.count:,} come closest and fail: {reached.reason}{example}"


def standing_assumptions(specification: Specification) -> tuple[Assumption, ...]:
    """What every plan takes for granted, said each time."""
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
        text = f"{specification.prefix_cache_hit_rate:.0%}"
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
    """What a person should know before trusting the first option."""
    said = []
    if option.evidence.distance is None or option.evidence.distance > 2:
        said.append(FAR)
    if option.slo_probability < LIKELY:
        said.append(f"The balanced option holds its targets with {percent(option.slo_probability)} only.")
    return said


@functools.lru_cache(maxsize=4)
def versions(space: Field) -> dict[str, str]:
    """Dates and fingerprints of what a plan stands on."""
    prices = repr(space.catalog.prices).encode()
    runs = space.estimator.runs
    data = np.concatenate([runs.ttft_ms, runs.itl_ms]).tobytes()
    return {
        "catalog": space.catalog.as_of.isoformat(),
        "prices": hashlib.sha256(prices).hexdigest()[:12],
        "runs": f"{len(runs.ttft_ms)}:{hashlib.sha256(data).hexdigest()[:12]}",
        "model": hashlib.sha256(repr(space.estimator.constants).encode()).hexdigest()[:12],
    }
