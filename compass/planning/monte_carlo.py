"""Estimates by Monte Carlo how likely the targets hold under uncertain demand, lengths and step times."""

import math
from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray, LatencyProfile
from compass.core import InvalidInput
from compass.planning.answer_lengths import answers_of
from compass.planning.latency_targets import targets_ms
from compass.planning.loaded_replicas import in_flight_table
from compass.planning.search import load_of, workload_of
from compass.planning.slo_probability import Z80
from compass.planning.types import Chances, Specification
from compass.traffic import ProfileBatch, capacity, latencies_of, open_load, stack

DRAWS = 1000
SEED = 1
# Half widths (log) of 80 % intervals. Demand of a service that does not run yet is a guess; rates and lengths
# that the user stated are known better. Assumed, not measured: said with every result.
DEMAND = {"stated": 0.10, "assumed": 0.26}
LENGTH = {"stated": 0.05, "assumed": 0.14}
SAYS_DEMAND = {
    "requests_per_second", "tokens_per_second", "output_tokens_per_second", "concurrent_requests",
    "batch_items",
}  # fmt: skip
MOST_TIMES_PLANNED = 4
"""Replicas are tried up to so many times the planned number."""


def chances(
    profile: LatencyProfile,
    specification: Specification,
    replicas: int,
    spreads: tuple[float, float],
    draws: int = DRAWS,
    seed: int = SEED,
    finds: bool = True,
) -> Chances:
    """Return how likely each target holds with `replicas`, and the replicas for 90, 95 and 99 %.

    `spreads`: half widths (log) of the 80 % intervals of TTFT and ITL. The same seed gives the same draws.
    `finds`: whether prompts are found in a prefix cache.

    Raises:
        InvalidInput: no draw.
    """
    if draws < 1:
        raise InvalidInput("--runs", f"{draws} cannot be; give 1 or more.")
    drawn = draw_conditions(profile, specification, spreads, draws, seed)
    if not finds:
        nothing = np.zeros(draws, dtype=np.bool_)
        drawn = replace(drawn, profiles=replace(drawn.profiles, caches_prefix=nothing))
    tried = np.unique(
        np.append(np.round(np.geomspace(1, replicas * MOST_TIMES_PLANNED, 20)), replicas).astype(np.int64)
    )
    held = targets_held(drawn, specification, tried)
    every = held.all(axis=0).mean(axis=0)
    at = int(np.flatnonzero(tried == replicas)[0])
    enough = {percent: np.flatnonzero(every >= percent / 100) for percent in (90, 95, 99)}
    return Chances(
        draws=draws,
        seed=seed,
        all_targets=float(every[at]),
        ttft=float(held[0, :, at].mean()),
        itl=float(held[1, :, at].mean()),
        e2e=float(held[2, :, at].mean()),
        replicas_for={str(percent): int(tried[rows[0]]) for percent, rows in enough.items() if len(rows)},
        peak_spread=spread_of("peak", specification),
        length_spread=spread_of("length", specification),
    )


def spread_of(what: str, specification: Specification) -> float:
    """Return the half width (log) of the 80 % interval of the peak rate or of the lengths."""
    if what == "peak":
        return DEMAND["stated" if SAYS_DEMAND & specification.stated else "assumed"]
    return LENGTH["stated" if {"prompt_tokens", "output_tokens"} & set(specification.stated) else "assumed"]


@dataclass(frozen=True)
class DrawnConditions:
    """D draws of step times and demand."""

    profiles: ProfileBatch
    load: FloatArray
    """Requests a second over all replicas, or requests in flight of a closed loop, shape (D,)."""


def draw_conditions(
    profile: LatencyProfile, specification: Specification, spreads: tuple[float, float], draws: int, seed: int
) -> DrawnConditions:
    """Draw log-normal factors on demand, on lengths and on the engine's step times.

    Longer answers hold their place for longer, longer prompts take more prefill: both are a load that many
    times as high, so that a factor on lengths is taken as one on the rate.
    """
    rng = np.random.default_rng(seed)
    widths = (spread_of("peak", specification), spread_of("length", specification), *spreads)
    peak, length, slow_start, slow_decode = (np.exp(rng.normal(0, width / Z80, draws)) for width in widths)
    one = stack([profile])
    many = replace(one.take(np.zeros(draws, dtype=np.int64)), answers=answers_of(specification, draws))
    scaled = replace(
        many,
        decode_ms=many.decode_ms * slow_decode[:, None],
        kv_ms_per_token=many.kv_ms_per_token * slow_decode,
        prefill_ms_per_token=many.prefill_ms_per_token * slow_start,
        prefill_ms_per_token_squared=many.prefill_ms_per_token_squared * slow_start,
        request_overhead_ms=many.request_overhead_ms * slow_start,
    )
    # In a closed loop longer answers slow the next request down: as many stay in flight.
    factor = peak if specification.is_closed else peak * length
    return DrawnConditions(scaled, load_of(specification) * factor)


def targets_held(drawn: DrawnConditions, specification: Specification, replicas: IntArray) -> BoolArray:
    """Whether each latency holds in each draw with each number of replicas, shape (4, D, R)."""
    each = drawn.load[:, None] / replicas[None, :]
    if specification.load_form == "batch":
        return done_in_time(drawn, specification, each)
    work = workload_of(specification)
    if specification.is_closed:
        each = rates_in_flight(drawn, specification, each)
    loads = open_load(drawn.profiles, each, work)
    percentile, targets = specification.percentile, targets_ms(specification)
    pairs = zip(latencies_of(loads), targets, strict=True)
    return np.stack([of(percentile) <= target for of, target in pairs])


def highest_rates(drawn: DrawnConditions, specification: Specification) -> FloatArray:
    """Return the highest rate at which a replica holds the targets in each draw, shape (D,)."""
    targets, percentile = targets_ms(specification), specification.percentile
    return capacity(drawn.profiles, workload_of(specification), targets, percentile).rate_per_s


def done_in_time(drawn: DrawnConditions, specification: Specification, each: FloatArray) -> BoolArray:
    """Whether a batch job is done in its window; its throughput holds the targets that were said."""
    done = each <= highest_rates(drawn, specification)[:, None]
    return np.stack([done, done, done, done])


def rates_in_flight(drawn: DrawnConditions, specification: Specification, each: FloatArray) -> FloatArray:
    """Return the rate of a replica with so many requests in flight, both of shape (D, R).

    Slower than any target where more are in flight than any rate brings.
    """
    work = workload_of(specification)
    free = (math.inf,) * 4
    highest = capacity(drawn.profiles, work, free, specification.percentile).rate_per_s
    table = in_flight_table(drawn.profiles, highest, work, specification.load_form == "sessions")
    rows = np.arange(len(each))
    columns = [table.rate_at(each[:, column], rows) for column in range(each.shape[1])]
    return np.stack(columns, axis=1)
