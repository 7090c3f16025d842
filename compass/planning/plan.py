"""Makes the plan, a pure function of a specification, the catalog and the estimator."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.catalog import model_of
from compass.core import chance, counted, duration, number
from compass.planning.answer_lengths import thinking_assumption
from compass.planning.assumed_targets import FIELDS, NAMES, assumed_fields, search_at_looser_targets
from compass.planning.assumption_costs import assumption_costs
from compass.planning.clarifying_question import clarifying_question
from compass.planning.expected_configurations import expected_remarks
from compass.planning.impossibility import NAMED, why_impossible
from compass.planning.ledger import ledger
from compass.planning.limits import WithinLimits, within_limits
from compass.planning.node_assumptions import network_assumption
from compass.planning.options import ORDER, build_option, build_options
from compass.planning.prefix_caching import no_prefix_cache
from compass.planning.ranking import LIKELY, pareto, scores, view_winners
from compass.planning.relaxations import relaxations
from compass.planning.search import FeasibleTable, Search, binding_constraints, feasible_table, run_search
from compass.planning.search_space import SearchSpace
from compass.planning.sense import sense_checks
from compass.planning.session_routing import (
    comes_again,
    round_robin_plan,
    routing_assumption,
    routing_cost,
)
from compass.planning.speculative_decoding import advice
from compass.planning.start_up import SMALLEST_RENTAL_HOURS, start_seconds
from compass.planning.tipping_points import tipping_points
from compass.planning.types import (
    Assumption,
    Option,
    Plan,
    Specification,
    View,
)
from compass.planning.winner_by_load import WinnerByLoad
from compass.planning.workload_curves import cache_curve, draft_curve

FRONT_SHOWN = 24
MORE_OPTIONS = 2
LONG_STARTS = 5.0
"""A job so many times as long as the start of its replicas need not mind it."""
NO_NEAR_RUN = (
    "No measured run is near the balanced option: its figures rest on physics alone, "
    "so their intervals are wide."
)


def make_plan(space: SearchSpace, specification: Specification) -> Plan:
    """Return options in five views, the front, the ledger, and what would change the answer.

    A specification that nothing holds gives a plan without options, with relaxations.
    """
    names = specification.preferred_models, specification.preferred_gpu_types
    search = run_search(
        space.for_names(*names, specification.precision, specification.kv_cache), specification
    )
    made = within(search)
    if specification.routing == "round-robin" and comes_again(specification) and len(made.within.feasible):
        rounds, _ = round_robin_plan(search, specification, most_replicas(made.within.feasible))
        made = within(run_search(search.space, rounds))
        search = made.search
    looser = search_at_looser_targets(search, made.within.feasible)
    if looser is not None:
        made = within(looser)
    return plan_of(made)


def most_replicas(feasible: FeasibleTable) -> int:
    """Return the replicas of the cheapest row: where turns would go round, were it the plan."""
    return max(2, int(feasible.replicas[int(np.argmin(feasible.usd_per_month))]))


@dataclass(frozen=True)
class Planned:
    """A search, and what of it is within budget and number of GPUs."""

    search: Search
    within: WithinLimits


def within(search: Search) -> Planned:
    """Return a search with what of it is within the limits at the planned load."""
    return Planned(search, within_limits(search, feasible_table(search, search.load)))


def plan_of(made: Planned) -> Plan:
    """Return the plan of a search at its own targets: none gives way."""
    return possible_plan(made) if len(made.within.feasible) else impossible_plan(made)


def possible_plan(made: Planned) -> Plan:
    """Return the plan of a search that has options."""
    search, feasible = made.search, made.within.feasible
    space, specification = search.space, search.specification
    total = scores(feasible, specification)
    winners = view_winners(search, feasible, total)
    front = pareto(feasible)
    rows = shown_rows(space.model_at[feasible.index], total, winners)
    options = build_options(search, feasible, rows, winners, front, total)
    winner = winners["balanced"]
    winner_by_load = None if specification.load_form == "batch" else WinnerByLoad(search)
    expected = expected_remarks(search, feasible, total)
    sense = sense_checks(specification, options[0])
    routing = routing_cost(search, feasible, winner)
    costs = (*([] if routing is None else [routing]), *assumption_costs(search, feasible, winner))
    notes = [check.sentence for check in sense] + warnings(options[0], assumed_fields(specification))
    if specification.session is not None:
        without = no_prefix_cache(space.candidates[feasible.index[winner]].model)
        notes += [without] if without else []
    notes += unpriced_remarks(search) + short_job_remarks(space, options[0])
    return Plan(
        specification=with_rate_of(specification, options[0]),
        options=options,
        pareto_front=front_options(search, feasible, front, total),
        considered=len(space.candidates),
        rejected=ledger(search, feasible, np.array(rows), made.within.beyond, total),
        tipping_points=tipping_points(search, feasible, winner, winner_by_load),
        assumptions=(
            *specification.assumptions,
            *thinking_assumption(space.candidates[feasible.index[winner]].model, specification, options[0]),
            *routing_assumption(specification, options[0]),
            *network_assumption(options[0]),
            *standing_assumptions(specification),
        ),
        remarks=(*specification.remarks, *(cost.sentence for cost in costs), *notes, *expected),
        expected=expected,
        sense=sense,
        assumption_costs=costs,
        cache_curve=cache_curve(search, feasible, winner),
        draft_curve=draft_curve(search, feasible, winner),
        speculation=advice(
            space.candidates[feasible.index[winner]].model,
            space.compiled.rows(feasible.index[winner : winner + 1]),
            options[0],
            specification,
        ),
        question=clarifying_question(search, feasible, winner, winner_by_load),
        versions=versions(space),
    )


def with_rate_of(specification: Specification, option: Option) -> Specification:
    """Return the specification with the rate that a closed loop has on the balanced option."""
    rate = option.requests_per_second
    if not specification.is_closed or rate is None:
        return specification
    return specification.model_copy(
        update={
            "peak_requests_per_second": rate,
            "mean_requests_per_second": rate,
            "load_arithmetic": closed_loop_sum(specification, option),
        }
    )


def closed_loop_sum(specification: Specification, option: Option) -> str:
    """Return the rate of a closed loop as a sum that a person can check."""
    rate = option.requests_per_second or 0.0
    if specification.load_form == "sessions" and specification.session is not None:
        sessions, pause_s = specification.concurrent_sessions or 1, specification.session.pause_s
        return (
            f"{counted(sessions, 'session')} ÷ ({pause_s:.3g} s pause + {sessions / rate - pause_s:.3g} s "
            f"for an answer) = {number(rate)} turns/s (recommended option)"
        )
    in_flight = specification.concurrent_requests or 1
    mean_s = in_flight / rate
    return (
        f"{counted(in_flight, 'request')} in flight ÷ {mean_s:.3g} s for a whole answer on average "
        f"= {number(rate)} requests/s (recommended option)"
    )


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


def impossible_plan(made: Planned) -> Plan:
    """Return a plan without options, with the reasons and the nearest changes that would help."""
    search = made.search
    space, specification = search.space, search.specification
    lost = ledger(search, made.within.feasible, np.zeros(0, dtype=np.int64), made.within.beyond, np.zeros(0))
    return Plan(
        specification=specification,
        options=(),
        considered=len(space.candidates),
        impossible=why_impossible(search, lost),
        rejected=tuple(sorted(lost, key=lambda group: group.kind in NAMED)),
        relaxations=relaxations(space, search),
        assumptions=(*specification.assumptions, *standing_assumptions(specification)),
        remarks=specification.remarks,
        versions=versions(space),
    )


def short_job_remarks(space: SearchSpace, option: Option) -> list[str]:
    """Return what a person should know of a job that is done sooner than its replicas start."""
    model = model_of(space.catalog, option.model, option.precision)
    weights = next(c.weight_gib for c in model.checkpoints if c.id == option.checkpoint)
    start = start_seconds(weights) / 3600
    if option.hours is None or option.hours > LONG_STARTS * start:
        return []
    taken = f"The work takes {duration(option.hours)} and the start of a replica about {duration(start)}"
    if start + option.hours >= SMALLEST_RENTAL_HOURS:
        return [f"{taken}: both are paid; let several jobs share a start."]
    return [
        f"{taken}; an hour is paid, since machines are not rented by the minute: let several jobs share a "
        "start, or keep a small GPU running."
    ]


def unpriced_remarks(search: Search) -> list[str]:
    """Return what a person should know of GPUs without a listed price."""
    specification = search.specification
    if not search.priced:
        names = " or ".join(specification.preferred_gpu_types)
        example = f"{specification.preferred_gpu_types[0]}=1.50"
        budget = "; the budget is not held" if specification.budget_usd_per_month is not None else ""
        return [
            f"No verified {specification.pricing} price of {names} is listed: the plan is in GPUs, without "
            f"dollars{budget}. Give one as gpu_prices, {example} for example."
        ]
    left_out = [gpu for gpu in specification.preferred_gpu_types if not search.offers[gpu]]
    if not left_out or "preferred_gpu_types" not in specification.stated:
        return []
    return [
        f"{', '.join(left_out)}: no verified {specification.pricing} price is listed; left out of the plan."
    ]


UTILISATION = Assumption(
    field="utilization", value="0.8", why="replicas run at 80 % of their capacity at peak"
)

RENTAL = Assumption(
    field="smallest_rental",
    value="1 hour",
    why="machines are not rented by the minute; the start of the replicas is paid too",
)


def standing_assumptions(specification: Specification) -> tuple[Assumption, ...]:
    """Return the assumptions of every plan, and those that the user made."""
    fixed = [
        RENTAL if specification.load_form == "batch" else UTILISATION,
        Assumption(
            field="token_spread", value="25 %", why="lengths of prompts and answers vary by a quarter"
        ),
    ]
    if specification.provider is None and not specification.gpu_prices:
        fixed.append(
            Assumption(field="provider", value="any", why="the cheapest verified offer of the price list")
        )
    if specification.speculative_speedup > 1:
        text = f"{specification.speculative_speedup:g} tokens a step"
        fixed.append(
            Assumption(field="speculative_speedup", value=text, why="as you said; it is not measured")
        )
    return tuple(fixed)


def warnings(option: Option, assumed: Sequence[str]) -> list[str]:
    """Return what a person should know before trusting the first option; `assumed`: targets nobody stated."""
    sentences = []
    if option.evidence.distance is None or option.evidence.distance > 2:
        sentences.append(NO_NEAR_RUN)
    if option.slo_probability < LIKELY:
        sentences.append(doubt_remark(option, assumed))
    return sentences


def doubt_remark(option: Option, assumed: Sequence[str]) -> str:
    """Return the chance of the first option in words, and what to do about it where targets are assumed."""
    sentence = f"The balanced option holds with {chance(option.slo_probability)} only"
    if not assumed:
        return f"{sentence}."
    *first, last = (NAMES[FIELDS[field]] for field in assumed)
    names = f"{', '.join(first)} and {last}" if first else last
    sure = option.replicas_for.get("90")
    more = f"; {sure} replicas would hold with 90 %" if sure and sure > option.replicas else ""
    return f"{sentence}{more}. Nobody stated {names}: state what must be held."


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
