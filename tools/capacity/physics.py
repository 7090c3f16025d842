"""Step time, prefill and closed-loop latency of N configurations, in milliseconds.

The form (design of the estimator; roofline in the sense of Williams et al., CACM 2009):

    step(b)  = roofline(weights, compute) for dense layers and for routed experts + kv + comm + overhead
    ITL(b)   = step(b) + b / output · prefill(prompt)          chunked prefill shares the steps with decoding
    TTFT(b)  = fixed + prefill · (1 + queue(b)) + a few steps  + waiting for KV cache, when it is full

Constants are fitted (`tools.capacity.calibrate`); everything else is counted in `tools.capacity.shapes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tools.capacity.constants import Constants, Efficiency
from tools.capacity.shapes import Shapes
from tools.capacity.types import Configuration, FloatArray, Memory


@dataclass(frozen=True)
class Coefficients:
    """What a load is multiplied with; each an array of shape (N, 1), milliseconds unless told otherwise."""

    dense_weights: FloatArray
    dense_compute: FloatArray
    """Per sequence of a data-parallel rank."""
    expert_weights: FloatArray
    """With every expert touched."""
    expert_miss: FloatArray
    """Log of the chance that one token leaves an expert alone; 0 without experts."""
    expert_compute: FloatArray
    """Per sequence of the replica."""
    kv_full: FloatArray
    """Per sequence of a rank and token of context, in full layers."""
    kv_window: FloatArray
    window: FloatArray
    """Tokens; 1e12 where there is none."""
    window_share: FloatArray
    """Of the bytes of a token's KV cache."""
    sequence: FloatArray
    """Communication and scheduling per sequence of a rank."""
    fixed: FloatArray
    """Overhead and latency of one step."""
    prefill: FloatArray
    """Per prompt token."""
    prefill_full: FloatArray
    """Per prompt token and token before it, full layers."""
    prefill_window: FloatArray
    capacity: FloatArray
    """Tokens of KV cache, of the replica; at least one."""
    ranks: FloatArray
    """Attention copies."""

    def rows(self, index: Sequence[int] | slice) -> "Coefficients":
        """Some of the configurations."""
        return Coefficients(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def coefficients(
    configs: Sequence[Configuration],
    shapes: Shapes,
    memory: Memory,
    constants: Constants,
    efficiency: Efficiency,
) -> Coefficients:
    """Constants and counts joined into what a load is multiplied with."""
    k, s = constants, shapes
    pick = _picker(configs)
    four = np.array([[c.precision in ("int4", "mxfp4", "nvfp4")] for c in configs])
    cached8 = np.array([[c.precision != "bf16"] for c in configs])
    blackwell = _blackwell(configs)
    weight_only = np.where(four & ~blackwell, k.weight_only_slowdown, 1.0)
    bandwidth = s.bandwidth * efficiency.bandwidth
    flops = s.flops * efficiency.compute
    window = np.where(np.isinf(s.window), 1e12, s.window)
    total_cache = s.kv_bytes_full + s.kv_bytes_window
    spread = np.where(s.gpus > 1, (s.gpus - 1) / s.gpus, 0.0)
    reduce_per_token = 4.0 * s.layers * s.hidden * 2.0 * spread / (s.link * k.link)
    cache_bytes = np.where(cached8, 0.5, 1.0) / (s.kv_shards * bandwidth * k.bandwidth_cache)
    prefill_experts = np.where(
        four & blackwell, k.prefill_experts_nvfp4, pick(k.prefill_experts_hopper, k.prefill_experts_blackwell)
    )
    return Coefficients(
        dense_weights=(s.attention_bytes + s.dense_bytes + s.shared_bytes)
        / (s.tp * bandwidth * pick(k.bandwidth_hopper, k.bandwidth_blackwell)),
        dense_compute=2.0 * s.dense_parameters / (s.tp * flops * pick(k.compute_hopper, k.compute_blackwell)),
        expert_weights=weight_only
        * s.expert_bytes
        / (s.gpus * bandwidth * pick(k.bandwidth_experts_hopper, k.bandwidth_experts_blackwell)),
        expert_miss=np.log1p(-np.minimum(s.experts_per_token / np.maximum(s.experts, 1.0), 0.999)),
        expert_compute=weight_only
        * 2.0
        * s.routed_parameters
        / (s.gpus * flops * pick(k.compute_experts_hopper, k.compute_experts_blackwell)),
        kv_full=s.kv_bytes_full * cache_bytes,
        kv_window=s.kv_bytes_window * cache_bytes,
        window=window,
        window_share=s.kv_bytes_window / total_cache,
        sequence=reduce_per_token + k.sequence_ms,
        fixed=efficiency.overhead
        * (
            k.step_ms
            + s.layers * pick(k.layer_hopper_ms, k.layer_blackwell_ms)
            + s.moe_layers * k.moe_layer_ms
        )
        + 2.0 * s.layers * k.reduce_latency_ms * np.log2(s.gpus),
        prefill=2.0 * s.dense_parameters / (s.tp * flops * pick(k.prefill_hopper, k.prefill_blackwell))
        + 2.0 * s.routed_parameters / (s.gpus * flops * prefill_experts)
        + reduce_per_token,
        prefill_full=s.attention_flops / (s.tp * s.flops_bf16 * efficiency.compute * k.prefill_attention),
        prefill_window=s.attention_flops_window
        / (s.tp * s.flops_bf16 * efficiency.compute * k.prefill_attention),
        capacity=np.maximum(memory.kv_capacity_tokens[:, None], 1.0)
        * np.where(cached8, k.cache_scale_quantised, k.cache_scale_bf16),
        ranks=s.dp,
    )


def _blackwell(configs: Sequence[Configuration]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.array([[c.gpu.architecture.startswith("Blackwell")] for c in configs])


def _picker(configs: Sequence[Configuration]):  # type: ignore[no-untyped-def]  # a closure over one mask
    mask = _blackwell(configs)
    return lambda hopper, blackwell: np.where(mask, blackwell, hopper)


@dataclass(frozen=True)
class Latency:
    """Typical latencies, shape (N, B), milliseconds."""

    ttft_ms: FloatArray
    itl_ms: FloatArray
    resident: FloatArray
    """Sequences that hold KV cache at once; below the concurrency where the cache is full."""


def step_ms(c: Coefficients, resident: FloatArray, context: FloatArray | float) -> FloatArray:
    """One decode step of `resident` sequences of the replica at a mean context."""
    local = resident / c.ranks
    touched = -np.expm1(resident * c.expert_miss)
    return (
        _roofline(c.dense_weights, c.dense_compute * local)
        + _roofline(c.expert_weights * touched, c.expert_compute * resident)
        + local * (c.kv_full * context + c.kv_window * np.minimum(context, c.window) + c.sequence)
        + c.fixed
    )


def _roofline(memory: FloatArray, compute: FloatArray) -> FloatArray:
    """The slower of the two, and what of the faster does not overlap."""
    return np.maximum(memory, compute) + 0.3 * np.minimum(memory, compute)


def prefill_ms(c: Coefficients, prompt: FloatArray | float) -> FloatArray:
    """Engine time of one prompt alone."""
    seen = 0.5 * np.asarray(prompt)
    return prompt * (c.prefill + c.prefill_full * seen + c.prefill_window * np.minimum(seen, c.window))


def latency(
    c: Coefficients,
    k: Constants,
    concurrency: FloatArray,
    prompt_tokens: FloatArray | float,
    output_tokens: FloatArray | float,
) -> Latency:
    """Typical TTFT and ITL at a fixed number of requests in flight."""
    prompt = np.asarray(prompt_tokens) * k.length
    output = np.asarray(output_tokens) * k.length
    context = prompt + 0.5 * output
    held = context * (1.0 - c.window_share) + c.window_share * np.minimum(context, c.window)
    resident = np.minimum(concurrency, np.maximum(c.capacity / held, 1.0))
    local = resident / c.ranks
    prefill = prefill_ms(c, prompt)
    step = step_ms(c, resident, context)
    itl = step + k.prefill_share * prefill * local / output
    busy = np.minimum(0.95, local * prefill / (itl * output))
    queue = (
        k.prefill_alone + k.queue_busy * busy / (1.0 - busy) + k.queue_burst * np.maximum(local - 1.0, 0.0)
    )
    ttft = k.request_ms + k.token_ms * prompt + prefill * queue + k.steps_before_first * step
    waiting = np.maximum(concurrency - resident, 0.0) / resident
    ttft = ttft + k.cache_wait * waiting * (ttft + itl * output)
    return Latency(ttft_ms=ttft, itl_ms=itl, resident=resident)
