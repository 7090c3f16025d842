"""Builds options from feasible rows: predictions, arithmetic, costs, capacity curves and reasons."""

import math

import numpy as np

from compass.capacity import BoolArray, FloatArray
from compass.core import Evidence, Interval, duration, percent
from compass.planning.answer_lengths import reasons
from compass.planning.latency_targets import targets_ms
from compass.planning.loaded_replicas import percentiles_at
from compass.planning.option_costs import cost_fields, rounded
from compass.planning.quality import quality_of
from compass.planning.search import (
    FeasibleTable,
    Search,
    binding_constraints,
    latencies,
    load_of,
    slo_probabilities,
    workload_of,
)
from compass.planning.speculative_decoding import context_of, option_speculation
from compass.planning.types import CapacityPoint, Option, OptionSpeculation, Specification, View
from compass.traffic import open_load

CURVE = np.concatenate([np.linspace(0.05, 1.0, 10), [1.05, 1.15]])
"""Loads of a capacity curve, as shares of the capacity."""
MOST_TIMES_PLANNED, REPLICA_COUNTS = 4, 24
"""Replicas for other probabilities: up to so many times the planned, at so many counts."""
REASONS: dict[View, str] = {
    "balanced": "best score of quality, cost, margin and simplicity",
    "best_accuracy": "highest published quality for the use case, cheapest way to serve it",
    "lowest_cost": "cheapest of all that hold every target",
    "lowest_latency": "cheapest of those that cannot be told apart from the fastest",
    "simplest": "fewest GPUs",
}
ORDER: tuple[View, ...] = ("balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest")


def build_options(
    search: Search,
    feasible: FeasibleTable,
    rows: list[int],
    views: dict[View, int],
    front: BoolArray,
    total: FloatArray,
) -> tuple[Option, ...]:
    """Return rows in full, with won views, capacity curves and replicas for other probabilities."""
    limits = binding_constraints(search, feasible, rows)
    curves = capacity_curves(search, feasible, rows)
    counts = replicas_for(search, feasible, rows)
    built = []
    for at, row in enumerate(rows):
        won = tuple(view for view in ORDER if views[view] == row)
        option = build_option(search, feasible, row, limits[at], bool(front[row]), float(total[row]))
        more = {"views": won, "curve": curves[at], "replicas_for": counts[at]}
        built.append(option.model_copy(update=more | {"why": why(search, feasible, row, won)}))
    return tuple(built)


def build_option(
    search: Search, feasible: FeasibleTable, row: int, limit: str, pareto: bool, score: float
) -> Option:
    """Return one row as an option that wins no view; `limit` stops a replica from carrying more."""
    specification = search.specification
    candidate = search.space.candidates[feasible.index[row]]
    replicas, capacity = int(feasible.replicas[row]), float(feasible.capacity[row])
    model_at = int(search.space.model_at[feasible.index[row]])
    lengths, thinks = search.lengths, bool(search.lengths.reasons[model_at])
    quality = quality_of(candidate.model, specification.use_case, thinks)
    return Option(
        model=candidate.model.id,
        checkpoint=candidate.checkpoint.id,
        precision=candidate.checkpoint.precision,
        gpu=candidate.gpu.name,
        tensor_parallel=candidate.tensor_parallel,
        **session_figures(search, feasible, row),
        speculation=speculation_of(search, feasible, row),
        reasoning=thinks,
        thinking_tokens=round(float(lengths.thinking_tokens[model_at])),
        thinking_cv=rounded(float(lengths.thinking_cv[model_at]), 3),
        output_tokens=round(float(lengths.output_tokens[model_at])),
        replicas=replicas,
        pipeline_parallel=candidate.pipeline_parallel,
        kv_cache=candidate.kv_cache,
        nodes_per_replica=candidate.nodes,
        gpus=replicas * candidate.gpus,
        gpus_billed=int(feasible.gpus_billed[row]),
        concurrency_per_replica=round(float(feasible.concurrency[row]), 1),
        capacity_requests_per_second=rounded(float(feasible.capacity_per_s[row]), 4),
        requests_per_second=rounded(float(feasible.rate_per_s[row]) * replicas, 4),
        utilization=rounded(search.load / (capacity * replicas), 3),
        replica_arithmetic=replica_arithmetic(specification, capacity, float(feasible.usable[row]), replicas),
        binding_constraint=limit,
        **intervals(search, feasible, row),
        slo_probability=rounded(float(feasible.slo_probability[row]), 3),
        evidence=evidence_of(search, feasible, row),
        **cost_fields(search, feasible, row),
        quality=quality.value,
        quality_note=quality.note,
        score=rounded(score, 4),
        why=why(search, feasible, row, ()),
        pareto=pareto,
    )


def speculation_of(search: Search, feasible: FeasibleTable, row: int) -> OptionSpeculation | None:
    """Return the speculation that a row is planned with; None without it."""
    choice = search.choices[int(feasible.row[row])] if search.choices else None
    if choice is None:
        return None
    batch = search.space.compiled.rows(feasible.index[row : row + 1])
    return option_speculation(
        choice, batch, context_of(search.specification, float(feasible.output_tokens[row]))
    )


def session_figures(search: Search, feasible: FeasibleTable, row: int) -> dict[str, float]:
    """Return the hit rate of the prefix cache and the sessions of a replica; nothing without sessions."""
    session = search.specification.session
    if session is None:
        return {}
    profiles = search.step_times.profiles.take(feasible.row[row : row + 1])
    at = open_load(profiles, feasible.rate_per_s[row : row + 1, None], workload_of(search.specification))
    if at.hit_rate is None or at.sessions is None:
        return {}
    found = {"prefix_cache_hit_rate": rounded(float(at.hit_rate[0, 0]), 3)}
    if session.turns == 1:
        return found
    return found | {"sessions_per_replica": rounded(float(at.sessions[0, 0]), 3)}


def intervals(search: Search, feasible: FeasibleTable, row: int) -> dict[str, Interval | None]:
    """Return the latencies in ms with their 80 % intervals; no first answer token without thinking."""
    at = int(feasible.row[row])
    ttft, itl, e2e = float(feasible.ttft_ms[row]), float(feasible.itl_ms[row]), float(feasible.e2e_ms[row])
    up_ttft = math.exp(float(search.step_times.ttft_log_spread[at]))
    up_itl = math.exp(float(search.step_times.itl_log_spread[at]))

    def after_first(value: float) -> Interval:
        decode = max(0.0, value - ttft)
        return interval(value, ttft / up_ttft + decode / up_itl, ttft * up_ttft + decode * up_itl)

    thinks = search.lengths.thinking_tokens[search.space.model_at[feasible.index[row]]] > 0
    return {
        "ttft_p95_ms": interval(ttft, ttft / up_ttft, ttft * up_ttft),
        "itl_p95_ms": interval(itl, itl / up_itl, itl * up_itl),
        "e2e_p95_ms": after_first(e2e),
        "first_answer_p95_ms": after_first(float(feasible.first_answer_ms[row])) if thinks else None,
    }


def interval(value: float, low: float, high: float) -> Interval:
    """Return an interval with three significant digits each."""
    return Interval(value=rounded(value, 3), low=rounded(low, 3), high=rounded(high, 3))


def evidence_of(search: Search, feasible: FeasibleTable, row: int) -> Evidence:
    """Return the nearest measured run and how far it is."""
    at = int(feasible.row[row])
    distance = float(search.step_times.distance[at])
    evidence = search.space.estimator.evidence_of(int(search.step_times.nearest_run[at]), distance)
    # Even next to a measured run, a percentile under open arrivals at another load is our model's.
    return evidence.model_copy(update={"kind": "estimated", "distance": rounded(distance, 2)})


def replica_arithmetic(specification: Specification, capacity: float, usable: float, replicas: int) -> str:
    """Return the division that gives the replicas, for a person to check; capacities in the load's unit."""
    load, share = load_of(specification), usable / capacity
    text = {
        "rate": f"ceil({load:.4g} / ({capacity:.4g} × {share:.2f})) = ",
        "sessions": f"ceil({load:,.0f} sessions / ({capacity:,.4g} × {share:.2f})) = ",
        "in_flight": f"ceil({load:,.0f} in flight / ({capacity:,.4g} × {share:.2f})) = ",
        "batch": f"ceil({load:.4g}/s / ({capacity:.4g}/s of a full replica × {share:.2f} to be in time)) = ",
    }[specification.load_form]
    if specification.availability == "n+1":
        return f"{text}{replicas - 1}, plus 1 for n+1 = {replicas}"
    return f"{text}{replicas}"


def replicas_for(search: Search, feasible: FeasibleTable, rows: list[int]) -> list[dict[str, int]]:
    """Return the fewest replicas that hold with 90, 95 and 99 %; missing where 4 × as many do not."""
    most = feasible.replicas[rows] * MOST_TIMES_PLANNED
    counts = [np.unique(np.geomspace(1, count, REPLICA_COUNTS).round().astype(np.int64)) for count in most]
    lengths = [len(each) for each in counts]
    every = np.repeat(feasible.row[rows], lengths)
    loads = search.load / np.concatenate(counts)
    probabilities = slo_probabilities(search, every, latencies(search, every, loads), loads)
    fewest = []
    for each, held in zip(counts, np.split(probabilities, np.cumsum(lengths)[:-1]), strict=True):
        enough = {percent: np.flatnonzero(held >= percent / 100) for percent in (90, 95, 99)}
        fewest.append({str(percent): int(each[at[0]]) for percent, at in enough.items() if len(at)})
    return fewest


def why(search: Search, feasible: FeasibleTable, row: int, views: tuple[View, ...]) -> str:
    """Return the reason in one sentence, for the first view that the option wins."""
    candidate, specification = search.space.candidates[feasible.index[row]], search.specification
    lead = REASONS[views[0]] if views else "on the Pareto front"
    if views and views[0] == "lowest_latency" and not any(map(math.isfinite, targets_ms(specification))):
        lead = "the fastest, at the lowest price"
    thinks = reasons(candidate.model, specification)
    quality = quality_of(candidate.model, specification.use_case, thinks)
    scored = "no published score" if quality.value is None else f"quality {quality.value:.0f} of 100"
    if quality.value is not None and quality.covered < 0.5:
        scored += " (mostly inferred)"
    return f"{lead[0].upper()}{lead[1:]}: {scored}, {margin_words(search, feasible, row)}."


def margin_words(search: Search, feasible: FeasibleTable, row: int) -> str:
    """Return how much room an option leaves: to the tightest target, or in the window of a job."""
    values = (
        feasible.ttft_ms[row],
        feasible.itl_ms[row],
        feasible.e2e_ms[row],
        feasible.first_answer_ms[row],
    )
    tightest = max(
        value / target for value, target in zip(values, targets_ms(search.specification), strict=True)
    )
    if search.specification.load_form == "batch":
        window = duration(search.specification.deadline_hours or 0)
        return f"done in {duration(float(feasible.work_hours[row]))} of {window}"
    if tightest == 0:
        return "no target to hold"
    return f"{percent(1 - tightest)} below the tightest target"


def capacity_curves(
    search: Search, feasible: FeasibleTable, rows: list[int]
) -> list[tuple[CapacityPoint, ...]]:
    """Return latencies of one replica of each row from near idle to a little above its capacity."""
    rates = feasible.capacity_per_s[rows][:, None] * CURVE
    every = np.repeat(feasible.row[rows], len(CURVE))
    profiles, workload = search.step_times.profiles.take(every), workload_of(search.specification)
    at = percentiles_at(profiles, rates.ravel(), workload, search.specification.percentile)
    points = np.stack([rates.ravel(), *at]).reshape(6, len(rows), len(CURVE)).transpose(1, 2, 0)
    targets = np.array(targets_ms(search.specification))
    return [
        tuple(capacity_point(point, targets) for point in mine if np.isfinite(point).all()) for mine in points
    ]


def capacity_point(values: FloatArray, targets: FloatArray) -> CapacityPoint:
    """Return a point of the curve from rate, the latencies and concurrency."""
    rate, ttft, itl, e2e, _, concurrency = (rounded(float(value), 4) for value in values)
    return CapacityPoint(
        requests_per_second=rate,
        concurrency=concurrency,
        ttft_p95_ms=ttft,
        itl_p95_ms=itl,
        e2e_p95_ms=e2e,
        holds=bool((values[1:5] <= targets).all()),
    )
