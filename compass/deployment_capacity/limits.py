"""The highest load inside the targets, of arrivals at random or of a fixed number of requests in flight."""

import math
from collections.abc import Sequence

import numpy as np

from compass.capacity import MAX_SEQUENCES, FloatArray, IntArray
from compass.core import Percentile
from compass.deployment_capacity.operation import Operation, three
from compass.deployment_capacity.types import Breaks, Limit, TargetLimit
from compass.traffic import Limits, binding, capacity, open_load

NO_TARGET_MS = 1e12
HALVINGS = 12
LEAST = 1.0
"""Requests in flight: targets that nobody stated and that hold only below it say nothing of a deployment."""
WORDS: dict[str, Breaks] = {
    "ttft": "TTFT", "itl": "ITL", "e2e": "E2E", "memory": "KV cache memory", "saturation": "throughput",
}  # fmt: skip


def limits_of(
    operation: Operation, targets: Sequence[TargetLimit], percentile: Percentile, closed: bool
) -> list[Limit]:
    """The limit of each configuration; assumed targets that break at any load give way.

    `closed`: a fixed number of requests in flight, held against typical latencies; otherwise arrivals at
    random, held against the percentile.
    """
    solve = closed_limits if closed else open_limits
    found = solve(operation, targets, percentile)
    if any(target.stated for target in targets):
        return found
    none = [row for row, limit in enumerate(found) if limit.concurrent_requests < LEAST]
    if none:
        free = solve(operation.rows(np.array(none)), (), percentile)
        for row, limit in zip(none, free, strict=True):
            found[row] = limit
    return found


def carries_inside(limit: Limit | None, rate: float | None, concurrent: float | None) -> bool:
    """Whether a load stays inside the targets of a limit; False where the targets gave way."""
    if limit is None or not limit.targets:
        return False
    if rate is not None:
        return limit.requests_per_second >= rate
    return concurrent is None or limit.concurrent_requests >= concurrent


def milliseconds_of(targets: Sequence[TargetLimit]) -> Limits:
    """Limits of TTFT, ITL, E2E and first answer token; practically infinite where there is no target."""
    given = {target.name: target.milliseconds for target in targets}
    ttft, itl, e2e = (given.get(name, NO_TARGET_MS) for name in ("TTFT", "ITL", "E2E"))
    return ttft, itl, e2e, math.inf


def open_limits(operation: Operation, targets: Sequence[TargetLimit], percentile: Percentile) -> list[Limit]:
    """Rates at which Poisson arrivals still hold the targets, and the mean requests in flight then."""
    profiles, work, limits = operation.profiles(), operation.workload, milliseconds_of(targets)
    highest = capacity(profiles, work, limits, percentile)
    seen = open_load(profiles, highest.rate_per_s[:, None], work)
    causes = binding(profiles, work, limits, percentile, highest.breaking_per_s)
    flight = np.where(np.isfinite(seen.concurrency[:, 0]), seen.concurrency[:, 0], 0.0)
    # Near saturation the mean counts those that wait outside.
    flight = np.minimum(flight, operation.most_in_flight)
    return [
        Limit(
            requests_per_second=three(float(highest.rate_per_s[row]) * int(count)),
            concurrent_requests=three(float(flight[row]) * int(count)),
            breaks=WORDS[causes[row]],
            targets=tuple(targets),
        )
        for row, count in enumerate(operation.replicas)
    ]


def closed_limits(
    operation: Operation, targets: Sequence[TargetLimit], percentile: Percentile
) -> list[Limit]:
    """Most requests in flight whose typical latencies hold the targets, by halving."""
    limits = np.array(milliseconds_of(targets)[:3])
    most = operation.most_in_flight
    low, high = np.ones_like(most), most.copy()
    low[worst(operation, low, limits)[0] > 1.0] = 0.0
    whole = worst(operation, most, limits)[0] <= 1.0
    for _ in range(HALVINGS):
        middle = np.ceil((low + high) / 2.0)
        holds = worst(operation, np.maximum(middle, 1.0), limits)[0] <= 1.0
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    low = np.where(whole, most, np.minimum(low, most))
    _, first = worst(operation, np.maximum(low + 1.0, 1.0), limits)
    e2e = operation.latencies(np.maximum(low, 1.0)[:, None]).e2e_ms(operation.output_tokens)[:, 0]
    return [
        Limit(
            requests_per_second=three(1000.0 * float(low[row] * count / e2e[row])),
            concurrent_requests=float(low[row] * count),
            breaks=cause(bool(whole[row]), float(most[row]), int(first[row])),
            targets=tuple(targets),
        )
        for row, count in enumerate(operation.replicas)
    ]


def cause(whole: bool, most: float, first: int) -> Breaks:
    """What breaks above the limit: a target, the cache, or the most sequences of a step."""
    if not whole:
        return WORDS[("ttft", "itl", "e2e")[first]]
    return "throughput" if most >= MAX_SEQUENCES else "KV cache memory"


def worst(operation: Operation, each: FloatArray, limits: FloatArray) -> tuple[FloatArray, IntArray]:
    """Largest latency over its limit, and which of the three it is; arrays of shape (N,)."""
    seen = operation.latencies(each[:, None])
    values = np.stack([seen.ttft_ms, seen.itl_ms, seen.e2e_ms(operation.output_tokens)])[..., 0]
    shares = values / limits[:, None]
    return shares.max(axis=0), shares.argmax(axis=0)
