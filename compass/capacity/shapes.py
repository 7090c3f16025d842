"""Configurations as arrays: what the memory and step-time formulas read of a model, a GPU and a layout.

All counts are exact consequences of the architecture; nothing here is fitted. Units: parameters and
bytes are plain counts, bandwidths bytes/ms, tensor rates FLOP/ms, so that quotients are milliseconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from compass.capacity.types import Configuration, FloatArray
from compass.capacity.vllm_releases import minor_release, usual_sequences
from compass.catalog import Architecture, Gpu, Precision, parameters_of
from compass.catalog.parameters import BYTES, attention_layers, global_attention, moe_layers

DRIVER_GIB = 0.5
"""Of the memory that `nvidia-smi` shows, what the engine does not see: 0.4 to 0.7 by start-up logs on RTX
3090, H100 and B200."""
FOUR_BIT: frozenset[Precision] = frozenset({"int4", "mxfp4", "nvfp4"})
MXFP4_TILE = (256, 128)
"""What vLLM rounds the input and the width of mxfp4 experts up to."""
CACHE_BYTES = 2.0
"""vLLM keeps the KV cache in 16 bits unless `--kv-cache-dtype` says otherwise."""
STATE_FLOPS = 8.0
"""Of a token and value of a recurrent state: write, correction and read of the delta rule, two each (Yang et
al., Gated Delta Networks, 2024), and the products inside of a chunk, about as much as one of them."""


def tensor_rate(gpu: Gpu, precision: Precision) -> float:
    """TFLOP/s of the tensor path that a precision takes on a GPU.

    Formats without one (4 bits before Blackwell, fp8 on Ampere) are weight-only: they compute in bf16.
    """
    rates = gpu.dense_tflops
    native = {
        "fp8": rates.fp8,
        "int8": rates.int8,
        "nvfp4": rates.fp4,
        "mxfp4": rates.fp8 if rates.fp4 else None,  # vLLM quantises activations to mxfp8
    }.get(precision)
    return native or rates.bf16


@dataclass(frozen=True)
class Shapes:
    """N configurations, each field an array of shape (N, 1)."""

    layers: FloatArray
    """Of attention or a recurrence, and a feed-forward part; half of one where a layer has one of them."""
    moe_layers: FloatArray
    hidden: FloatArray
    tp: FloatArray
    pp: FloatArray
    dp: FloatArray
    ep: FloatArray
    gpus: FloatArray
    attention_bytes: FloatArray
    """Of one attention copy, recurrent layers and lm_head included; those of dense layers, of one rank."""
    dense_bytes: FloatArray
    shared_bytes: FloatArray
    expert_bytes: FloatArray
    """Routed experts, of the whole replica."""
    dense_parameters: FloatArray
    """Touched by every token: attention, dense layers, shared experts, lm_head."""
    routed_parameters: FloatArray
    """Of the routed experts a token visits."""
    experts: FloatArray
    experts_per_token: FloatArray
    weights_bytes: FloatArray
    """Per GPU."""
    kv_bytes_full: FloatArray
    """A token in the layers of full attention, of one attention copy, without replication."""
    kv_bytes_window: FloatArray
    window: FloatArray
    """Tokens that windowed layers read at most; infinite where there are none."""
    kv_shards: FloatArray
    """GPUs that the KV cache of one attention copy is really divided among."""
    state_bytes: FloatArray
    """What recurrent layers keep of a sequence, all layers, of one attention copy."""
    state_flops: FloatArray
    """Of recurrent layers, per prompt token."""
    attention_flops: FloatArray
    """Per token and per token of context, full layers."""
    attention_flops_window: FloatArray
    attention_heads: FloatArray
    bandwidth: FloatArray
    flops: FloatArray
    """Per GPU, in the precision of the linear layers."""
    flops_bf16: FloatArray
    link: FloatArray
    memory_gib: FloatArray
    usable_gib: FloatArray
    """What the engine may use of what it sees."""
    batched_tokens: FloatArray
    sequences: FloatArray
    """Most sequences of a step."""
    vocabulary: FloatArray
    widest: FloatArray
    """Of a dense layer's feed-forward part; 0 where all are of experts."""
    expert_width: FloatArray
    engine: FloatArray
    """Minor release of vLLM; −1 where it is not said."""
    pcie: FloatArray
    """1 for GPUs without a link of their own."""


def shapes(configs: Sequence[Configuration]) -> Shapes:
    """The arrays of some configurations, in their order."""
    rows = [_row(config) for config in configs]
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), len(fields(Shapes)))
    return Shapes(*(columns[:, i : i + 1] for i in range(columns.shape[1])))


def _row(config: Configuration) -> tuple[float, ...]:
    arch, gpu = config.architecture, config.gpu
    tp, dp = attention_layout(config)
    count = parameters_of(arch)
    linear = BYTES[config.precision]
    spared = arch.experts and config.precision in FOUR_BIT and not config.all_linear
    attention = 2.0 if spared else linear
    lm_head = float(arch.vocab_size * arch.hidden_size)
    dense = count.attention + count.dense + count.shared_experts + lm_head
    # What the published size holds beyond the layers: embedding, router, norms, vision encoder.
    other = max(0.0, config.parameters_b * 1e9 - dense - count.routed_experts)
    bytes_per_rank = (
        count.attention * attention + (count.dense + count.shared_experts) * linear + lm_head * 2.0
    ) / tp
    experts = count.routed_experts * linear / config.gpus
    computed = (bytes_per_rank + other * 2.0 / tp) / config.pipeline_parallel + experts
    padding = _padding(config) * experts
    stated = (config.weight_gib or 0.0) * 2**30 / (tp * config.pipeline_parallel)
    recurrent = arch.recurrent
    return (
        _blocks(arch),
        moe_layers(arch),
        arch.hidden_size,
        tp,
        config.pipeline_parallel,
        dp,
        config.expert_parallel,
        config.gpus,
        count.attention * attention + lm_head * 2.0,
        count.dense * linear,
        count.shared_experts * linear,
        count.routed_experts * linear,
        dense,
        count.routed_experts * count.experts_per_token / max(1, count.experts),
        count.experts,
        count.experts_per_token,
        (stated if dp == 1 and stated else computed) + padding,
        *_cache(arch),
        1.0 if arch.mla else min(tp, global_attention(arch)[0]),
        float(recurrent.layers * recurrent.state_bytes) if recurrent else 0.0,
        STATE_FLOPS * recurrent.layers * recurrent.state_values if recurrent else 0.0,
        *_attention_flops(arch),
        arch.attention_heads,
        gpu.memory_bandwidth_gb_s * 1e6,
        tensor_rate(gpu, config.precision) * 1e9,
        gpu.dense_tflops.bf16 * 1e9,
        gpu.interconnect_gb_s * 1e6,
        gpu.memory_gib,
        (gpu.memory_gib - DRIVER_GIB) * config.utilization,
        config.batched_tokens,
        config.sequences or usual_sequences(gpu, config.engine_version),
        arch.vocab_size,
        0.0
        if arch.experts and not arch.dense_layers_first
        else arch.dense_intermediate_size or arch.intermediate_size,
        arch.moe_intermediate_size or 0,
        minor_release(config.engine_version),
        gpu.interconnect_kind.startswith("PCIe"),
    )


def _padding(config: Configuration) -> float:
    """Share by which kernels of mxfp4 experts widen them: gpt-oss-120b takes 66 GiB of H100, not 61."""
    arch = config.architecture
    if config.precision != "mxfp4" or not arch.moe_intermediate_size:
        return 0.0
    shards = max(1, config.gpus // config.pipeline_parallel // config.expert_parallel)
    width = arch.moe_intermediate_size / shards
    sides = zip((arch.hidden_size, width), MXFP4_TILE, strict=True)
    return math.prod(math.ceil(side / tile) * tile / side for side, tile in sides) - 1.0


def _blocks(arch: Architecture) -> float:
    recurrent = arch.recurrent.layers if arch.recurrent else 0
    mixers = (arch.attention_layers or arch.layers) + recurrent
    return 0.5 * (mixers + (arch.mlp_layers or arch.layers))


def attention_layout(config: Configuration) -> tuple[int, int]:
    """Tensor and data parallel of attention, as far as a label can be trusted.

    Runs labelled "data parallel = expert parallel = all GPUs" repeat, to the last digit, runs labelled
    tensor parallel (Kimi-K2.5 on B200, MiniMax-M2.5 on H100): latencies are those of tensor parallel
    attention.
    """
    if config.data_parallel > 1 and config.expert_parallel == config.gpus:
        return config.tensor_parallel * config.data_parallel, 1
    return config.tensor_parallel, config.data_parallel


def _cache(arch: Architecture) -> tuple[float, float, float]:
    """Bytes of a token in full layers and in windowed layers, and the window."""
    windowed, full = attention_layers(arch)
    if arch.mla:
        return (arch.mla.kv_lora_rank + arch.mla.qk_rope_head_dim) * full * CACHE_BYTES, 0.0, np.inf
    kv_heads, head_dim = global_attention(arch)
    return (
        2.0 * kv_heads * head_dim * full * CACHE_BYTES,
        2.0 * arch.kv_heads * arch.head_dim * windowed * CACHE_BYTES,
        float(arch.sliding_window.size) if arch.sliding_window else np.inf,
    )


def _attention_flops(arch: Architecture) -> tuple[float, float]:
    """FLOP of scores and values for one query token and one cached token, full and windowed layers."""
    windowed, full = attention_layers(arch)
    if arch.mla:
        width = arch.mla.qk_nope_head_dim + arch.mla.qk_rope_head_dim + arch.mla.v_head_dim
        return 2.0 * arch.attention_heads * width * full, 0.0
    per_head = 4.0 * arch.attention_heads
    return per_head * global_attention(arch)[1] * full, per_head * arch.head_dim * windowed
