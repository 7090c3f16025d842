"""The plan: a pure function of a specification, the catalog and the estimator."""

import functools
import hashlib

import numpy as np

from tools.planning.ledger import familiar_remarks, ledger
from tools.planning.options import build_option, curve
from tools.planning.pace import Field
from tools.planning.rank import pareto, scores, views
from tools.planning.relax import relaxations
from tools.planning.search import Search, Table, evaluate, search
from tools.planning.tipping import question, tipping_points
from tools.planning.types import Assumption, Option, Plan, Specification, View

ORDER: tuple[View, ...] = ("balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest")
FRONT_SHOWN = 24
MORE_OPTIONS = 2


def make_plan(space: Field, specification: Specification) -> Plan:
    """Options in five views, the front, the ledger, and what would change the answer.

    A specification that nothing holds gives a plan without options, with relaxations.
    """
    found = search(space, specification)
    whole = evaluate(found, specification.peak_requests_per_second)
    table, over_budget = split_by_budget(whole, specification)
    if not len(table):
        return nothing_holds(space, found, table, over_budget)
    winners = views(table, specification)
    front = np.flatnonzero(pareto(table))
    rows = chosen_rows(space, table, specification, winners)
    options = tuple(
        build_option(
            found,
            table,
            row,
            tuple(view for view in ORDER if winners[view] == row),
            bool(np.isin(row, front)),
        ).model_copy(update={"curve": curve(found, table, row)})
        for row in rows
    )
    winner = winners["balanced"]
    return Plan(
        specification=specification,
        options=options,
        pareto_front=front_options(found, table, front),
        considered=len(space.candidates),
        rejected=ledger(found, table, np.array(rows), over_budget),
        tipping_points=tipping_points(found, table, winner),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=(*specification.remarks, *warnings(options[0]), *familiar_remarks(found, table)),
        question=question(found, table, winner),
        versions=versions(space),
    )


def split_by_budget(table: Table, specification: Specification) -> tuple[Table, Table]:
    """What the budget allows, and what it does not."""
    budget = specification.budget_usd_per_month
    if budget is None:
        return table, table.take(np.zeros(len(table), dtype=np.bool_))
    inside = table.usd_per_month <= budget
    return table.take(inside), table.take(~inside)


def chosen_rows(
    space: Field, table: Table, specification: Specification, winners: dict[View, int]
) -> list[int]:
    """The views' winners, balanced first, and the next best of other models."""
    rows = list(dict.fromkeys(winners[view] for view in ORDER))
    model_at = space.model_at[table.index]
    shown = {int(model_at[row]) for row in rows}
    for row in np.argsort(-scores(table, specification)):
        if len(rows) >= len(set(winners.values())) + MORE_OPTIONS:
            break
        if int(model_at[row]) not in shown:
            rows.append(int(row))
            shown.add(int(model_at[row]))
    return rows


def front_options(
    found: Search, table: Table, front: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[Option, ...]:
    """The Pareto front, thinned evenly along its cost."""
    ordered = front[np.argsort(table.usd_per_month[front])]
    if len(ordered) > FRONT_SHOWN:
        ordered = ordered[np.linspace(0, len(ordered) - 1, FRONT_SHOWN).astype(np.int64)]
    return tuple(build_option(found, table, int(row), (), True, shown=False) for row in ordered)


def nothing_holds(space: Field, found: Search, table: Table, over_budget: Table) -> Plan:
    """A plan that says why not, and what would."""
    specification = found.specification
    nearest = relaxations(space, found)
    first = ledger(found, table, np.zeros(0, dtype=np.int64), over_budget)
    because = f"Not possible: of {len(space.candidates):,} configurations none holds every target and limit."
    if nearest:
        best = nearest[0]
        because += f" The nearest is {best.change}: {best.option}, ${best.usd_per_month:,.0f} a month."
    return Plan(
        specification=specification,
        options=(),
        considered=len(space.candidates),
        rejected=first,
        relaxations=nearest,
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=(because, *specification.remarks),
        versions=versions(space),
    )


def standing_assumptions(specification: Specification) -> tuple[Assumption, ...]:
    """What every plan takes for granted, said each time."""
    fixed = [
        Assumption(field="utilization", value="0.8", why="replicas run at 80 % of their capacity at peak"),
        Assumption(
            field="token_spread", value="25 %", why="lengths of prompts and answers vary by a quarter"
        ),
    ]
    if specification.prefix_cache_hit_rate:
        text = f"{specification.prefix_cache_hit_rate:.0%}"
        fixed.append(
            Assumption(field="prefix_cache_hit_rate", value=text, why="as you said; it is not measured")
        )
    return tuple(fixed)


def warnings(option: Option) -> list[str]:
    """What a person should know before trusting the first option."""
    said = []
    if option.evidence.distance is None or option.evidence.distance > 2:
        said.append(
            "No measured run is near the balanced option: its figures are physics alone, hence the width."
        )
    if option.slo_probability < 0.8:
        said.append(f"The balanced option holds its targets with {option.slo_probability:.0%} only.")
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
