"""The capacity curve of one replica by simulation: latency against load, up to saturation."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import LatencyProfile
from compass.traffic.arrivals import LENGTH_CV, Requests, arrival_times, requests_of
from compass.traffic.fleet import Summary, simulate
from compass.traffic.replica import longest_request

REQUESTS = 2500
STEPS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05)
"""Simulated rates as shares of the saturation rate."""
FLOOD = 3000
"""Requests that arrive at once to measure the saturation rate."""


@dataclass(frozen=True)
class CurvePoint:
    """One replica at one load; latencies at p95 in ms, concurrency with the waiting ones."""

    requests_per_second: float
    concurrency: float
    ttft_p95_ms: float
    itl_p95_ms: float
    e2e_p95_ms: float
    saturated: bool


def load_points(
    profile: LatencyProfile, prompt_tokens: float, output_tokens: float, seed: int
) -> list[CurvePoint]:
    """p95 latencies from a tenth of saturation to a little above it, Poisson arrivals."""
    most = saturation(profile, prompt_tokens, output_tokens)
    points = []
    for share in STEPS:
        seen = at_rate(profile, prompt_tokens, output_tokens, most * share, seed)
        points.append(
            CurvePoint(
                requests_per_second=most * share,
                concurrency=seen.concurrency,
                ttft_p95_ms=seen.ttft_ms.p95,
                itl_p95_ms=seen.itl_ms.p95,
                e2e_p95_ms=seen.e2e_ms.p95,
                saturated=share >= 1.0,
            )
        )
    return points


def saturation(profile: LatencyProfile, prompt_tokens: float, output_tokens: float) -> float:
    """Requests a second that a replica serves when its queue is never empty."""
    arrival = np.zeros(FLOOD)
    prompts = np.full(FLOOD, round(prompt_tokens), np.int64)
    outputs = np.full(FLOOD, max(1, round(output_tokens)), np.int64)
    return simulate(profile, Requests(arrival, prompts, outputs)).summary().requests_per_second


def at_rate(
    profile: LatencyProfile, prompt_tokens: float, output_tokens: float, rate_per_s: float, seed: int
) -> Summary:
    """One replica at one Poisson rate; a tenth of the time warms it up and is not counted."""
    rng = np.random.default_rng(seed)
    seconds = REQUESTS / rate_per_s
    times = arrival_times(rng, rate_per_s, seconds)
    longest = longest_request(profile)
    requests = requests_of(rng, times, prompt_tokens, output_tokens, LENGTH_CV, longest)
    return simulate(profile, requests, warmup_s=seconds / 10).summary()
