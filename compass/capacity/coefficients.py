"""Cost coefficients of N configurations: fitted constants times exact counts.

Constants are fitted (`calibration.calibrate`); everything else is counted in `compass.capacity.shapes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from compass.capacity.constants import Constants, Efficiency
from compass.capacity.hardware_classes import HardwareClasses, hardware_classes_of
from compass.capacity.shapes import Shapes
from compass.capacity.types import BoolArray, Configuration, FloatArray, Memory

V0_OVERHEAD = 1.6
"""Factor on the overhead of a step before vLLM 0.8: the V1 engine was announced in January 2025 as up to 1.7
times faster, by less work of the CPU between steps."""
UNPACKING_BANDWIDTH = 4.8e9
"""Memory bandwidth (bytes/ms) of the H200, where int4 experts were measured; slower memory hides their
unpacking."""
PCIE_LATENCY = 2.5
"""Latency of an all-reduce over PCIe against NVLink: published runs of one request on RTX 3090, 4090, A6000
and PRO 6000 leave 20 to 30 µs for one of 4 or 8 GPUs."""
PCIE_LINK = 0.7
"""Share of its peak that PCIe reaches, against the share that NVLink reaches: prompts on published nodes of
A6000 and PRO 6000 leave 13 GB/s and more for all-reduces."""


@dataclass(frozen=True)
class Coefficients:
    """Costs per unit of load, each of shape (N, 1), in milliseconds unless stated otherwise."""

    dense_weights: FloatArray
    dense_compute: FloatArray
    """Compute time per token of a data-parallel rank."""
    expert_weights: FloatArray
    """Time to read the weights of all experts."""
    expert_miss: FloatArray
    """Log of the probability that one token does not use a given expert; 0 without experts."""
    expert_compute: FloatArray
    """Compute time per token of the replica."""
    expert_share: FloatArray
    """Share of the replica's tokens that one expert sees; 1e9 without experts."""
    kv_full: FloatArray
    """Read time per sequence of a rank and token of context, in layers of full attention."""
    kv_window: FloatArray
    window: FloatArray
    """Tokens; 1e12 where there is none."""
    window_share: FloatArray
    """Share of a token's KV cache that windowed layers hold."""
    state: FloatArray
    """Time to read and write recurrent states, per sequence of a rank."""
    state_tokens: FloatArray
    """Tokens of KV cache that take as much memory as one sequence's recurrent state."""
    state_prefill: FloatArray
    """Compute time of recurrent layers, per prompt token."""
    reduce: FloatArray
    """Communication per token of a rank, in prompts."""
    reduce_small: FloatArray
    """Communication per token of a rank, in decode steps."""
    fixed: FloatArray
    """Overhead and latency of one step."""
    attention: FloatArray
    """Time per pair of a prompt token and a token before it, full layers."""
    attention_window: FloatArray
    attend: FloatArray
    """As `attention`, in decode steps that verify drafts."""
    capacity: FloatArray
    """Tokens of KV cache, of the replica; at least one."""
    ranks: FloatArray
    """Data-parallel copies of attention."""
    stages: FloatArray
    """Pipeline stages: as many steps run at once, each with its share of the sequences."""
    prompts: FloatArray
    """Prompts that pass the experts at once: one of each rank whose experts all ranks share, else 1."""
    token: FloatArray
    """Time outside of the engine, per prompt token."""

    @property
    def prefill(self) -> FloatArray:
        """Time per token of a long prompt, without attention."""
        return self.dense_compute + self.expert_compute + self.reduce + self.state_prefill

    @property
    def prefill_full(self) -> FloatArray:
        """Attention time per pair of a prompt token and a token before it, full layers."""
        return self.attention

    @property
    def prefill_window(self) -> FloatArray:
        """Attention time per pair of tokens, windowed layers."""
        return self.attention_window

    def rows(self, index: Any) -> "Coefficients":
        """The coefficients of some configurations; `index` is anything that selects rows of an array."""
        return Coefficients(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def _when(mask: BoolArray, factor: float) -> FloatArray:
    return np.where(mask, factor, 1.0)


def _dense_bandwidth(k: Constants, is_: HardwareClasses) -> FloatArray:
    return (
        k.bandwidth
        * _when(is_.blackwell, k.bandwidth_x_blackwell)
        * _when(is_.fp8, k.bandwidth_x_fp8)
        * _when(is_.nvfp4, k.bandwidth_x_nvfp4)
    )


def _expert_bandwidth(k: Constants, is_: HardwareClasses, s: Shapes) -> FloatArray:
    unpacked = np.minimum(
        1.0, k.bandwidth_experts_x_int4 * np.maximum(1.0, UNPACKING_BANDWIDTH / s.bandwidth)
    )
    return (
        k.bandwidth_experts
        * _when(is_.blackwell, k.bandwidth_experts_x_blackwell)
        * _when(is_.fp8, k.bandwidth_experts_x_fp8)
        * _when(is_.nvfp4, k.bandwidth_experts_x_nvfp4)
        * _when(is_.mxfp4, k.bandwidth_experts_x_mxfp4)
        * np.where(is_.int4, unpacked, 1.0)
        * _when(is_.fp8 & is_.blackwell, k.bandwidth_experts_x_fp8_blackwell)
        * _when(is_.mxfp4 & is_.blackwell, k.bandwidth_experts_x_mxfp4_blackwell)
        * _when(is_.int4 & is_.blackwell, k.bandwidth_experts_x_int4_blackwell)
        * _when(is_.before_0_13 & is_.fp8 & is_.many_small_experts, k.bandwidth_experts_x_before_0_13)
    )


def _dense_compute(k: Constants, is_: HardwareClasses) -> FloatArray:
    return (
        k.compute
        * _when(is_.blackwell, k.compute_x_blackwell)
        * _when(is_.ultra, k.compute_x_ultra)
        * _when(is_.fp8, k.compute_x_fp8)
        * _when(is_.nvfp4, k.compute_x_nvfp4)
    )


def _expert_compute(k: Constants, is_: HardwareClasses) -> FloatArray:
    return (
        k.compute_experts
        * _when(is_.blackwell, k.compute_experts_x_blackwell)
        * _when(is_.ultra, k.compute_x_ultra)
        * _when(is_.fp8, k.compute_experts_x_fp8)
        * _when(is_.nvfp4, k.compute_experts_x_nvfp4)
        * _when(is_.mxfp4, k.compute_experts_x_mxfp4)
        * _when(is_.int4, k.compute_experts_x_int4)
        * _when(is_.mxfp4 & is_.blackwell, k.compute_experts_x_mxfp4_blackwell)
        * _when(is_.int4 & is_.blackwell, k.compute_experts_x_int4_blackwell)
    )


def _fixed(
    k: Constants, is_: HardwareClasses, s: Shapes, efficiency: Efficiency, gpus: FloatArray
) -> FloatArray:
    layer = (
        k.layer_ms
        * _when(is_.blackwell, k.layer_x_blackwell)
        * _when(is_.before_0_13, k.layer_x_before_0_13)
        * _when(is_.mla, k.layer_x_mla)
    )
    launch = (
        k.step_ms
        + s.layers * layer
        + s.moe_layers * k.moe_layer_ms * _when(is_.blackwell, k.moe_layer_x_blackwell)
    ) * _when(is_.first_engine, V0_OVERHEAD)
    reduce = (
        k.reduce_latency_ms
        * _when(is_.blackwell, k.reduce_latency_x_blackwell)
        * _when(s.pcie > 0, PCIE_LATENCY)
        * np.log2(np.where(s.own_attention > 0, s.tp, gpus))
        * efficiency.exchange
    )
    exchange = (s.dp > 1) * k.data_parallel_layer_ms + (s.ep > 1) * k.expert_parallel_layer_ms
    total: FloatArray = (
        efficiency.overhead * launch + 2.0 * s.layers * reduce + s.moe_layers * exchange + s.handover_ms
    ) + s.exchange_ms
    return total


def coefficients_of(
    configs: Sequence[Configuration],
    s: Shapes,
    memory: Memory,
    k: Constants,
    efficiency: Efficiency,
    is_: HardwareClasses | None = None,
) -> Coefficients:
    """The coefficients of N configurations from fitted constants and exact counts."""
    is_ = is_ or hardware_classes_of(configs)
    bandwidth, flops = s.bandwidth * efficiency.bandwidth, s.flops * efficiency.compute
    # A step passes through the stages of a pipeline one after the other: as many work on a layer as one has.
    gpus = s.gpus / s.pp
    experts = np.where(is_.untuned_experts, efficiency.experts, 1.0)
    cache = (
        bandwidth
        * k.bandwidth_cache
        * _when(is_.blackwell, k.bandwidth_cache_x_blackwell)
        * _when(is_.mla, k.bandwidth_cache_x_mla)
    )
    kv_bytes = s.kv_bytes_full + s.kv_bytes_window
    cache_bytes = np.where(is_.fp8_kv_cache, 0.5, 1.0) / (s.kv_shards * cache)
    held = np.where(is_.fp8_kv_cache, 2.0, 1.0)
    attention = (
        s.tp
        * s.flops_bf16
        * efficiency.compute
        * k.prefill_attention
        * _when(is_.blackwell, k.prefill_attention_x_blackwell)
        * _when(is_.mla, k.prefill_attention_x_mla)
    )
    link = s.link * k.link * _when(s.pcie > 0, PCIE_LINK)
    reduce = 8.0 * s.layers * s.hidden * (gpus - 1.0) / gpus / link
    # Ranks of attention add up the attention's output among their own GPUs only.
    reduce = np.where(s.own_attention > 0, 4.0 * s.layers * s.hidden * (s.tp - 1.0) / s.tp / link, reduce)
    share = s.experts_per_token / np.maximum(s.experts, 1.0)
    dense_bytes = s.attention_bytes + s.dense_bytes + s.shared_bytes
    return Coefficients(
        dense_weights=dense_bytes / (s.tp * bandwidth * _dense_bandwidth(k, is_)),
        dense_compute=2.0 * s.dense_parameters / (s.tp * flops * _dense_compute(k, is_)),
        expert_weights=s.expert_bytes / (gpus * bandwidth * experts * _expert_bandwidth(k, is_, s)),
        expert_miss=k.experts_touched * np.log1p(-np.minimum(share, 0.999)),
        expert_compute=2.0 * s.routed_parameters / (gpus * flops * experts * _expert_compute(k, is_)),
        expert_share=np.where(s.experts > 0, share, 1e9),
        kv_full=s.kv_bytes_full * cache_bytes,
        kv_window=s.kv_bytes_window * cache_bytes,
        window=np.where(np.isinf(s.window), 1e12, s.window),
        window_share=s.kv_bytes_window / kv_bytes,
        state=2.0 * s.state_bytes / (s.tp * cache),
        state_tokens=s.state_bytes / s.tp / (kv_bytes / s.kv_shards) * held,
        state_prefill=s.state_flops / attention,
        reduce=reduce + s.handover_token_ms + s.exchange_token_ms,
        reduce_small=reduce * efficiency.exchange + s.handover_token_ms + s.exchange_token_small_ms,
        fixed=_fixed(k, is_, s, efficiency, gpus),
        attention=s.attention_flops / attention,
        attention_window=s.attention_flops_window / attention,
        attend=s.decode_flops / attention,
        capacity=np.maximum(memory.kv_capacity_tokens[:, None], 1.0) * held,
        ranks=s.dp,
        stages=s.pp,
        prompts=np.where(s.own_attention > 0, s.dp, 1.0),
        token=k.token_ms + np.where(is_.release_0_12, k.token_engine12_ms, 0.0),
    )
