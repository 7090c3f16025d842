"""What a simulation starts from: the replica of a named candidate, and the load of a specification."""

from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import Estimator, LatencyProfile, closed_loop_profile
from compass.catalog import Catalog, find_gpu, find_model
from compass.core import InvalidInput
from compass.planning.candidates import Candidate
from compass.planning.types import Specification
from compass.sessions import BLOCK_TOKENS, GeneratedSessions, HostTier, SessionRun, simulate_turns
from compass.traffic import (
    LENGTH_CV,
    FleetRun,
    OfferedLoad,
    ReplicaRun,
    Summary,
    Thinking,
    longest_request,
    requests_of,
    run_replica,
)

LOOPS, FEWEST, MOST = 8, 1200, 6000
"""Requests of a closed loop: so many times those in flight, within limits."""
WARM_LOOPS = 1.5
"""Loops that are served and not counted: at the start all prompts come at once."""


def find_candidate(
    catalog: Catalog, model: str, gpu: str, precision: str | None = None, tensor_parallel: int = 1
) -> Candidate:
    """Return the candidate of these names, also one that plans do not consider.

    `precision` may be left out where the model is published in one alone.

    Raises:
        NotFound: the catalog lacks the model or the GPU.
        InvalidInput: the model is not published in this precision; names those it is.
    """
    known = find_model(catalog, model)
    published = {checkpoint.precision: checkpoint for checkpoint in reversed(known.checkpoints)}
    wanted = next(iter(published)) if precision is None and len(published) == 1 else precision
    for name, checkpoint in published.items():
        if name == wanted:
            return Candidate(known, checkpoint, find_gpu(catalog, gpu), tensor_parallel)
    hint = f"not in {precision}" if precision else "name one of them"
    raise InvalidInput("precision", f"{known.name} is published in {', '.join(published)}; {hint}.")


def candidate_profile(
    candidate: Candidate, estimator: Estimator, prompt_tokens: float, output_tokens: float
) -> LatencyProfile:
    """Return the step times of one replica, as plans take them, for these mean lengths."""
    return closed_loop_profile(estimator.compile([candidate.configuration]), prompt_tokens, output_tokens)


def peak_load(specification: Specification, seconds: float = 600.0) -> OfferedLoad:
    """Return the load of the peak, which all replicas together carry, for some virtual seconds."""
    return OfferedLoad(
        requests_per_second=specification.peak_requests_per_second,
        prompt_tokens=specification.prompt_tokens,
        output_tokens=specification.output_tokens,
        arrivals="bursts" if specification.burst_size > 1 else "poisson",
        burst=specification.burst_size,
        seconds=seconds,
        thinking=thinking_of(specification),
    )


def thinking_of(specification: Specification) -> Thinking | None:
    """Return what is generated before the answers of a specification as served; None where nothing is."""
    if not specification.thinking_tokens:
        return None
    return Thinking(specification.thinking_tokens, specification.thinking_cv)


def simulate_closed_loop(
    profile: LatencyProfile, specification: Specification, in_flight: int, seed: int = 1, replicas: int = 1
) -> Summary:
    """Return what users see of replicas that together always have so many requests in flight.

    The rate is that of the requests which end while new ones are still sent.
    """
    each = [in_flight // replicas + (at < in_flight % replicas) for at in range(replicas)]
    rng = np.random.default_rng(seed)
    loops = [loop_of(profile, specification, max(1, share), rng) for share in each]
    warm = min(max(loop.warm_ms for loop in loops), min(loop.last_sent_ms for loop in loops))
    summary = FleetRun(tuple(loop.run for loop in loops), warm).summary()
    rate = sum(loop.requests_per_second for loop in loops)
    return summary.model_copy(update={"requests_per_second": rate})


TURNS, MOST_TURNS, TURNS_A_SESSION = 1500, 3000, 20
"""Turns of sessions that are simulated: so many of each, within limits, but three of each at least."""
LONG_PROMPT, LARGE_BLOCK = 16_000, 512
"""Longer prompts are simulated in larger blocks, four times as quickly: half a block a turn is not found."""


def simulate_sessions(
    profile: LatencyProfile,
    specification: Specification,
    sessions: int,
    seed: int = 1,
    host: HostTier | None = None,
    finds: bool = True,
) -> SessionRun:
    """Return what the turns of so many sessions on one replica see.

    Raises:
        InvalidInput: the specification has no sessions, or a turn fits no replica.
    """
    if specification.session is None:
        raise InvalidInput("concurrent_sessions", "the plan has no sessions; simulate its load as requests.")
    session = specification.session
    block = LARGE_BLOCK if session.mean_prompt_tokens > LONG_PROMPT else BLOCK_TOKENS
    source = GeneratedSessions(session, sessions, seed, block, finds)
    turns = max(min(max(TURNS, TURNS_A_SESSION * sessions), MOST_TURNS), 3 * sessions)
    return simulate_turns(profile, source, turns, host=host, block_tokens=block)


@dataclass(frozen=True)
class Loop:
    """One replica's run in a closed loop, times in milliseconds."""

    run: ReplicaRun
    warm_ms: float
    """When the first requests, which came all at once, are answered."""
    last_sent_ms: float

    @property
    def requests_per_second(self) -> float:
        """Of the requests that end when it is warm and new ones are still sent."""
        counted = (self.run.end > self.warm_ms) & (self.run.end <= self.last_sent_ms)
        return float(counted.sum()) / (max(self.last_sent_ms - self.warm_ms, 1e-9) / 1000)


def loop_of(
    profile: LatencyProfile, specification: Specification, in_flight: int, rng: np.random.Generator
) -> Loop:
    """Serve a closed loop on one replica: each answer is followed by the next request."""
    count = int(max(min(max(LOOPS * in_flight, FEWEST), MOST), 3 * in_flight))
    drawn = requests_of(
        rng,
        np.zeros(count),
        specification.prompt_tokens,
        specification.output_tokens,
        LENGTH_CV,
        longest_request(profile),
        thinking_of(specification),
    )
    prompts, outputs = drawn.prompt_tokens.tolist(), drawn.output_tokens.tolist()
    run = run_replica(profile, [0.0] * min(in_flight, count), prompts, outputs, closed=True)
    if drawn.thinking_tokens is not None:
        run = replace(run, thinking=drawn.thinking_tokens.astype(float))
    ended = np.sort(run.end)
    warm = float(ended[min(int(WARM_LOOPS * in_flight), count // 2)])
    return Loop(run, warm, float(run.arrival.max()))
