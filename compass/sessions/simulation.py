"""Simulates sessions, or a recorded trace, on replicas behind a router, and says what the cache held."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Literal, Protocol

import numpy as np

from compass.capacity import LatencyProfile
from compass.core import InvalidInput
from compass.sessions.engine import HostTier, ReplicaEngine, Turn
from compass.traffic import Percentiles, percentiles

Routing = Literal["prefix-aware", "round-robin"]
BLOCK_TOKENS = 128
"""Of the simulated cache: eight of vLLM's blocks, which changes hit rates by half of that a turn."""
CROWDED, SPARE = 2.0, 4
"""A prefix-aware router leaves a replica that has so many times the mean load, and so many turns more."""


class Source(Protocol):
    """Turns as they come."""

    def begin(self) -> Iterator[Turn]:
        """The turns that come by themselves, in any order."""

    def after(self, turn: Turn) -> Turn | None:
        """The turn that follows one that has ended; None without one."""


@dataclass(frozen=True)
class SessionRun:
    """What the turns of a simulation saw; those of the warm-up are not counted."""

    turns: int
    hit_rate: float
    """Share of prompt tokens found in the cache, host memory included."""
    host_share: float
    """Of prompt tokens those loaded from host memory."""
    requests_per_second: float
    ttft_ms: Percentiles
    itl_ms: Percentiles
    e2e_ms: Percentiles
    preemptions: int


def simulate_turns(
    profile: LatencyProfile,
    source: Source,
    turns: int,
    replicas: int = 1,
    routing: Routing = "prefix-aware",
    host: HostTier | None = None,
    block_tokens: int = BLOCK_TOKENS,
    warmup: float = 0.3,
) -> SessionRun:
    """Serve turns until so many have ended; the first `warmup` of them are not counted.

    Raises:
        InvalidInput: no replica, no turn, or a turn that fits no replica.
    """
    if replicas < 1 or turns < 1:
        raise InvalidInput("replicas", "give 1 replica and 1 turn or more.")
    engines = [ReplicaEngine(profile, block_tokens, host) for _ in range(replicas)]
    arrivals: list[tuple[float, int, Turn]] = []
    number = 0
    for turn in source.begin():
        heapq.heappush(arrivals, (turn.arrival, number, turn))
        number += 1
    done: list[Turn] = []
    routed = 0
    while len(done) < turns:
        busy = [engine for engine in engines if engine.load]
        upcoming = arrivals[0][0] if arrivals else inf
        engine = min(busy, key=lambda one: one.now) if busy else None
        if engine is None or upcoming <= engine.now:
            if not arrivals:
                break
            turn = heapq.heappop(arrivals)[2]
            check(profile, turn, block_tokens)
            chosen = engines[routed % replicas] if routing == "round-robin" else nearest(engines, turn)
            routed += 1
            for each in engines:
                each.sessions.pop(turn.session, None)
            chosen.sessions[turn.session] = turn.history
            if not chosen.load:
                chosen.now = max(chosen.now, turn.arrival)
            chosen.queue.append(turn)
            continue
        for ended in engine.step(upcoming):
            done.append(ended)
            following = source.after(ended)
            if following is not None:
                heapq.heappush(arrivals, (following.arrival, number, following))
                number += 1
    return summary(done[int(len(done) * warmup) :], sum(engine.preemptions for engine in engines))


def nearest(engines: list[ReplicaEngine], turn: Turn) -> ReplicaEngine:
    """Return the replica where a turn's history was, unless it is crowded; else that with fewest sessions."""
    most = CROWDED * sum(engine.load for engine in engines) / len(engines) + SPARE
    for engine in engines:
        if engine.sessions.get(turn.session) == turn.history and engine.load <= most:
            return engine
    return min(engines, key=lambda e: (len(e.sessions.keys() - {turn.session}), e.load))


def check(profile: LatencyProfile, turn: Turn, block_tokens: int) -> None:
    """Refuse a turn that no replica could ever serve.

    Raises:
        InvalidInput: it does not fit into the KV cache.
    """
    tokens = turn.prompt_tokens + turn.output_tokens + block_tokens
    if tokens > profile.kv_capacity_tokens:
        raise InvalidInput(
            "prompt_tokens",
            f"a turn of {tokens:,} tokens does not fit into KV memory for {profile.kv_capacity_tokens:,}.",
        )


def summary(turns: list[Turn], preemptions: int) -> SessionRun:
    """Return what these turns saw.

    Raises:
        InvalidInput: there is none.
    """
    if not turns:
        raise InvalidInput("turns", "no turn was counted; simulate more.")
    prompt = sum(turn.prompt_tokens for turn in turns)
    span = max(turn.end for turn in turns) - min(turn.end for turn in turns)
    several = [turn for turn in turns if turn.output_tokens > 1]
    gaps = [(turn.end - turn.first) / (turn.output_tokens - 1) for turn in several]
    return SessionRun(
        turns=len(turns),
        hit_rate=sum(turn.cached_tokens for turn in turns) / prompt,
        host_share=sum(turn.loaded_tokens for turn in turns) / prompt,
        requests_per_second=1000.0 * (len(turns) - 1) / max(span, 1e-9),
        ttft_ms=percentiles(np.array([turn.first - turn.arrival for turn in turns])),
        itl_ms=percentiles(np.array(gaps)),
        e2e_ms=percentiles(np.array([turn.end - turn.arrival for turn in turns])),
        preemptions=preemptions,
    )
