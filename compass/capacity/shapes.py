"""Configurations as arrays: counts of a model, a GPU and a layout that the formulas use.

All counts are exact consequences of the architecture; nothing here is fitted. Units: parameters and
bytes are plain counts, bandwidths bytes/ms, tensor rates FLOP/ms, so that quotients are milliseconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from compass.capacity.types import Configuration, FloatArray
from compass.capacity.vllm_releases import minor_release, usual_sequences
from compass.catalog import (
    BYTES,
    Architecture,
    Gpu,
    Precision,
    attention_layers,
    global_attention,
    linked_gpus,
    moe_layers,
    network_link,
    parameters_of,
)

DRIVER_GIB = 0.5
"""Memory that `nvidia-smi` shows and the engine does not see: 0.4 to 0.7 by start-up logs on RTX
3090, H100 and B200."""
FOUR_BIT: frozenset[Precision] = frozenset({"int4", "mxfp4", "nvfp4"})
MXFP4_TILE = (256, 128)
"""Multiples that vLLM rounds the input and the width of mxfp4 experts up to."""
CACHE_BYTES = 2.0
"""Bytes of a value of the KV cache: 16 bits unless `--kv-cache-dtype` says otherwise."""
NVLINK_MICROSECONDS = 3.0
"""Latency of a message between GPUs of one link: our judgement, as in the catalog's network links."""
STATE_FLOPS = 8.0
"""FLOP per token and value of a recurrent state: write, correction and read of the delta rule, two each (Yang
et al., Gated Delta Networks, 2024), and the products inside of a chunk, about as much as one of them."""


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


NETWORK_DOUBT = 1.1
"""Half width (natural logarithm) that intervals of replicas over several machines grow by: six of eight
published ones then lie inside, the worst is off by a factor of four
(tests/contract/data/published_multi_node.yaml)."""


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
    own_attention: FloatArray
    """1 where each data-parallel rank has attention of its own and experts are divided among all GPUs."""
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
    """GPUs that the KV cache of one attention copy is divided among, without replicas."""
    state_bytes: FloatArray
    """Recurrent state of a sequence, all layers, of one attention copy."""
    state_flops: FloatArray
    """Of recurrent layers, per prompt token."""
    attention_flops: FloatArray
    """Per token and per token of context, full layers."""
    attention_flops_window: FloatArray
    decode_flops: FloatArray
    """As `attention_flops`, in decode steps: latent attention works on the compressed vectors there."""
    bandwidth: FloatArray
    flops: FloatArray
    """Per GPU, in the precision of the linear layers."""
    flops_bf16: FloatArray
    link: FloatArray
    usable_gib: FloatArray
    """Memory that the engine may use."""
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
    handover_ms: FloatArray
    """From stage to stage of a pipeline over machines, a step; 0 in one machine, likewise the next."""
    handover_token_ms: FloatArray
    """Of each token's hidden state, which the GPUs of a stage send side by side."""
    exchange_ms: FloatArray
    """Latency of the messages to experts of other GPUs and back, a step; 0 without ranks of attention."""
    exchange_token_ms: FloatArray
    """Of a prompt token of a rank to its experts and back; a machine gets it once. Likewise the next."""
    exchange_token_small_ms: FloatArray
    """In decode steps, where each expert gets a copy of its own."""

    def rows(self, index: Any) -> "Shapes":
        """The counts of some configurations; `index` is anything that selects rows of an array."""
        return Shapes(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def spans_machines(shapes: Shapes) -> FloatArray:
    """1 for replicas over several machines, or with ranks that share experts: no such run was fitted."""
    return np.where((shapes.handover_ms > 0) | (shapes.own_attention > 0), 1.0, 0.0)


def shapes_of(configs: Sequence[Configuration]) -> Shapes:
    """The arrays of some configurations, in their order."""
    rows = [_layout(one) | _weights(one) | _per_token(one.architecture) | _per_gpu(one) for one in configs]
    columns = {
        field.name: np.array([row[field.name] for row in rows], dtype=np.float64).reshape(-1, 1)
        for field in fields(Shapes)
    }
    return Shapes(**columns)


Row = dict[str, float]
"""Some fields of `Shapes`, of one configuration."""


def _layout(config: Configuration) -> Row:
    """Layers, and how GPUs share them and their sequences."""
    arch = config.architecture
    tp, dp = attention_layout(config)
    return {
        "layers": _blocks(arch),
        "moe_layers": moe_layers(arch),
        "hidden": arch.hidden_size,
        "tp": tp,
        "pp": config.pipeline_parallel,
        "dp": dp,
        "ep": config.expert_parallel,
        "gpus": config.gpus,
        "own_attention": config.attention_ranks,
        "kv_shards": 1.0 if arch.mla else min(tp, global_attention(arch)[0]),
        "batched_tokens": config.batched_tokens,
        "sequences": config.sequences or usual_sequences(config.gpu, config.engine_version),
        "engine": minor_release(config.engine_version),
    }


def _weights(config: Configuration) -> Row:
    """Parameters and bytes of the weights."""
    arch, count = config.architecture, parameters_of(config.architecture)
    tp, dp = attention_layout(config)
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
    stated = (config.weight_gib or 0.0) * 2**30 / (tp * config.pipeline_parallel)
    return {
        "attention_bytes": count.attention * attention + lm_head * 2.0,
        "dense_bytes": count.dense * linear,
        "shared_bytes": count.shared_experts * linear,
        "expert_bytes": count.routed_experts * linear,
        "dense_parameters": dense,
        "routed_parameters": count.routed_experts * count.experts_per_token / max(1, count.experts),
        "experts": count.experts,
        "experts_per_token": count.experts_per_token,
        "weights_bytes": (stated if dp == 1 and stated else computed) + _padding(config) * experts,
    }


def _per_token(arch: Architecture) -> Row:
    """KV cache, attention work and activation widths per token."""
    recurrent = arch.recurrent
    full_bytes, window_bytes, window = _cache(arch)
    full_flops, window_flops = _attention_flops(arch)
    only_experts = arch.experts and not arch.dense_layers_first
    return {
        "kv_bytes_full": full_bytes,
        "kv_bytes_window": window_bytes,
        "window": window,
        "state_bytes": float(recurrent.layers * recurrent.state_bytes) if recurrent else 0.0,
        "state_flops": STATE_FLOPS * recurrent.layers * recurrent.state_values if recurrent else 0.0,
        "attention_flops": full_flops,
        "attention_flops_window": window_flops,
        "decode_flops": _decode_flops(arch) or full_flops,
        "vocabulary": arch.vocab_size,
        "widest": 0.0 if only_experts else arch.dense_intermediate_size or arch.intermediate_size,
        "expert_width": arch.moe_intermediate_size or 0,
    }


def _per_gpu(config: Configuration) -> Row:
    """Rates and memory of one GPU."""
    gpu = config.gpu
    return {
        "bandwidth": gpu.memory_bandwidth_gb_s * 1e6,
        "flops": tensor_rate(gpu, config.precision) * 1e9,
        "flops_bf16": gpu.dense_tflops.bf16 * 1e9,
        "link": gpu.interconnect_gb_s * 1e6,
        "usable_gib": (gpu.memory_gib - DRIVER_GIB) * config.utilization,
        "pcie": gpu.interconnect_kind.startswith("PCIe"),
        **_handover(config),
        **_exchange(config),
    }


def _handover(config: Configuration) -> Row:
    """Times between the stages of a pipeline whose stages stand in several machines."""
    if config.pipeline_parallel == 1 or config.gpus <= config.gpu.gpus_per_node:
        return {"handover_ms": 0.0, "handover_token_ms": 0.0}
    link, hops = network_link(config.gpu.name), config.pipeline_parallel - 1
    sent = 2.0 * config.architecture.hidden_size / config.tensor_parallel
    return {
        "handover_ms": hops * link.microseconds / 1000.0,
        "handover_token_ms": hops * sent / (link.gb_s * 1e6),
    }


def _exchange(config: Configuration) -> Row:
    """Times between ranks of attention and the experts of other GPUs, in machines or a domain of one link.

    Dispatch in fp8, one byte a value, combine in 16 bits, as DeepEP does (its README, 2025): in prompts a
    machine gets each token once and hands it on inside, in decode steps every expert gets its copy.
    """
    names = ("exchange_ms", "exchange_token_ms", "exchange_token_small_ms")
    if not config.attention_ranks or config.data_parallel == 1:
        return dict.fromkeys(names, 0.0)
    arch, link = config.architecture, network_link(config.gpu.name)
    domains = -(-config.gpus // linked_gpus(config.gpu))
    layers, chosen = moe_layers(arch), float(arch.experts_per_token or 0)
    if domains == 1:
        outside, copies, rate = 1.0 - 1.0 / config.gpus, chosen, config.gpu.interconnect_gb_s
        microseconds = NVLINK_MICROSECONDS
    else:
        outside, copies, rate = 1.0 - 1.0 / domains, min(chosen, float(domains)), link.gb_s
        microseconds = link.microseconds
    copy_ms = 3.0 * arch.hidden_size * layers * outside / (rate * 1e6 * config.tensor_parallel)
    return dict(
        zip(names, (2.0 * layers * microseconds / 1000.0, copies * copy_ms, chosen * copy_ms), strict=True)
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
    """Tensor and data parallel degrees of attention.

    Runs labelled "data parallel = expert parallel = all GPUs" repeat, to the last digit, runs labelled
    tensor parallel (Kimi-K2.5 on B200, MiniMax-M2.5 on H100): latencies are those of tensor parallel
    attention. What is planned with ranks of attention says so.
    """
    if not config.attention_ranks and config.data_parallel > 1 and config.expert_parallel == config.gpus:
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


def _decode_flops(arch: Architecture) -> float:
    """FLOP of latent attention for one query token and one cached one, without decompressing; 0 of any other.

    Scores over the latent vector and its positions, values over the vector (DeepSeek-V2, section 2.1.2).
    """
    if not arch.mla:
        return 0.0
    width = 2 * arch.mla.kv_lora_rank + arch.mla.qk_rope_head_dim
    return 2.0 * arch.attention_heads * width * attention_layers(arch)[1]


def _attention_flops(arch: Architecture) -> tuple[float, float]:
    """FLOP of scores and values for one query token and one cached token, full and windowed layers."""
    windowed, full = attention_layers(arch)
    if arch.mla:
        width = arch.mla.qk_nope_head_dim + arch.mla.qk_rope_head_dim + arch.mla.v_head_dim
        return 2.0 * arch.attention_heads * width * full, 0.0
    per_head = 4.0 * arch.attention_heads
    return per_head * global_attention(arch)[1] * full, per_head * arch.head_dim * windowed
