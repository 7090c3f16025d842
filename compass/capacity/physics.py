"""Step time, prefill and closed-loop latency of N configurations, in milliseconds.

The form is a roofline (Williams et al., CACM 2009) for each part of a step, with overheads:

    step(b)  = roofline(weights, compute), dense and experts apart, + kv + communication + overhead
    ITL(b)   = step(b) + b / output · prefill(prompt)          chunked prefill shares the steps with decoding
    TTFT(b)  = fixed + prefill · (1 + queue(b)) + a few steps  + waiting for KV cache, when it is full
"""

from dataclasses import dataclass

import numpy as np

from compass.capacity.coefficients import Coefficients
from compass.capacity.constants import Constants
from compass.capacity.types import FloatArray

CHUNK = 8192.0
"""Tokens of a step (`--max-num-batched-tokens`)."""
GRAPH_TOKENS = 512.0
"""Tokens of the largest step that vLLM captures as a CUDA graph."""
OVERLAP = 0.3
"""Share of the faster side of a roofline that the slower side does not hide."""


@dataclass(frozen=True)
class Latency:
    """Typical latencies, shape (N, B), milliseconds."""

    ttft_ms: FloatArray
    itl_ms: FloatArray
    resident: FloatArray
    """Sequences that hold KV cache at once; below the concurrency where the cache is full."""
    waiting: FloatArray
    """Share of TTFT that is waiting for KV cache."""


def step_ms(c: Coefficients, k: Constants, resident: FloatArray, context: FloatArray | float) -> FloatArray:
    """Time of one decode step of `resident` sequences of the replica at a mean context."""
    resident = in_step(c, resident)
    local = resident / c.ranks
    touched = -np.expm1(resident * c.expert_miss)
    total: FloatArray = (
        roofline(c.dense_weights, c.dense_compute * local)
        + roofline(c.expert_weights * touched, c.expert_compute * resident)
        + local * (cache_ms(c, context) + c.state + c.reduce_small + k.sequence_ms)
        + c.fixed
    )
    return total


def cache_ms(c: Coefficients, context: FloatArray | float) -> FloatArray:
    """Time to read the KV cache of one sequence of a rank at a context."""
    result: FloatArray = c.kv_full * context + c.kv_window * np.minimum(context, c.window)
    return result


def held_tokens(c: Coefficients, context: FloatArray | float) -> FloatArray:
    """Tokens of KV cache that a sequence takes; windows and recurrent states are counted."""
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


def roofline(memory: FloatArray, compute: FloatArray) -> FloatArray:
    """Milliseconds of the slower of the two, and what of the faster does not overlap."""
    return np.maximum(memory, compute) + OVERLAP * np.minimum(memory, compute)


@dataclass(frozen=True)
class Prefill:
    """Engine time of one prompt, milliseconds."""

    added: FloatArray
    """Time added to steps that decode anyway."""
    alone: FloatArray
    """Time in steps of its own."""
    packed: FloatArray
    """Time beside other prompts that fill the step, so that the cost of a small step is shared."""


def prefill_ms(c: Coefficients, k: Constants, prompt: FloatArray) -> Prefill:
    """Engine time of a prompt of so many tokens."""
    seen = 0.5 * prompt
    dense = c.dense_compute * with_ramp(prompt, k.compute_half_tokens)
    expert = c.expert_compute * with_ramp(prompt * c.prompts, k.compute_half_tokens_expert / c.expert_share)
    attended = c.attention * seen + c.attention_window * np.minimum(seen, c.window)
    rest = prompt * (attended + c.reduce + c.state_prefill)
    steps = np.maximum(1.0, prompt / CHUNK)
    alone = roofline(c.dense_weights * steps, dense) + roofline(c.expert_weights * steps, expert)
    # Short steps run from CUDA graphs, as decoding does.
    eager = 1.0 + (k.prefill_overhead - 1.0) * prompt / (prompt + GRAPH_TOKENS)
    own = alone + rest + c.fixed * steps * eager
    least = prompt * (c.dense_compute + c.prompts * c.expert_compute) + rest
    packed = least + (own - least) / np.maximum(1.0, CHUNK / prompt)
    return Prefill(added=dense + expert + rest, alone=own, packed=packed)


def with_ramp(tokens: FloatArray, ramp: FloatArray | float) -> FloatArray:
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
