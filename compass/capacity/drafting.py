"""Decode steps with speculation, in milliseconds: drafting by a small model, then verification by the model.

A step of b sequences drafts k tokens for each, one after the other, and verifies them at once:

    step(b) = verification of b · (k + 1) tokens + k passes of the drafter over b sequences + bookkeeping

Verification reads weights and KV cache once (Leviathan et al., ICML 2023, section 3); it computes k + 1
times as much and touches more experts.
"""

from dataclasses import dataclass

import numpy as np

from compass.capacity.coefficients import Coefficients
from compass.capacity.constants import Constants
from compass.capacity.physics import cache_ms, in_step, roofline, step_ms, with_ramp
from compass.capacity.shapes import Shapes
from compass.capacity.types import FloatArray, Memory

DIFFERENT = 0.6
"""Experts that a further token of a sequence touches, over those that a token of another sequence would:
neighbours in a text share experts. Fitted by hand on published runs with EAGLE-3: Qwen3-30B-A3B with one
request on H20 (AngelSlim), gpt-oss-120b with 1 and 8 on H100 (model card of
Dogacel/specdrift-gpt-oss-120b-eagle3)."""
SAMPLING = 0.5
"""Share of a step's work for each sequence that every further token of it takes again: sampling, not
scheduling. Our judgement: nothing published tells the two apart."""


@dataclass(frozen=True)
class Drafting:
    """How N configurations draft, each array of shape (N, 1)."""

    tokens: FloatArray
    """Drafted for a sequence in a step; 0 without speculation."""
    passes: FloatArray
    """Of the drafter, in a step; 0 where a search in the text drafts."""
    own_layers: FloatArray
    """Layers like those of the model, in its weight format, experts included."""
    layers: FloatArray
    """All layers of the drafter."""
    read_parameters: FloatArray
    """Parameters in 16 bits that a pass reads and computes with, `own_layers` apart."""
    stored_parameters: FloatArray
    """Those of them that the model does not hold anyway."""
    kv_bytes_per_token: FloatArray
    """Of the drafter's KV cache, in 16 bits."""
    pass_ms: FloatArray
    """Work between two passes that the GPU waits for."""
    check_ms: FloatArray
    """Bookkeeping of a step: preparing the drafts, choosing what is accepted."""
    check_sequence_ms: FloatArray
    """The same, for each sequence of a rank."""


def speculative_step_ms(
    c: Coefficients,
    k: Constants,
    s: Shapes,
    resident: FloatArray,
    context: FloatArray | float,
    drafting: Drafting,
) -> FloatArray:
    """Time of one step that drafts and verifies, shape (N, B), for `resident` sequences of the replica."""
    verification = verification_ms(c, k, resident, context, 1.0 + drafting.tokens)
    in_flight = in_step(c, resident)
    one_pass = _pass_ms(c, s, in_flight, context, drafting)
    checks = drafting.check_ms + drafting.check_sequence_ms * in_flight / c.ranks
    total: FloatArray = verification + drafting.passes * one_pass + np.where(drafting.tokens > 0, checks, 0.0)
    return total


def verification_ms(
    c: Coefficients,
    k: Constants,
    resident: FloatArray,
    context: FloatArray | float,
    tokens: FloatArray,
) -> FloatArray:
    """Time of one step that computes so many tokens of each sequence; for one, that of `step_ms`."""
    resident = in_step(c, resident)
    local = resident / c.ranks
    touched = -np.expm1(resident * (1.0 + DIFFERENT * (tokens - 1.0)) * c.expert_miss)
    dense = local + _further(local, tokens, k.compute_half_tokens)
    expert = resident + _further(resident, tokens, k.compute_half_tokens_expert / c.expert_share)
    # A recurrent state is read once and written after every token, for those that are refused.
    state = c.state * 0.5 * (1.0 + tokens)
    sequence = k.sequence_ms * (1.0 + SAMPLING * (tokens - 1.0))
    total: FloatArray = (
        roofline(c.dense_weights, c.dense_compute * dense)
        + roofline(c.expert_weights * touched, c.expert_compute * expert)
        + local * (_attention_ms(c, context, tokens) + state + c.reduce_small * tokens + sequence)
        + c.fixed
    )
    return total


def verification_ratio(
    c: Coefficients,
    k: Constants,
    s: Shapes,
    resident: FloatArray,
    context: FloatArray | float,
    drafting: Drafting,
) -> FloatArray:
    """Time of a step with speculation over that of one without, shape (N, B); 1 where nothing is drafted."""
    plain = step_ms(c, k, resident, context)
    ratio = speculative_step_ms(c, k, s, resident, context, drafting) / plain
    return np.where(drafting.tokens > 0, ratio, 1.0)


def cache_left(s: Shapes, memory: Memory, drafting: Drafting) -> FloatArray:
    """Share of the KV cache's tokens that the drafter's weights and cache leave, shape (N,)."""
    own_bytes = cache_bytes(s)
    free = np.maximum(memory.kv_capacity_tokens[:, None], 1.0) / s.dp * own_bytes / s.kv_shards / s.pp
    weights = (drafting.own_layers * _layer_bytes(s) + 2.0 * drafting.stored_parameters) / s.tp
    experts = drafting.own_layers * s.expert_bytes / np.maximum(s.moe_layers, 1.0) / s.gpus
    share = np.maximum(0.0, 1.0 - (weights + experts) / free)
    result: FloatArray = share * own_bytes / (own_bytes + drafting.kv_bytes_per_token)
    return result[:, 0]


def cache_share(s: Shapes, drafting: Drafting) -> FloatArray:
    """Bytes of KV cache that the drafter reads in a step, over those that verification reads, shape (N,)."""
    result: FloatArray = drafting.passes * drafting.kv_bytes_per_token / cache_bytes(s)
    return result[:, 0]


def prompt_share(s: Shapes, drafting: Drafting) -> FloatArray:
    """Work of the drafter on a prompt's token over that of the model, shape (N,), without any lm_head."""
    layer = (s.dense_parameters - _lm_head(s)) / s.layers + s.routed_parameters / np.maximum(
        s.moe_layers, 1.0
    )
    drafter = drafting.own_layers * layer + drafting.stored_parameters
    result: FloatArray = drafter / (s.dense_parameters + s.routed_parameters)
    return result[:, 0]


def cache_bytes(s: Shapes) -> FloatArray:
    """Bytes of a token in the KV cache of one attention copy, shape (N, 1)."""
    return s.kv_bytes_full + s.kv_bytes_window


def _attention_ms(c: Coefficients, context: FloatArray | float, tokens: FloatArray) -> FloatArray:
    """Time of attention of one sequence of a rank: of reading its cache, or of computing if that is more.

    For one token it is the time to read, which is what runs have fitted.
    """
    read, attend = cache_ms(c, context), c.attend * context
    result: FloatArray = np.maximum(read, attend * tokens) - np.maximum(attend - read, 0.0)
    return result


def _further(sequences: FloatArray, tokens: FloatArray, ramp: FloatArray | float) -> FloatArray:
    """Tokens of work that those beyond the first of each sequence add, at what tokens of a prompt cost."""
    return with_ramp(sequences * tokens, ramp) - with_ramp(sequences, ramp)


def _pass_ms(
    c: Coefficients, s: Shapes, resident: FloatArray, context: FloatArray | float, drafting: Drafting
) -> FloatArray:
    """Time of one pass of the drafter; bandwidth, compute and overhead of a layer are those of the model."""
    local = resident / c.ranks
    layer_parameters = drafting.own_layers * (s.dense_parameters - _lm_head(s)) / s.layers
    bytes_ = drafting.own_layers * _layer_bytes(s) + 2.0 * drafting.read_parameters
    weights = c.dense_weights * bytes_ / (s.attention_bytes + s.dense_bytes + s.shared_bytes)
    as_16_bits = layer_parameters + drafting.read_parameters * s.flops / s.flops_bf16
    # The first pass also takes in the tokens that were just verified.
    tokens = local * (1.0 + (1.0 + drafting.tokens) / np.maximum(drafting.passes, 1.0))
    compute = c.dense_compute * as_16_bits / s.dense_parameters * tokens
    experts = drafting.own_layers / np.maximum(s.moe_layers, 1.0)
    touched = -np.expm1(resident * c.expert_miss)
    total: FloatArray = (
        roofline(weights, compute)
        + roofline(experts * c.expert_weights * touched, experts * c.expert_compute * resident)
        + local * cache_ms(c, context) * drafting.kv_bytes_per_token / cache_bytes(s)
        + drafting.layers * c.fixed / s.layers
        + drafting.pass_ms
    )
    return total


def _layer_bytes(s: Shapes) -> FloatArray:
    """Bytes of a layer of the model without its routed experts."""
    dense = s.attention_bytes + s.dense_bytes + s.shared_bytes - 2.0 * _lm_head(s)
    result: FloatArray = dense / s.layers
    return result


def _lm_head(s: Shapes) -> FloatArray:
    return s.vocabulary * s.hidden
