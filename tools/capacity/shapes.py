"""Configurations as arrays: what the memory and step-time formulas read of a model, a GPU and a layout.

All counts are exact consequences of the architecture; nothing here is fitted. Units: parameters and
bytes are plain counts, bandwidths bytes/ms, tensor rates FLOP/ms, so that quotients are milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tools.capacity.types import Configuration, FloatArray
from tools.catalog.types import Architecture, Gpu, Precision

LINEAR_BYTES: dict[Precision, float] = {
    "bf16": 2.0,
    "fp8": 1.0,
    "int8": 1.0,
    "int4": 4.25 / 8,
    "mxfp4": 4.25 / 8,
    "nvfp4": 4.5 / 8,
}
"""Bytes of a linear-layer parameter with its scales (group 128 for int4, 32 for mxfp4, 16 for nvfp4)."""

FOUR_BIT: frozenset[Precision] = frozenset({"int4", "mxfp4", "nvfp4"})
CACHE_BYTES = 2.0
"""vLLM keeps the KV cache in 16 bits unless `--kv-cache-dtype` says otherwise."""


@dataclass(frozen=True)
class Counts:
    """Parameters of a decoder by where they live; per layer where the name says so."""

    attention_per_layer: float
    dense_mlp: float
    shared_experts: float
    routed_experts: float
    lm_head: float
    embedding: float
    other: float
    """What the published size holds beyond these (norms, vision encoder, multi-token heads)."""


def count_parameters(arch: Architecture, parameters_b: float) -> Counts:
    """Parameters of each part, from the dimensions of the architecture."""
    hidden = arch.hidden_size
    moe_layers = _moe_layers(arch)
    dense_size = arch.dense_intermediate_size or arch.intermediate_size
    expert = 3.0 * hidden * (arch.moe_intermediate_size or 0)
    lm_head = float(arch.vocab_size * hidden)
    counts = Counts(
        attention_per_layer=_attention_parameters(arch),
        dense_mlp=3.0 * hidden * dense_size * (arch.layers - moe_layers),
        shared_experts=expert * arch.shared_experts * moe_layers,
        routed_experts=expert * (arch.experts or 0) * moe_layers,
        lm_head=lm_head,
        embedding=0.0 if arch.tie_embeddings else lm_head,
        other=0.0,
    )
    known = (
        counts.attention_per_layer * arch.layers
        + counts.dense_mlp
        + counts.shared_experts
        + counts.routed_experts
        + counts.lm_head
        + counts.embedding
    )
    return Counts(**{**vars(counts), "other": max(0.0, parameters_b * 1e9 - known)})


def _moe_layers(arch: Architecture) -> int:
    if not arch.experts:
        return 0
    return arch.moe_layers if arch.moe_layers is not None else arch.layers - arch.dense_layers_first


def _attention_parameters(arch: Architecture) -> float:
    hidden, heads = arch.hidden_size, arch.attention_heads
    if arch.mla is None:
        return float(hidden * arch.head_dim * (2 * heads + 2 * arch.kv_heads))
    mla = arch.mla
    query = mla.qk_nope_head_dim + mla.qk_rope_head_dim
    down = hidden * (mla.kv_lora_rank + mla.qk_rope_head_dim)
    up = mla.kv_lora_rank * heads * (mla.qk_nope_head_dim + mla.v_head_dim)
    rank = mla.q_lora_rank
    q = hidden * rank + rank * heads * query if rank else hidden * heads * query
    return float(down + up + q + heads * mla.v_head_dim * hidden)


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
    moe_layers: FloatArray
    hidden: FloatArray
    tp: FloatArray
    pp: FloatArray
    dp: FloatArray
    ep: FloatArray
    gpus: FloatArray
    attention_bytes: FloatArray
    """Of one attention copy, lm_head included; so are the dense bytes, of one data-parallel rank."""
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
    """Of it, what the engine may use."""
    batched_tokens: FloatArray


def shapes(configs: Sequence[Configuration]) -> Shapes:
    """The arrays of some configurations, in their order."""
    rows = [_row(config) for config in configs]
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), len(fields(Shapes)))
    return Shapes(*(columns[:, i : i + 1] for i in range(columns.shape[1])))


def _row(config: Configuration) -> tuple[float, ...]:
    arch, gpu = config.architecture, config.gpu
    tp, dp = attention_layout(config)
    counts = count_parameters(arch, config.parameters_b)
    linear = LINEAR_BYTES[config.precision]
    # Published 4-bit checkpoints of mixture-of-experts models quantise the experts only.
    attention = 2.0 if arch.experts and config.precision in FOUR_BIT else linear
    experts, per_token = float(arch.experts or 0), float(arch.experts_per_token or 0)
    routed = counts.routed_experts
    full, windowed, window = _cache(arch)
    per_context = _attention_flops(arch)
    fraction = arch.sliding_window.layer_fraction if arch.sliding_window else 0.0
    attention_bytes = counts.attention_per_layer * arch.layers * attention
    head_bytes = counts.lm_head * 2.0
    bytes_per_rank = (
        attention_bytes + counts.dense_mlp * linear + counts.shared_experts * linear + head_bytes
    ) / tp
    other = (counts.embedding + counts.other) * 2.0 / tp
    computed = (bytes_per_rank + other) / config.pipeline_parallel + routed * linear / config.gpus
    stated = (config.weight_gib or 0.0) * 2**30 / (tp * config.pipeline_parallel)
    weights = stated if dp == 1 and stated else computed
    return (
        arch.layers,
        _moe_layers(arch),
        arch.hidden_size,
        tp,
        config.pipeline_parallel,
        dp,
        config.expert_parallel,
        config.gpus,
        attention_bytes + head_bytes,
        counts.dense_mlp * linear,
        counts.shared_experts * linear,
        routed * linear,
        counts.attention_per_layer * arch.layers + counts.dense_mlp + counts.shared_experts + counts.lm_head,
        routed * per_token / experts if experts else 0.0,
        experts,
        per_token,
        weights,
        full,
        windowed,
        window,
        1.0 if arch.mla else min(tp, arch.kv_heads),
        per_context * (1.0 - fraction),
        per_context * fraction,
        arch.attention_heads,
        gpu.memory_bandwidth_gb_s * 1e6,
        tensor_rate(gpu, config.precision) * 1e9,
        gpu.dense_tflops.bf16 * 1e9,
        gpu.interconnect_gb_s * 1e6,
        gpu.memory_gib,
        gpu.memory_gib * config.utilization,
        config.batched_tokens,
    )


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
    if arch.mla:
        return (arch.mla.kv_lora_rank + arch.mla.qk_rope_head_dim) * arch.layers * CACHE_BYTES, 0.0, np.inf
    whole = 2.0 * arch.kv_heads * arch.head_dim * arch.layers * CACHE_BYTES
    if arch.sliding_window is None:
        return whole, 0.0, np.inf
    fraction = arch.sliding_window.layer_fraction
    return whole * (1.0 - fraction), whole * fraction, float(arch.sliding_window.size)


def _attention_flops(arch: Architecture) -> float:
    """FLOP of scores and values for one query token and one cached token, all layers."""
    if arch.mla:
        width = arch.mla.qk_nope_head_dim + arch.mla.qk_rope_head_dim + arch.mla.v_head_dim
        return 2.0 * arch.attention_heads * width * arch.layers
    return 4.0 * arch.attention_heads * arch.head_dim * arch.layers
