"""A configuration under open arrivals, or in a short closed loop, by the discrete-event simulation."""

from dataclasses import dataclass, replace

import numpy as np

from tools.capacity.estimator import Estimator
from tools.capacity.types import Configuration, FloatArray, LatencyProfile, Prediction
from tools.traffic.arrivals import Requests, lengths
from tools.traffic.engine import run_replica
from tools.traffic.fleet import Outcome, Summary, simulate

# Requests where a run does not say how many: enough for a p99 that holds still, few enough to be quick.
USUAL_PROMPTS = 300
MOST_PROMPTS = 1500
# Published open-load runs mostly replay ShareGPT-like texts; constant lengths would hide their tails.
LENGTH_CV = 0.4
SEED = 7


@dataclass(frozen=True)
class OpenLoad:
    """Medians as a prediction of shape (1, 1), and the tails, in ms."""

    prediction: Prediction
    ttft_p95_ms: float
    ttft_p99_ms: float
    itl_p95_ms: float


def under_open_load(
    estimator: Estimator,
    config: Configuration,
    rate_per_s: float,
    prompt_tokens: float,
    output_tokens: float,
    num_prompts: int | None,
) -> OpenLoad:
    """Poisson arrivals of `num_prompts` requests; above capacity the queue grows until the last has come."""
    profile = default_engine(estimator, config, prompt_tokens, output_tokens)
    count = min(max(num_prompts or USUAL_PROMPTS, 20), MOST_PROMPTS)
    requests = poisson(rate_per_s, prompt_tokens, output_tokens, count)
    return summed_up(estimator, config, simulate(profile, requests).summary(), prompt_tokens, output_tokens)


def in_a_short_loop(
    estimator: Estimator,
    config: Configuration,
    concurrency: float,
    prompt_tokens: float,
    output_tokens: float,
    num_prompts: int,
) -> OpenLoad:
    """A closed loop of few requests: all start at once, and that start weighs on the median TTFT."""
    profile = default_engine(estimator, config, prompt_tokens, output_tokens)
    share = min(1.0, MOST_PROMPTS / num_prompts)
    count = max(1, round(num_prompts * share))
    requests = poisson(1.0, prompt_tokens, output_tokens, count)
    run = run_replica(
        profile,
        [0.0] * min(count, max(1, round(concurrency))),
        [int(value) for value in requests.prompt_tokens],
        [int(value) for value in requests.output_tokens],
        closed=True,
    )
    return summed_up(estimator, config, Outcome((run,)).summary(), prompt_tokens, output_tokens)


def default_engine(
    estimator: Estimator, config: Configuration, prompt_tokens: float, output_tokens: float
) -> LatencyProfile:
    """The profile with the limits that vLLM chooses for the GPU's memory when nobody sets them."""
    large = config.gpu.memory_gib >= 70 and not config.gpu.name.startswith("A100")
    longest = int(prompt_tokens * 4 + output_tokens * 4)
    profile = estimator.profile(config, prompt_tokens, output_tokens)
    return profile.model_copy(
        update={
            "kv_capacity_tokens": max(profile.kv_capacity_tokens, longest),
            "max_num_seqs": 1024 if large else 256,
            "max_num_batched_tokens": 8192 if large else 2048,
        }
    )


def summed_up(
    estimator: Estimator, config: Configuration, summary: Summary, prompt_tokens: float, output_tokens: float
) -> OpenLoad:
    """Medians with the estimator's spread at that load, and the tails."""
    concurrency = max(1.0, summary.concurrency)
    spread = estimator.predict([config], np.array([concurrency]), prompt_tokens, output_tokens)
    prediction = replace(
        spread, ttft_ms=one(max(summary.ttft_ms.p50, 0.1)), itl_ms=one(max(summary.itl_ms.p50, 0.01))
    )
    return OpenLoad(
        prediction=prediction,
        ttft_p95_ms=summary.ttft_ms.p95,
        ttft_p99_ms=summary.ttft_ms.p99,
        itl_p95_ms=summary.itl_ms.p95,
    )


def one(value: float) -> FloatArray:
    """A number as an array of shape (1, 1)."""
    return np.array([[value]])


def poisson(rate_per_s: float, prompt_tokens: float, output_tokens: float, count: int) -> Requests:
    """So many requests at a rate, lengths spread around their means; the same for the same arguments."""
    rng = np.random.default_rng(SEED)
    times = np.cumsum(rng.exponential(1000.0 / rate_per_s, count))
    return Requests(
        arrival_ms=times,
        prompt_tokens=lengths(rng, prompt_tokens, LENGTH_CV, count),
        output_tokens=lengths(rng, output_tokens, LENGTH_CV, count),
    )
