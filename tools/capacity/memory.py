"""What fits: weights, runtime and KV cache of a replica, per GPU."""

import numpy as np

from tools.capacity.shapes import Shapes
from tools.capacity.types import FloatArray, Memory

UTILISATION = 0.9
"""vLLM's default `--gpu-memory-utilization`."""

CONTEXT_GIB = 0.6
"""CUDA context, allocator and NCCL buffers of a GPU process (vLLM start-up logs report 0.5 to 1 GiB)."""

GRAPHS_GIB = 0.5
"""CUDA graphs of the decode batch sizes (vLLM logs, 0.3 to 1.5 GiB)."""

PROFILED_TOKENS = 8192
"""Tokens of the profiling step whose activations vLLM reserves (`--max-num-batched-tokens`)."""


def memory(shapes: Shapes, utilisation: float = UTILISATION) -> Memory:
    """Memory of N configurations, per GPU; KV capacity of the whole replica."""
    weights = shapes.weights_bytes / 2**30
    runtime = CONTEXT_GIB + GRAPHS_GIB + _activations_gib(shapes)
    usable = shapes.memory_gib * utilisation
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
        kv_capacity_tokens=np.maximum(capacity, 0.0)[:, 0],
    )


def cache_bytes_per_token(shapes: Shapes) -> FloatArray:
    """Bytes of KV cache of one token in one attention copy, before any window drops it."""
    return shapes.kv_bytes_full + shapes.kv_bytes_window


def _activations_gib(shapes: Shapes) -> FloatArray:
    """Peak activations of the profiled step: residual stream, one MLP and 256 rows of logits."""
    widest = np.maximum(shapes.hidden * 8.0, 3.0 * shapes.experts_per_token * shapes.hidden)
    result: FloatArray = PROFILED_TOKENS * widest * 2.0 / 2**30
    return result
