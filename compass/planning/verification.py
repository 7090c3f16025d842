"""Simulates each shown option with its replicas and with one fewer, and checks the targets."""

from collections.abc import Sequence
from dataclasses import replace

from compass.capacity import LatencyProfile
from compass.catalog import model_of
from compass.core import duration, milliseconds, percent
from compass.planning.answer_lengths import as_served
from compass.planning.host_cache import host_tier
from compass.planning.latency_targets import LATENCY_TARGETS, targets_ms
from compass.planning.monte_carlo import chances
from compass.planning.option_costs import rounded
from compass.planning.prefix_caching import finds_prompts
from compass.planning.replica import replica_log_spreads, replica_of
from compass.planning.search import UTILISATION_TARGET, load_of
from compass.planning.search_space import SearchSpace
from compass.planning.shared_prompt import without_shared
from compass.planning.simulation import peak_load, simulate_closed_loop, simulate_sessions
from compass.planning.types import OneFewer, Option, Plan, Simulated, Specification
from compass.sessions import HostTier, SessionRun
from compass.traffic import Limits, Summary, simulate_load

REQUESTS = 6000
"""A p95 of so many requests varies by about 2 % between seeds at the loads that plans end at."""
SEED = 1
TOLERANCE = 1.03
"""Ratio to a target above which it is missed: two simulations of the same replica may differ by as much."""
CLEARLY_OVERLOADED = 1.3
"""Ratio of demand to capacity above which a replica is not simulated."""
TARGETS = tuple(target.name for target in LATENCY_TARGETS)


def verify_plan(space: SearchSpace, plan: Plan) -> Plan:
    """Return the plan with a simulation and chances for each option, and remarks where they contradict it."""
    specification = plan.specification
    options = tuple(verify_option(space, option, specification) for option in plan.options)
    return plan.model_copy(
        update={"options": options, "remarks": (*plan.remarks, *contradictions(options, specification))}
    )


def verify_option(space: SearchSpace, option: Option, specification: Specification) -> Option:
    """Return the option with its simulation and its Monte Carlo."""
    specification = as_served(specification, option)
    profile = replica_of(option, specification, space.catalog, space.estimator)
    host = host_tier(option, specification, space.catalog, space.estimator)
    finds = finds_prompts(model_of(space.catalog, option.model, option.precision))
    spreads = replica_log_spreads(option, specification, space.catalog, space.estimator)
    return option.model_copy(
        update={
            "simulated": simulate_option(profile, option, specification, host, finds),
            "chances": chances(profile, specification, option.replicas, spreads, finds=finds),
        }
    )


def simulate_option(
    profile: LatencyProfile,
    option: Option,
    specification: Specification,
    host: HostTier | None = None,
    finds: bool = True,
) -> Simulated:
    """Return one replica's latencies at its share of the peak, and what happens with one replica fewer."""
    if specification.load_form == "batch":
        return simulate_job(profile, option, specification)
    run = run_at(profile, specification, load_of(specification) / option.replicas, host, finds)
    seen = percentiles_of(run, specification)
    broken = missed_targets(seen, specification)
    kind, words = one_fewer(profile, option, specification, host, finds)
    return Simulated(
        requests=run.turns if isinstance(run, SessionRun) else REQUESTS,
        ttft_ms=rounded(seen[0], 3),
        itl_ms=rounded(seen[1], 3),
        e2e_ms=rounded(seen[2], 3),
        first_answer_ms=rounded(seen[3], 3),
        prefix_cache_hit_rate=rounded(run.hit_rate, 3) if isinstance(run, SessionRun) else None,
        host_share=rounded(run.host_share, 3) if isinstance(run, SessionRun) and host else None,
        holds=not broken,
        broken=broken,
        one_fewer=words,
        one_fewer_kind=kind,
    )


def run_at(
    profile: LatencyProfile,
    specification: Specification,
    load: float,
    host: HostTier | None = None,
    finds: bool = True,
) -> Summary | SessionRun:
    """Simulate one replica at its load: sessions, requests in flight, or requests a second."""
    session = specification.session
    if session is not None and session.turns > 1:
        sessions = load
        if specification.load_form != "sessions":
            sessions = load * (session.pause_s + (specification.e2e_p95_ms or 0.0) / 2000.0)
        return simulate_sessions(profile, specification, max(1, round(sessions)), host=host, finds=finds)
    profile, specification = without_shared(profile, specification)
    if specification.load_form == "in_flight":
        return simulate_closed_loop(profile, specification, max(1, round(load)))
    offered = replace(peak_load(specification), requests_per_second=load, seconds=REQUESTS / load)
    return simulate_load(profile, offered, seed=SEED)


def percentiles_of(run: Summary | SessionRun, specification: Specification) -> Limits:
    """Return the latencies in ms of a simulation at the specification's percentile."""
    at = specification.percentile
    first_answer = run.ttft_ms if isinstance(run, SessionRun) else run.first_answer_ms or run.ttft_ms
    return run.ttft_ms.at(at), run.itl_ms.at(at), run.e2e_ms.at(at), first_answer.at(at)


def missed_targets(seen: Sequence[float], specification: Specification) -> tuple[str, ...]:
    """Return the targets that simulated latencies in ms break."""
    triples = zip(TARGETS, seen, targets_ms(specification), strict=True)
    return tuple(name for name, value, target in triples if value > target * TOLERANCE)


def one_fewer(
    profile: LatencyProfile,
    option: Option,
    specification: Specification,
    host: HostTier | None = None,
    finds: bool = True,
) -> tuple[OneFewer, str]:
    """Return what happens with one replica fewer, and the same in words."""
    if option.replicas == 1:
        return "last_replica", "one replica is the least there is"
    left = option.replicas - 1
    rate, carried = load_of(specification) / left, option.capacity_requests_per_second
    if specification.load_form == "rate" and rate >= carried * CLEARLY_OVERLOADED:
        return "overloaded", f"{left} would be overloaded: {rate:.3g}/s each, {carried:.3g}/s hold"
    seen = percentiles_of(run_at(profile, specification, rate, host, finds), specification)
    broken = missed_targets(seen, specification)
    if broken:
        values = dict(zip(TARGETS, seen, strict=True))
        late = ", ".join(f"{name} {milliseconds(values[name])}" for name in broken)
        return "breaks", f"{left} would break {late} at {specification.percentile}"
    if specification.availability == "n+1":
        return "n+1", f"{left} would just hold: the spare is for n+1"
    headroom = percent(1 - UTILISATION_TARGET)
    return "headroom", f"{left} would just hold: the spare is the {headroom} headroom at peak"


def simulate_job(profile: LatencyProfile, option: Option, specification: Specification) -> Simulated:
    """Return one full replica's latencies, whether the job is done in its window, and with one fewer."""
    run = simulate_closed_loop(profile, specification, max(1, round(option.concurrency_per_replica)))
    late = hours_of(specification, run.requests_per_second * option.replicas)
    window = specification.deadline_hours or 0.0
    seen = percentiles_of(run, specification)
    broken = (*missed_targets(seen, specification), *(("deadline",) if late > window * TOLERANCE else ()))
    kind, words = one_fewer_for_job(run.requests_per_second, option, specification)
    return Simulated(
        requests=run.requests,
        ttft_ms=rounded(seen[0], 3),
        itl_ms=rounded(seen[1], 3),
        e2e_ms=rounded(seen[2], 3),
        first_answer_ms=rounded(seen[3], 3),
        holds=not broken,
        broken=broken,
        hours=rounded(late, 3),
        one_fewer=words,
        one_fewer_kind=kind,
    )


def hours_of(specification: Specification, rate_per_s: float) -> float:
    """Return the hours that a job takes at a rate."""
    return (specification.batch_items or 1) / rate_per_s / 3600


def one_fewer_for_job(
    rate_per_s: float, option: Option, specification: Specification
) -> tuple[OneFewer, str]:
    """Return how long the job takes with one replica fewer, and the same in words; rate of one replica."""
    if option.replicas == 1:
        return "last_replica", "one replica is the least there is"
    left = option.replicas - 1
    hours = hours_of(specification, rate_per_s * left)
    taken = f"{left} would take {duration(hours)}"
    if hours > (specification.deadline_hours or 0.0):
        return "late", taken
    return ("n+1" if specification.availability == "n+1" else "headroom"), taken


def contradictions(options: Sequence[Option], specification: Specification) -> list[str]:
    """Return a remark for each option whose simulation breaks a target that the closed form holds."""
    sentences = []
    for option in options:
        if option.simulated is not None and option.simulated.broken:
            name = f"{option.model.rsplit('/', 1)[-1]} on {option.gpu}"
            broken = " and ".join(option.simulated.broken)
            sentences.append(
                f"Simulated, {name} misses {broken} at {specification.percentile} by a little: "
                "add a replica, or measure it before you rely on it."
            )
    return sentences
