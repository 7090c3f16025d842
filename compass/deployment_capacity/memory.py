"""Memory of a replica: the longest request that its cache holds, and how many of a length."""

import numpy as np

from compass.capacity import CompiledBatch, FloatArray
from compass.core import Interval
from compass.deployment_capacity.types import MemoryOfGpu

MEMORY_DOUBT = 0.041
"""Share of weights and runtime by which four of five published start-up logs differ at most: 29 servers of
tests/contract/data/published_memory.yaml."""


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


def cache_tokens_interval(batch: CompiledBatch, row: int) -> Interval:
    """Tokens of one replica's KV cache with their 80 % interval, by the doubt of weights and runtime."""
    memory = batch.memory
    taken = float(memory.weights_gib[row] + memory.runtime_gib[row])
    left, doubt = float(memory.usable_gib[row]) - taken, MEMORY_DOUBT * taken
    tokens = float(memory.kv_capacity_tokens[row])
    if left <= 0:
        return Interval(value=0.0, low=0.0, high=0.0)
    a_gib = tokens / left
    low, high = max(0.0, left - doubt) * a_gib, (left + doubt) * a_gib
    return Interval(value=round(tokens), low=round(low), high=round(high))


def longest_context(batch: CompiledBatch) -> FloatArray:
    """Tokens of the longest request that the cache of each replica holds, shape (N,).

    A request lives in the cache of one rank of attention. Layers with a window keep no more than its tokens,
    recurrent layers a state of fixed size.
    """
    c = batch.coefficients
    room = c.capacity / c.ranks - c.state_tokens
    beyond = (room - c.window_share * c.window) / np.maximum(1.0 - c.window_share, 1e-9)
    longest = np.where(room <= c.window, room, np.minimum(np.maximum(beyond, c.window), 1e9))
    return np.where(batch.memory.fits, np.maximum(np.floor(longest[:, 0]), 0.0), 0.0)


def requests_held(batch: CompiledBatch, tokens: int) -> FloatArray:
    """Requests of so many tokens that the cache of one replica holds, shape (N,); 0 where nothing fits."""
    ranks = batch.coefficients.ranks[:, 0]
    held = batch.cache_tokens(float(tokens), 0.0) / tokens / ranks
    return np.where(batch.memory.fits, np.floor(held) * ranks, 0.0)
