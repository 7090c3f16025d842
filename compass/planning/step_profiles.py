"""Step times of thousands of configurations at once, stacked as traffic takes them."""

import numpy as np

from compass.capacity import BATCH, MAX_BATCHED_TOKENS, MAX_SEQUENCES, CompiledBatch, FloatArray, step_times
from compass.traffic import ProfileBatch


def closed_loop_profiles(
    batch: CompiledBatch, kept: FloatArray, prompt: float, output: float
) -> ProfileBatch:
    """Profiles of the batch's configurations for one shape of traffic.

    `kept`: tokens of KV cache that each holds, shape (N,).
    """
    times = step_times(batch, kept, prompt, output)
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
        kv_capacity_tokens=np.maximum(1.0, np.floor(kept)),
    )
