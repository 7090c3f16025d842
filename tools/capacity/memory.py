"""What fits: weights, runtime and KV cache of a replica, per GPU."""

import numpy as np

from tools.capacity.shapes import Shapes
from tools.capacity.types import FloatArray, Memory

CONTEXT_GIB = 0.6
"""CUDA context, allocator and NCCL buffers of a GPU process (vLLM start-up logs report 0.5 to 1 GiB)."""

GRAPHS_GIB = 0.5
"""CUDA graphs of the decode batch sizes (vLLM logs, 0.3 to 1.5 GiB)."""


def memory(shapes: Shapes) -> Memory:
    """Memory of N configurations, per GPU; KV capacity of the whole replica."""
    weights = shapes.weights_bytes / 2**30
    runtime = CONTEXT_GIB + GRAPHS_GIB + _activations_gib(shapes)
    usable = shapes.usable_gib
    free = (usable - weights - runtime) * 2**30
    # Per GPU and token: what one shard holds; each data-parallel copy keeps its own requests.
    per_gpu = cache_bytes_per_token(shapes) / shapes.kv_shards / shapes.pp
    capacity = free / per_gpu * shapes.dp
    replicated = shapes.tp / shapes.kv_shards
    return Memory(
        weights_gib=weights[:, 0],
        runtime_gib=runtime[:, 0],
        usable_gib=usable[:, 0],
        kv_bytes_per_token=(cache_bytes_per_token(shapes) * replicated)[:, 0],
        state_bytes=shapes.state_bytes[:, 0],
        kv_capacity_tokens=np.maximum(capacity, 0.0)[:, 0],
    )


def cache_bytes_per_token(shapes: Shapes) -> FloatArray:
    """Bytes of KV cache of one token in one attention copy, before any window drops it."""
    return shapes.kv_bytes_full + shapes.kv_bytes_window


def _activations_gib(shapes: Shapes) -> FloatArray:
    """Peak activations of the largest step, which vLLM profiles and reserves: residual stream and one MLP."""
    widest = np.maximum(shapes.hidden * 8.0, 3.0 * shapes.experts_per_token * shapes.hidden)
    result: FloatArray = shapes.batched_tokens * widest * 2.0 / 2**30
    return result
