"""Computes step times of thousands of configurations at once, as the traffic model takes them."""

import numpy as np

from compass.capacity import BATCH, MAX_BATCHED_TOKENS, MAX_SEQUENCES, CompiledBatch, FloatArray, step_times
from compass.traffic import ProfileBatch


def closed_loop_profiles(
    batch: CompiledBatch, cache_tokens: FloatArray, prompt: float, output: float
) -> ProfileBatch:
    """Return profiles of the batch's N configurations for one prompt and output length in tokens.

    `cache_tokens`: tokens that each KV cache holds, shape (N,).
    """
    times = step_times(batch, cache_tokens, prompt, output)
    size = len(batch.configs)
    return ProfileBatch(
        batch=np.array(BATCH, dtype=np.float64),
        decode_ms=times.decode_ms,
        kv_ms_per_token=times.kv_ms_per_token,
        prefill_ms_per_token=times.prefill_ms_per_token,
        prefill_ms_per_token_squared=times.prefill_ms_per_token_squared,
        request_overhead_ms=times.request_overhead_ms,
        max_num_seqs=np.full(size, float(MAX_SEQUENCES)),
        max_num_batched_tokens=np.full(size, float(MAX_BATCHED_TOKENS)),
        kv_capacity_tokens=np.maximum(1.0, np.floor(cache_tokens)),
    )
