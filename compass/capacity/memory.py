"""Memory of a replica per GPU: weights, runtime and KV cache."""

import numpy as np

from compass.capacity.shapes import Shapes
from compass.capacity.types import FloatArray, Memory

FORWARD_GIB = 0.14
"""Memory of a forward pass beside the buffers that are counted."""
SAMPLER_BYTES = 14.3
"""Bytes per sequence of `--max-num-seqs` and token of the vocabulary: 32-bit logits and sorting buffers."""
OLD_SAMPLER_BYTES = 38.0
"""The same up to vLLM 0.16."""
LAST_OLD_SAMPLER = 16
GRAPHS_GIB = 1.0
"""Memory of CUDA graphs: part of `--gpu-memory-utilization` from vLLM 0.21 on, beside it before."""
FIRST_COUNTED_GRAPHS = 21
LIBRARY_GIB = 0.25
LINK_GIB = 1.85
"""Buffers of all-reduces between GPUs that have a link of their own."""
# Start-up logs of 58 servers with vLLM 0.19 and of one model on 0.15 to 0.18, all on H100 (llm-d-planner,
# accuracy/accuracy_report.md), and of Qwen3-235B and gpt-oss-120b on earlier ones (vLLM issues 21348, 23278).


def memory_of(shapes: Shapes) -> Memory:
    """Memory of N configurations, per GPU; KV capacity of the whole replica."""
    weights = shapes.weights_bytes / 2**30
    runtime = _buffers_gib(shapes) + _activations_gib(shapes)
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


def _buffers_gib(shapes: Shapes) -> FloatArray:
    """Memory of libraries beside the engine's tensors, and of CUDA graphs where they count."""
    joined = shapes.gpus / shapes.pp > 1
    graphs = (shapes.engine < 0) | (shapes.engine >= FIRST_COUNTED_GRAPHS)
    result: FloatArray = LIBRARY_GIB + LINK_GIB * (joined & (shapes.pcie == 0)) + GRAPHS_GIB * graphs
    return result


def _activations_gib(shapes: Shapes) -> FloatArray:
    """Peak of a profiled step: the sampler's copies of all logits or the widest layer, and experts' buffers.

    Every rank samples all sequences: tensor parallelism does not divide that.
    """
    old = (shapes.engine >= 0) & (shapes.engine <= LAST_OLD_SAMPLER)
    sampler = np.where(old, OLD_SAMPLER_BYTES, SAMPLER_BYTES) * shapes.sequences * shapes.vocabulary
    layer = 2.0 * shapes.batched_tokens * (3.0 * shapes.widest / shapes.tp + 2.0 * shapes.hidden)
    routed = 2.0 * shapes.expert_width / shapes.tp + shapes.hidden
    experts = 2.0 * shapes.batched_tokens * shapes.experts_per_token * routed
    result: FloatArray = FORWARD_GIB + (np.maximum(sampler, layer) / shapes.pp + experts) / 2**30
    return result
