"""Every option that is shown, served once in virtual time: do its replicas hold, and would one fewer?"""

from collections.abc import Sequence

import numpy as np

from compass.capacity import LatencyProfile
from compass.planning.monte_carlo import chances
from compass.planning.options import figures
from compass.planning.replica import replica_log_spreads, replica_of
from compass.planning.search import UTILISATION_TARGET, workload_of
from compass.planning.search_space import Field
from compass.planning.types import OneFewer, Option, Plan, Simulated, Specification
from compass.traffic import LENGTH_CV, ArrivalKind, arrival_times, longest_request, requests_of, simulate

# A p95 of so many requests strays by about 2 % between seeds at the loads that plans end at.
REQUESTS = 6000
SEED = 1
# What two simulations of the same thing may differ by: not a miss yet.
TOLERANCE = 1.03


def verify(space: Field, plan: Plan) -> Plan:
    """The plan with each shown option's simulation and chances, and a remark where they contradict it."""
    wish = plan.specification
    options = tuple(verified(space, option, wish) for option in plan.options)
    return plan.model_copy(
        update={"options": options, "remarks": (*plan.remarks, *contradictions(options, wish))}
    )


def verified(space: Field, option: Option, wish: Specification) -> Option:
    """One option, served in virtual time and drawn a thousand times."""
    profile = replica_of(option, wish, space.catalog, space.estimator)
    spreads = replica_log_spreads(option, wish, space.catalog, space.estimator)
    return option.model_copy(
        update={
            "simulated": simulated(profile, option, wish),
            "chances": chances(profile, wish, option.replicas, spreads),
        }
    )


def simulated(profile: LatencyProfile, option: Option, wish: Specification) -> Simulated:
    """What one replica's users see at its share of the peak, and at the share with one replica fewer."""
    seen = percentiles_at(profile, wish, wish.peak_requests_per_second / option.replicas)
    broken = misses(seen, wish)
    kind, words = one_fewer(profile, option, wish)
    return Simulated(
        requests=REQUESTS,
        ttft_ms=figures(seen[0], 3),
        itl_ms=figures(seen[1], 3),
        e2e_ms=figures(seen[2], 3),
        holds=not broken,
        broken=broken,
        one_fewer=words,
        one_fewer_kind=kind,
    )


def percentiles_at(
    profile: LatencyProfile, wish: Specification, rate_per_s: float
) -> tuple[float, float, float]:
    """TTFT, ITL and E2E in ms of one replica at a rate, at the wish's percentile."""
    rng = np.random.default_rng(SEED)
    work = workload_of(wish)
    seconds = REQUESTS / rate_per_s
    kind: ArrivalKind = "bursts" if wish.burst_size > 1 else "poisson"
    times = arrival_times(rng, rate_per_s, seconds, kind, wish.burst_size)
    longest = longest_request(profile)
    requests = requests_of(rng, times, work.prompt_tokens, work.output_tokens, LENGTH_CV, longest)
    summary = simulate(profile, requests, warmup_s=seconds / 20).summary()
    return (
        summary.ttft_ms.at(wish.percentile),
        summary.itl_ms.at(wish.percentile),
        summary.e2e_ms.at(wish.percentile),
    )


def misses(seen: Sequence[float], wish: Specification) -> tuple[str, ...]:
    """Targets that the simulation breaks."""
    targets = {"TTFT": wish.ttft_p95_ms, "ITL": wish.itl_p95_ms, "E2E": wish.e2e_p95_ms}
    return tuple(
        name
        for (name, target), value in zip(targets.items(), seen, strict=True)
        if value > target * TOLERANCE
    )


def one_fewer(profile: LatencyProfile, option: Option, wish: Specification) -> tuple[OneFewer, str]:
    """What happens with one replica fewer, and the same in words."""
    if option.replicas == 1:
        return "last_replica", "one replica is the least there is"
    left = option.replicas - 1
    rate, carried = wish.peak_requests_per_second / left, option.capacity_requests_per_second
    if rate >= carried * 1.3:
        return "overloaded", f"{left} would be overloaded: {rate:.3g}/s each, {carried:.3g}/s hold"
    seen = percentiles_at(profile, wish, rate)
    broken = misses(seen, wish)
    if broken:
        values = dict(zip(("TTFT", "ITL", "E2E"), seen, strict=True))
        said = ", ".join(f"{name} {values[name]:,.0f} ms" for name in broken)
        return "breaks", f"{left} would break {said} at {wish.percentile}"
    if wish.availability == "n+1":
        return "n+1", f"{left} would just hold: the spare is for n+1"
    headroom = f"{1 - UTILISATION_TARGET:.0%}"
    return "headroom", f"{left} would just hold: the spare is the {headroom} headroom at peak"


def contradictions(options: Sequence[Option], wish: Specification) -> list[str]:
    """A remark for each option whose simulation breaks a target that the closed form holds."""
    said = []
    for option in options:
        if option.simulated is not None and option.simulated.broken:
            name = f"{option.model.rsplit('/', 1)[-1]} on {option.gpu}"
            broken = " and ".join(option.simulated.broken)
            said.append(
                f"Simulated, {name} misses {broken} at {wish.percentile} by a little: add a replica, "
                "or measure it before you rely on it."
            )
    return said
