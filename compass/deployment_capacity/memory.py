"""Memory of a replica: the longest request that its cache holds, and how many of a length."""

import numpy as np

from compass.capacity import CompiledBatch, FloatArray
from compass.deployment_capacity.types import MemoryOfGpu


def memory_of_gpu(batch: CompiledBatch, row: int) -> MemoryOfGpu:
    """One GPU's memory in GiB, as vLLM divides it."""
    memory, total = batch.memory, batch.configs[row].gpu.memory_gib
    weights, runtime = float(memory.weights_gib[row]), float(memory.runtime_gib[row])
    cache = max(0.0, float(memory.usable_gib[row]) - weights - runtime)
    return MemoryOfGpu(
        weights=round(weights, 1),
        runtime=round(runtime, 1),
        kv_cache=round(cache, 1),
        free=round(max(0.0, total - weights - runtime - cache), 1),
        total_per_gpu=round(total, 1),
    )


def longest_context(batch: CompiledBatch) -> FloatArray:
    """Tokens of the longest request that the cache of each replica holds, shape (N,).

    Layers with a window keep no more than its tokens, recurrent layers a state of fixed size.
    """
    c = batch.coefficients
    room = c.capacity - c.state_tokens
    beyond = (room - c.window_share * c.window) / np.maximum(1.0 - c.window_share, 1e-9)
    longest = np.where(room <= c.window, room, np.minimum(np.maximum(beyond, c.window), 1e9))
    return np.where(batch.memory.fits, np.maximum(np.floor(longest[:, 0]), 0.0), 0.0)


def requests_held(batch: CompiledBatch, tokens: int) -> FloatArray:
    """Requests of so many tokens that the cache of one replica holds, shape (N,); 0 where nothing fits."""
    held = batch.cache_tokens(float(tokens), 0.0) / tokens
    return np.where(batch.memory.fits, np.floor(held), 0.0)
