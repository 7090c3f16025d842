"""Step times of thousands of configurations at once, as `Estimator.profile` makes them for one."""

import numpy as np

from tools.capacity import CompiledBatch
from tools.capacity.profile import BATCH, CONTEXT_SHARE, MAX_BATCHED_TOKENS, MAX_SEQUENCES
from tools.capacity.types import BoolArray, FloatArray
from tools.traffic import ProfileBatch

STEPS = 24


def closed_loop_profiles(
    batch: CompiledBatch, kept: FloatArray, prompt: float, output: float
) -> ProfileBatch:
    """Profiles of the batch's configurations for one shape of traffic; see `closed_loop_profile`.

    `kept`: tokens of KV cache that each holds, shape (N,).
    """
    loads = np.array(BATCH, dtype=np.float64)
    predicted = batch.predict(loads, prompt, output)
    itl, ttft = predicted.itl_ms, predicted.ttft_ms
    context = prompt + 0.5 * output
    holds = loads[None, :] * context <= np.maximum(kept, context)[:, None]
    whole, overhead = prefill_of(loads, itl, ttft, output, holds)
    kv = CONTEXT_SHARE * np.maximum(0.0, itl[:, -1] - itl[:, 0]) / (loads[-1] * context)
    shared = itl - loads / output * whole[:, None] - kv[:, None] * loads * context
    decode = np.maximum.accumulate(np.maximum(shared, 0.05 * itl), axis=1)
    c = batch.coefficients
    seen = 0.5 * prompt
    square = c.prefill_full[:, 0] * seen + c.prefill_window[:, 0] * np.minimum(seen, c.window[:, 0])
    quadratic = square / (c.prefill[:, 0] + square)
    size = len(batch.configs)
    return ProfileBatch(
        batch=loads,
        decode_ms=decode,
        kv_ms_per_token=kv,
        prefill_ms_per_token=whole * (1.0 - quadratic) / prompt,
        prefill_ms_per_token_squared=whole * quadratic / (prompt * seen),
        request_overhead_ms=overhead,
        max_num_seqs=np.full(size, float(MAX_SEQUENCES)),
        max_num_batched_tokens=np.full(size, float(MAX_BATCHED_TOKENS)),
        kv_capacity_tokens=np.maximum(1.0, np.floor(kept)),
    )


def prefill_of(
    loads: FloatArray, itl: FloatArray, ttft: FloatArray, output: float, holds: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Milliseconds of one prompt and of a request's overhead that give the TTFT curve, shape (N,) each."""
    marked = np.where(holds, 0.0, np.nan)
    marked[~holds.any(axis=1), 0] = 0.0
    ceiling = np.nanmin(0.9 * itl * output / loads + marked, axis=1)
    low = np.maximum(ttft[:, 0] * 0.02, 1e-3)
    high = np.maximum(np.minimum(ttft[:, 0], ceiling), 2e-3)
    best = np.full(len(itl), np.inf)
    whole, overhead = low.copy(), np.zeros(len(itl))
    for share in np.linspace(0.0, 1.0, STEPS):
        tried = low ** (1.0 - share) * high**share
        busy = np.minimum(loads * tried[:, None] / (itl * output), 0.95)
        reached = tried[:, None] * (1.0 + 0.5 * busy / (1.0 - busy)) + 0.5 * itl
        extra = np.maximum(0.0, np.nanmedian(ttft - reached + marked, axis=1))
        error = np.nanmean(np.abs(np.log((reached + extra[:, None]) / ttft)) + marked, axis=1)
        better = error < best
        best = np.where(better, error, best)
        whole = np.where(better, tried, whole)
        overhead = np.where(better, extra, overhead)
    return whole, overhead
