"""Step time, prefill and closed-loop latency of N configurations, in milliseconds.

The form is a roofline (Williams et al., CACM 2009) for each part of a step, with overheads:

    step(b)  = roofline(weights, compute), dense and experts apart, + kv + communication + overhead
    ITL(b)   = step(b) + b / output · prefill(prompt)          chunked prefill shares the steps with decoding
    TTFT(b)  = fixed + prefill · (1 + queue(b)) + a few steps  + waiting for KV cache, when it is full

Constants are fitted (`tools.capacity.calibrate`); everything else is counted in `tools.capacity.shapes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tools.capacity.constants import Constants, Efficiency, generation
from tools.capacity.kernel import minor_release
from tools.capacity.shapes import Shapes
from tools.capacity.types import BoolArray, Configuration, FloatArray, Memory

CHUNK = 8192.0
"""Tokens of a step (`--max-num-batched-tokens`)."""
FINE_EXPERTS = 64
"""Experts of a layer from which they are small matrices, which older kernels were slow on."""
LAST_UNTUNED = 13
"""Last minor release whose kernels for small fp8 experts depended on tuned files."""
GRAPH_TOKENS = 512.0
"""Tokens of the largest step that vLLM captures as a CUDA graph."""
V0_OVERHEAD = 1.6
"""Of a step before vLLM 0.8: the V1 engine was announced in January 2025 as up to 1.7 times faster, by less
work of the CPU between steps."""
PCIE_LATENCY = 2.5
"""Of an all-reduce over PCIe against NVLink: published runs of one request on RTX 3090, 4090, A6000 and
PRO 6000 leave 20 to 30 µs for one of 4 or 8 GPUs."""
PCIE_LINK = 0.7
"""Of the rate that is reached, against the share that NVLink reaches: prompts on published nodes of A6000 and
PRO 6000 leave 13 GB/s and more for all-reduces."""
OVERLAP = 0.3
"""Of the faster side of a roofline, what the slower one does not hide."""


@dataclass(frozen=True)
class Kinds:
    """Which class each configuration belongs to; masks of shape (N, 1)."""

    blackwell: BoolArray
    ultra: BoolArray
    fp8: BoolArray
    nvfp4: BoolArray
    mxfp4: BoolArray
    int4: BoolArray
    bf16: BoolArray
    mla: BoolArray
    cached8: BoolArray
    """An fp8 KV cache: quantised checkpoints on Blackwell, and dense ones elsewhere.

    The runs do not say; where the cache filled up, their latencies show which it was.
    """
    old: BoolArray
    fine: BoolArray
    """Many small experts."""
    engine12: BoolArray
    untuned: BoolArray
    """Many small fp8 experts on tensor cores, before kernels came that need no tuning."""
    v0: BoolArray
    """vLLM's first engine, up to 0.7."""
    pcie: BoolArray
    """GPUs without a link of their own."""


def kinds(configs: Sequence[Configuration]) -> Kinds:
    """The classes of some configurations."""

    def mask(values: list[bool]) -> BoolArray:
        return np.array(values, dtype=np.bool_).reshape(-1, 1)

    engines = [minor_release(config.engine_version) for config in configs]
    return Kinds(
        blackwell=mask([generation(config.gpu) == "Blackwell" for config in configs]),
        ultra=mask([config.gpu.architecture == "Blackwell Ultra" for config in configs]),
        fp8=mask([config.precision in ("fp8", "int8") for config in configs]),
        nvfp4=mask([config.precision == "nvfp4" for config in configs]),
        mxfp4=mask([config.precision == "mxfp4" for config in configs]),
        int4=mask([config.precision == "int4" for config in configs]),
        bf16=mask([config.precision == "bf16" for config in configs]),
        mla=mask([config.architecture.mla is not None for config in configs]),
        cached8=mask([_cached8(config) for config in configs]),
        old=mask([0 <= engine <= 12 for engine in engines]),
        fine=mask([(config.architecture.experts or 0) >= FINE_EXPERTS for config in configs]),
        engine12=mask([engine == 12 for engine in engines]),
        untuned=mask([_untuned(config) for config in configs]),
        v0=mask([0 <= engine < 8 for engine in engines]),
        pcie=mask([config.gpu.interconnect_kind.startswith("PCIe") for config in configs]),
    )


def _untuned(config: Configuration) -> bool:
    small = (config.architecture.experts or 0) >= FINE_EXPERTS and config.precision == "fp8"
    release = minor_release(config.engine_version)
    return small and config.gpu.dense_tflops.fp8 is not None and 0 <= release <= LAST_UNTUNED


def _cached8(config: Configuration) -> bool:
    if config.cache is not None:
        return config.cache == "fp8"
    if config.precision == "bf16":
        return False
    return generation(config.gpu) == "Blackwell" or not config.architecture.experts


@dataclass(frozen=True)
class Coefficients:
    """What a load is multiplied with; each an array of shape (N, 1), milliseconds unless told otherwise."""

    dense_weights: FloatArray
    dense_compute: FloatArray
    """Per token of a data-parallel rank."""
    expert_weights: FloatArray
    """With every expert touched."""
    expert_miss: FloatArray
    """Log of the chance that one token leaves an expert alone; 0 without experts."""
    expert_compute: FloatArray
    """Per token of the replica."""
    expert_share: FloatArray
    """Tokens an expert sees of each token of the replica; 1e9 without experts."""
    kv_full: FloatArray
    """Per sequence of a rank and token of context, in full layers."""
    kv_window: FloatArray
    window: FloatArray
    """Tokens; 1e12 where there is none."""
    window_share: FloatArray
    """Of the bytes of a token's KV cache."""
    state: FloatArray
    """Reading and writing what recurrent layers keep, per sequence of a rank."""
    state_tokens: FloatArray
    """Tokens of KV cache in whose place such a state stands."""
    state_prefill: FloatArray
    """Of recurrent layers, per prompt token."""
    reduce: FloatArray
    """Communication per token of a rank."""
    fixed: FloatArray
    """Overhead and latency of one step."""
    attention: FloatArray
    """Per prompt token and token before it, full layers."""
    attention_window: FloatArray
    capacity: FloatArray
    """Tokens of KV cache, of the replica; at least one."""
    ranks: FloatArray
    """Attention copies."""
    stages: FloatArray
    """Steps under way at once in a pipeline, each with its part of the sequences."""
    token: FloatArray
    """Outside of the engine, per prompt token."""

    @property
    def prefill(self) -> FloatArray:
        """What a long prompt takes a token, without attention."""
        return self.dense_compute + self.expert_compute + self.reduce + self.state_prefill

    @property
    def prefill_full(self) -> FloatArray:
        """What a prompt token takes a token before it, in layers of full attention."""
        return self.attention

    @property
    def prefill_window(self) -> FloatArray:
        """The same in windowed layers."""
        return self.attention_window

    def rows(self, index: Any) -> "Coefficients":
        """Some of the configurations: anything that selects rows of an array."""
        return Coefficients(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def _when(mask: BoolArray, factor: float) -> FloatArray:
    return np.where(mask, factor, 1.0)


def _dense_bandwidth(k: Constants, is_: Kinds) -> FloatArray:
    return (
        k.bandwidth
        * _when(is_.blackwell, k.bandwidth_x_blackwell)
        * _when(is_.fp8, k.bandwidth_x_fp8)
        * _when(is_.nvfp4, k.bandwidth_x_nvfp4)
    )


def _expert_bandwidth(k: Constants, is_: Kinds) -> FloatArray:
    return (
        k.bandwidth_experts
        * _when(is_.blackwell, k.bandwidth_experts_x_blackwell)
        * _when(is_.fp8, k.bandwidth_experts_x_fp8)
        * _when(is_.nvfp4, k.bandwidth_experts_x_nvfp4)
        * _when(is_.mxfp4, k.bandwidth_experts_x_mxfp4)
        * _when(is_.int4, k.bandwidth_experts_x_int4)
        * _when(is_.fp8 & is_.blackwell, k.bandwidth_experts_x_fp8_blackwell)
        * _when(is_.mxfp4 & is_.blackwell, k.bandwidth_experts_x_mxfp4_blackwell)
        * _when(is_.int4 & is_.blackwell, k.bandwidth_experts_x_int4_blackwell)
        * _when(is_.old & is_.fp8 & is_.fine, k.bandwidth_experts_x_old)
    )


def _dense_compute(k: Constants, is_: Kinds) -> FloatArray:
    return (
        k.compute
        * _when(is_.blackwell, k.compute_x_blackwell)
        * _when(is_.ultra, k.compute_x_ultra)
        * _when(is_.fp8, k.compute_x_fp8)
        * _when(is_.nvfp4, k.compute_x_nvfp4)
    )


def _expert_compute(k: Constants, is_: Kinds) -> FloatArray:
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


def _fixed(k: Constants, is_: Kinds, s: Shapes, efficiency: Efficiency, gpus: FloatArray) -> FloatArray:
    layer = (
        k.layer_ms
        * _when(is_.blackwell, k.layer_x_blackwell)
        * _when(is_.old, k.layer_x_old)
        * _when(is_.mla, k.layer_x_mla)
    )
    launch = (
        k.step_ms
        + s.layers * layer
        + s.moe_layers * k.moe_layer_ms * _when(is_.blackwell, k.moe_layer_x_blackwell)
    ) * _when(is_.v0, V0_OVERHEAD)
    reduce = (
        k.reduce_latency_ms
        * _when(is_.blackwell, k.reduce_latency_x_blackwell)
        * _when(is_.pcie, PCIE_LATENCY)
        * np.log2(gpus)
    )
    exchange = (s.dp > 1) * k.data_parallel_layer_ms + (s.ep > 1) * k.expert_parallel_layer_ms
    total: FloatArray = efficiency.overhead * launch + 2.0 * s.layers * reduce + s.moe_layers * exchange
    return total


def coefficients(
    configs: Sequence[Configuration],
    s: Shapes,
    memory: Memory,
    k: Constants,
    efficiency: Efficiency,
    is_: Kinds | None = None,
) -> Coefficients:
    """Constants and counts joined into what a load is multiplied with."""
    is_ = is_ or kinds(configs)
    bandwidth, flops = s.bandwidth * efficiency.bandwidth, s.flops * efficiency.compute
    # A step passes through the stages of a pipeline one after the other: as many work on a layer as one has.
    gpus = s.gpus / s.pp
    experts = np.where(is_.untuned, efficiency.experts, 1.0)
    cache = (
        bandwidth
        * k.bandwidth_cache
        * _when(is_.blackwell, k.bandwidth_cache_x_blackwell)
        * _when(is_.mla, k.bandwidth_cache_x_mla)
    )
    kv_bytes = s.kv_bytes_full + s.kv_bytes_window
    cache_bytes = np.where(is_.cached8, 0.5, 1.0) / (s.kv_shards * cache)
    cache_scale = np.where(is_.cached8, k.cache_scale_quantised, k.cache_scale_bf16)
    attention = (
        s.tp
        * s.flops_bf16
        * efficiency.compute
        * k.prefill_attention
        * _when(is_.blackwell, k.prefill_attention_x_blackwell)
        * _when(is_.mla, k.prefill_attention_x_mla)
    )
    share = s.experts_per_token / np.maximum(s.experts, 1.0)
    dense_bytes = s.attention_bytes + s.dense_bytes + s.shared_bytes
    return Coefficients(
        dense_weights=dense_bytes / (s.tp * bandwidth * _dense_bandwidth(k, is_)),
        dense_compute=2.0 * s.dense_parameters / (s.tp * flops * _dense_compute(k, is_)),
        expert_weights=s.expert_bytes / (gpus * bandwidth * experts * _expert_bandwidth(k, is_)),
        expert_miss=k.experts_touched * np.log1p(-np.minimum(share, 0.999)),
        expert_compute=2.0 * s.routed_parameters / (gpus * flops * experts * _expert_compute(k, is_)),
        expert_share=np.where(s.experts > 0, share, 1e9),
        kv_full=s.kv_bytes_full * cache_bytes,
        kv_window=s.kv_bytes_window * cache_bytes,
        window=np.where(np.isinf(s.window), 1e12, s.window),
        window_share=s.kv_bytes_window / kv_bytes,
        state=2.0 * s.state_bytes / (s.tp * cache),
        state_tokens=s.state_bytes / s.tp / (kv_bytes / s.kv_shards) * cache_scale,
        state_prefill=s.state_flops / attention,
        reduce=8.0
        * s.layers
        * s.hidden
        * (gpus - 1.0)
        / gpus
        / (s.link * k.link * _when(is_.pcie, PCIE_LINK)),
        fixed=_fixed(k, is_, s, efficiency, gpus),
        attention=s.attention_flops / attention,
        attention_window=s.attention_flops_window / attention,
        capacity=np.maximum(memory.kv_capacity_tokens[:, None], 1.0) * cache_scale,
        ranks=s.dp,
        stages=s.pp,
        token=k.token_ms + np.where(is_.engine12, k.token_engine12_ms, 0.0),
    )


@dataclass(frozen=True)
class Latency:
    """Typical latencies, shape (N, B), milliseconds."""

    ttft_ms: FloatArray
    itl_ms: FloatArray
    resident: FloatArray
    """Sequences that hold KV cache at once; below the concurrency where the cache is full."""
    waiting: FloatArray
    """Share of TTFT that is waiting for KV cache."""


def step_ms(c: Coefficients, k: Constants, resident: FloatArray, context: FloatArray) -> FloatArray:
    """One decode step of `resident` sequences of the replica at a mean context."""
    resident = in_step(c, resident)
    local = resident / c.ranks
    touched = -np.expm1(resident * c.expert_miss)
    cache = c.kv_full * context + c.kv_window * np.minimum(context, c.window)
    total: FloatArray = (
        _roofline(c.dense_weights, c.dense_compute * local)
        + _roofline(c.expert_weights * touched, c.expert_compute * resident)
        + local * (cache + c.state + c.reduce + k.sequence_ms)
        + c.fixed
    )
    return total


def held_tokens(c: Coefficients, context: FloatArray | float) -> FloatArray:
    """Tokens of KV cache that a sequence takes, windows and the states that stand in their place counted."""
    seen: FloatArray = np.minimum(context, c.window)
    return context * (1.0 - c.window_share) + c.window_share * seen + c.state_tokens


def in_step(c: Coefficients, resident: FloatArray) -> FloatArray:
    """Sequences of one step: those of the replica, divided among the stages of its pipeline."""
    result: FloatArray = np.maximum(resident / c.stages, np.minimum(resident, 1.0))
    return result


def _resident(asked: FloatArray, room: FloatArray, sharpness: float) -> FloatArray:
    """Sequences that hold cache at once: all, until the cache fills; lengths vary, so the corner is round."""
    result: FloatArray = asked * (1.0 + (asked / room) ** sharpness) ** (-1.0 / sharpness)
    return result


def _roofline(memory: FloatArray, compute: FloatArray) -> FloatArray:
    """The slower of the two, and what of the faster does not overlap."""
    return np.maximum(memory, compute) + OVERLAP * np.minimum(memory, compute)


@dataclass(frozen=True)
class Prefill:
    """Engine time of one prompt, milliseconds."""

    added: FloatArray
    """To steps that decode anyway."""
    alone: FloatArray
    """In steps of its own."""
    packed: FloatArray
    """Beside other prompts that fill a step: what an inefficient small step costs is shared."""


def prefill_ms(c: Coefficients, k: Constants, prompt: FloatArray) -> Prefill:
    """What a prompt of so many tokens takes."""
    seen = 0.5 * prompt
    dense = c.dense_compute * _with_ramp(prompt, k.compute_half_tokens)
    expert = c.expert_compute * _with_ramp(prompt, k.compute_half_tokens_expert / c.expert_share)
    attended = c.attention * seen + c.attention_window * np.minimum(seen, c.window)
    rest = prompt * (attended + c.reduce + c.state_prefill)
    steps = np.maximum(1.0, prompt / CHUNK)
    alone = _roofline(c.dense_weights * steps, dense) + _roofline(c.expert_weights * steps, expert)
    # Short steps run from CUDA graphs, as decoding does.
    eager = 1.0 + (k.prefill_overhead - 1.0) * prompt / (prompt + GRAPH_TOKENS)
    own = alone + rest + c.fixed * steps * eager
    least = prompt * (c.dense_compute + c.expert_compute) + rest
    packed = least + (own - least) / np.maximum(1.0, CHUNK / prompt)
    return Prefill(added=dense + expert + rest, alone=own, packed=packed)


def _with_ramp(tokens: FloatArray, ramp: FloatArray | float) -> FloatArray:
    """Tokens and what small matrices cost more; the fewer the tokens, the less they can cost more."""
    result: FloatArray = tokens * (1.0 + ramp / (tokens + ramp))
    return result


def latency(
    c: Coefficients,
    k: Constants,
    concurrency: FloatArray,
    prompt_tokens: FloatArray | float,
    output_tokens: FloatArray | float,
) -> Latency:
    """Typical TTFT and ITL at a fixed number of requests in flight."""
    prompt = np.asarray(prompt_tokens, dtype=np.float64)
    output = np.asarray(output_tokens, dtype=np.float64)
    context = prompt + 0.5 * output
    held = held_tokens(c, context)
    resident = _resident(concurrency, np.maximum(c.capacity / held, 1.0), k.cache_sharpness)
    local = in_step(c, resident) / c.ranks
    prefill = prefill_ms(c, k, prompt)
    added = prefill.added
    step = step_ms(c, k, resident, context)
    itl = step + k.prefill_share * added * local / output
    busy = np.minimum(0.95, local * added / (itl * output))
    together = k.queue_burst * np.maximum(local - 1.0, 0.0)
    queue = added * k.queue_busy * busy / (1.0 - busy) + prefill.packed * together
    # A request that comes alone finds no step that it must wait for.
    busy_steps = k.steps_before_first * (1.0 - 1.0 / np.maximum(local, 1.0))
    ttft = k.request_ms + c.token * prompt + prefill.alone + queue + busy_steps * step
    queued = np.maximum(concurrency - resident, 0.0) / np.maximum(resident, 1e-9)
    wait = k.cache_wait * queued * (ttft + itl * output)
    return Latency(ttft_ms=ttft + wait, itl_ms=itl, resident=resident, waiting=wait / (ttft + wait))
