"""Engine step times whose closed loop gives the latencies that the estimator predicts."""

from dataclasses import dataclass

import numpy as np

from compass.capacity.estimator import CompiledBatch
from compass.capacity.types import BoolArray, FloatArray, LatencyProfile

BATCH = (1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
MAX_SEQUENCES = 1024
"""vLLM's default `--max-num-seqs` on data-centre GPUs."""
MAX_BATCHED_TOKENS = 8192
CONTEXT_SHARE = 0.15
"""Largest share of a decode step that is attributed to resident context; the rest grows with the batch."""
BURST = 0.05
"""Share of b prompts that one waits for on average in a closed loop that starts all at once and sends ten
times b requests: a tenth of them wait for half of the others."""
STEPS = 32
"""Number of prefill times that are tried."""
LIGHT_LOADS = 2
"""Number of smallest batch sizes whose TTFT determines the overhead of a request."""


@dataclass(frozen=True)
class StepTimes:
    """Step times of N profiles for one pair of prompt and output length."""

    decode_ms: FloatArray
    """Shape (N, len(BATCH))."""
    kv_ms_per_token: FloatArray
    """Shape (N,), as the following."""
    prefill_ms_per_token: FloatArray
    prefill_ms_per_token_squared: FloatArray
    request_overhead_ms: FloatArray


def step_times(batch: CompiledBatch, capacity: FloatArray, prompt: float, output: float) -> StepTimes:
    """Step times of N configurations whose caches hold `capacity` tokens, shape (N,).

    In the simulated engine a gap between tokens is a decode step plus the prompts that share it, b / output
    of them on average, and a first token waits for its own prompt and for those that came with it. Prefill
    is chosen so that the TTFT curve comes out, the decode step so that ITL comes out at every batch size.
    """
    loads = np.array(BATCH, dtype=np.float64)
    predicted = batch.predict(loads, prompt, output)
    itl, ttft = predicted.itl_ms, predicted.ttft_ms
    context = prompt + 0.5 * output
    holds = loads[None, :] * context <= np.maximum(0.9 * capacity, context)[:, None]
    # A prompt passes the stages of a pipeline one after the other, while others are in the other stages.
    # Ranks of attention compute their prompts side by side.
    stages = (batch.coefficients.stages * batch.coefficients.ranks)[:, 0]
    pass_ms, overhead = prefill_of(loads, stages, itl, ttft, output, holds)
    whole = pass_ms / stages
    kv = CONTEXT_SHARE * np.maximum(0.0, itl[:, -1] - itl[:, 0]) / (loads[-1] * context)
    left = itl - loads / output * whole[:, None] - kv[:, None] * loads * context
    # The square term is physics' own share of attention in a prompt.
    c = batch.coefficients
    seen = 0.5 * prompt
    square = c.prefill_full[:, 0] * seen + c.prefill_window[:, 0] * np.minimum(seen, c.window[:, 0])
    quadratic = square / (c.prefill[:, 0] + square)
    return StepTimes(
        decode_ms=np.maximum.accumulate(np.maximum(left, 0.05 * itl), axis=1),
        kv_ms_per_token=kv,
        prefill_ms_per_token=whole * (1.0 - quadratic) / prompt,
        prefill_ms_per_token_squared=whole * quadratic / (prompt * seen),
        request_overhead_ms=overhead + pass_ms - whole,
    )


def closed_loop_profile(batch: CompiledBatch, prompt: float, output: float) -> LatencyProfile:
    """The latency profile of the batch's only configuration for one pair of prompt and output length."""
    capacity = batch.cache_tokens(prompt, output)
    times = step_times(batch, capacity, prompt, output)
    return LatencyProfile(
        model=batch.configs[0].model,
        batch=BATCH,
        decode_ms=tuple(float(value) for value in times.decode_ms[0]),
        kv_ms_per_token=float(times.kv_ms_per_token[0]),
        prefill_ms_per_token=float(times.prefill_ms_per_token[0]),
        prefill_ms_per_token_squared=float(times.prefill_ms_per_token_squared[0]),
        request_overhead_ms=float(times.request_overhead_ms[0]),
        max_num_seqs=MAX_SEQUENCES,
        max_num_batched_tokens=MAX_BATCHED_TOKENS,
        kv_capacity_tokens=max(1, int(capacity[0])),
        max_model_len=max(int(prompt + output), 131072),
    )


def prefill_of(
    loads: FloatArray,
    stages: FloatArray,
    itl: FloatArray,
    ttft: FloatArray,
    output: float,
    holds: BoolArray,
) -> tuple[FloatArray, FloatArray]:
    """Milliseconds of one prompt and of a request's overhead that give the TTFT curve, shape (N,) each.

    Only loads that the cache `holds` count, shape (N, B), the first always. The decode step that a prompt
    shares is what is left of ITL without prompts.
    """
    count = holds | (np.arange(len(loads)) == 0)
    light = count & (np.arange(len(loads)) < LIGHT_LOADS)
    local = np.maximum(loads / stages[:, None], np.minimum(loads, 1.0))
    ceiling = np.min(np.where(count, 0.9 * itl * output / local, np.inf), axis=1)
    low = np.maximum(ttft[:, 0] * 0.02, 1e-3)
    high = np.maximum(np.minimum(ttft[:, 0], ceiling), 1.01 * low)
    best = np.full(len(itl), np.inf)
    whole, overhead = low.copy(), np.zeros(len(itl))
    for share in np.linspace(0.0, 1.0, STEPS):
        tried = low ** (1.0 - share) * high**share
        step = np.maximum(itl - local / output * tried[:, None], 0.05 * itl)
        reached = step + tried[:, None] * (1.0 + BURST * np.maximum(local - 1.0, 0.0))
        extra = np.maximum(0.0, _mean(ttft - reached, light))
        error = _mean(np.abs(np.log((reached + extra[:, None]) / ttft)), count)
        better = error < best
        best = np.where(better, error, best)
        whole, overhead = np.where(better, tried, whole), np.where(better, extra, overhead)
    return whole, overhead


def _mean(values: FloatArray, where: BoolArray) -> FloatArray:
    result: FloatArray = (values * where).sum(axis=1) / where.sum(axis=1)
    return result
