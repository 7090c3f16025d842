"""Simulates replicas behind a router and summarises what users see."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from compass.capacity import BoolArray, FloatArray, IntArray, LatencyProfile
from compass.core import InvalidInput
from compass.traffic.arrivals import Requests
from compass.traffic.replica import ReplicaRun, check_lengths, run_replica, serve

Routing = Literal["random", "round-robin", "least-loaded"]
"""random: what a plain Kubernetes Service does. round-robin and least-loaded: gateways."""


class Percentiles(BaseModel):
    """Mean and percentiles over requests, in milliseconds."""

    model_config = ConfigDict(frozen=True)

    mean: float
    p50: float
    p90: float
    p95: float
    p99: float

    def at(self, percentile: str) -> float:
        """The value at "mean", "p50", "p90", "p95" or "p99"."""
        return float(getattr(self, percentile))


class Summary(BaseModel):
    """Latencies, throughput and utilisation of a simulation."""

    model_config = ConfigDict(frozen=True)

    requests: int
    """Counted requests; those of the warm-up are left out."""
    replicas: int
    seconds: float
    """Virtual time from the first arrival to the last token."""
    ttft_ms: Percentiles
    itl_ms: Percentiles
    e2e_ms: Percentiles
    first_answer_ms: Percentiles | None = None
    """Time to the first token of the answer; None where nothing is generated before it."""
    requests_per_second: float
    output_tokens_per_second: float
    utilization: float
    """Share of time in which an engine computes, mean over replicas."""
    concurrency: float
    """Mean requests inside a replica, waiting ones included."""
    waiting: float
    """Mean requests of a replica whose prefill has not begun."""
    preemptions: int


@dataclass(frozen=True)
class FleetRun:
    """The runs of the replicas; latencies are in order of replica, then arrival."""

    runs: tuple[ReplicaRun, ...]
    warmup_ms: float = 0.0

    @property
    def _thinks(self) -> bool:
        return any(run.thinking is not None for run in self.runs)

    def _counted(self, name: str) -> FloatArray:
        return np.concatenate([getattr(run, name)[run.arrival >= self.warmup_ms] for run in self.runs])

    @cached_property
    def ttft_ms(self) -> FloatArray:
        """Time to first token of each counted request."""
        return self._counted("first") - self._counted("arrival")

    @cached_property
    def first_answer_ms(self) -> FloatArray:
        """Time to the first token of the answer of each counted request."""
        return self._counted("first_answer") - self._counted("arrival")

    @cached_property
    def e2e_ms(self) -> FloatArray:
        """Time to last token of each counted request."""
        return self._counted("end") - self._counted("arrival")

    @cached_property
    def itl_ms(self) -> FloatArray:
        """Mean gap between tokens of each counted request that has more than one."""
        outputs = self._counted("outputs")
        several = outputs > 1
        return np.asarray((self._counted("end") - self._counted("first"))[several] / (outputs[several] - 1))

    def summary(self) -> Summary:
        """Percentiles, throughput and use of the replicas.

        Raises:
            InvalidInput: no request was counted.
        """
        if self.ttft_ms.size == 0:
            raise InvalidInput("duration", "no request arrived in this time; give a longer one.")
        first = min(run.arrival[0] for run in self.runs if len(run.arrival))
        span = max(run.end.max() for run in self.runs if len(run.end)) - first
        total = sum(len(run.arrival) for run in self.runs)
        inside = sum(float((run.end - run.arrival).sum()) for run in self.runs)
        queued = sum(float((run.start - run.arrival).sum()) for run in self.runs)
        replicas = len(self.runs)
        return Summary(
            requests=self.ttft_ms.size,
            replicas=replicas,
            seconds=span / 1000.0,
            ttft_ms=percentiles(self.ttft_ms),
            itl_ms=percentiles(self.itl_ms),
            e2e_ms=percentiles(self.e2e_ms),
            first_answer_ms=percentiles(self.first_answer_ms) if self._thinks else None,
            requests_per_second=total / span * 1000.0,
            output_tokens_per_second=sum(float(run.outputs.sum()) for run in self.runs) / span * 1000.0,
            utilization=sum(run.busy_ms for run in self.runs) / span / replicas,
            concurrency=inside / span / replicas,
            waiting=queued / span / replicas,
            preemptions=sum(run.preemptions for run in self.runs),
        )


def percentiles(values: FloatArray) -> Percentiles:
    """Mean and percentiles; zeros where there is nothing (single-token answers have no gaps)."""
    if values.size == 0:
        return Percentiles(mean=0.0, p50=0.0, p90=0.0, p95=0.0, p99=0.0)
    p50, p90, p95, p99 = (float(value) for value in np.percentile(values, [50, 90, 95, 99]))
    return Percentiles(mean=float(values.mean()), p50=p50, p90=p90, p95=p95, p99=p99)


def simulate(
    profile: LatencyProfile,
    requests: Requests,
    replicas: int = 1,
    routing: Routing = "random",
    warmup_s: float = 0.0,
    seed: int = 0,
) -> FleetRun:
    """Serve a stream of requests by like replicas behind a router, to the last token.

    `warmup_s`: requests that arrive earlier are served but not counted. `seed` is that of random routing.
    "least-loaded" sends each request to the replica with the fewest requests inside, the first on a tie.

    Raises:
        InvalidInput: no replica, or a request that fits none.
    """
    if replicas < 1:
        raise InvalidInput("replicas", f"{replicas} cannot be; give 1 or more.")
    if routing == "least-loaded" and replicas > 1:
        return FleetRun(_least_loaded(profile, requests, replicas), warmup_s * 1000.0)
    chosen = np.arange(len(requests)) % replicas
    if routing == "random":
        chosen = np.random.default_rng(seed).integers(0, replicas, len(requests))
    runs = tuple(_alone(profile, requests, chosen == index) for index in range(replicas))
    return FleetRun(runs, warmup_s * 1000.0)


def _alone(profile: LatencyProfile, requests: Requests, mine: BoolArray) -> ReplicaRun:
    """Simulate a replica whose requests are known beforehand."""
    run = run_replica(
        profile,
        requests.arrival_ms[mine].tolist(),
        requests.prompt_tokens[mine].tolist(),
        requests.output_tokens[mine].tolist(),
    )
    return _with_thinking(run, requests, np.flatnonzero(mine))


def _with_thinking(run: ReplicaRun, requests: Requests, served: IntArray) -> ReplicaRun:
    """Return a run with the thinking tokens of the requests that it served, in its order."""
    if requests.thinking_tokens is None:
        return run
    return replace(run, thinking=requests.thinking_tokens[served].astype(float))


def _least_loaded(profile: LatencyProfile, requests: Requests, replicas: int) -> tuple[ReplicaRun, ...]:
    """Advance all replicas from arrival to arrival, since the choice needs their loads at that moment."""
    prompts, outputs = requests.prompt_tokens.tolist(), requests.output_tokens.tolist()
    check_lengths(profile, prompts, outputs)
    begin = float(requests.arrival_ms[0]) if len(requests) else inf
    queues: list[tuple[list[float], list[int], list[int]]] = [([begin], [], []) for _ in range(replicas)]
    servers = [serve(profile, *queue, len(prompts), begin) for queue in queues]
    served: list[list[int]] = [[] for _ in range(replicas)]
    inside = [next(server) for server in servers] if prompts else []
    for index, arrival in enumerate(requests.arrival_ms.tolist()):
        if index:
            inside = [server.send(arrival) for server in servers]
        chosen = inside.index(min(inside))
        served[chosen].append(index)
        times, own_prompts, own_outputs = queues[chosen]
        times[-1] = arrival
        times.append(inf)
        own_prompts.append(prompts[index])
        own_outputs.append(outputs[index])
    runs = [_finish(server) for server in servers]
    return tuple(
        _with_thinking(run, requests, np.array(own, dtype=np.int64))
        for run, own in zip(runs, served, strict=True)
    )


def _finish(server: Generator[int, float, ReplicaRun]) -> ReplicaRun:
    try:
        server.send(inf)
    except StopIteration as stop:
        run: ReplicaRun = stop.value
        return run
    raise AssertionError("a replica without a horizon runs to its end")
