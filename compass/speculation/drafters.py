"""Dimensions of what drafts, from those of the model.

MTP: one layer like the model's own, a projection of two hidden states to one, and the model's lm_head
(DeepSeek-V3 Technical Report, section 2.2). EAGLE-3: one dense layer whose attention sees two hidden states,
a projection of three, and an lm_head over a short vocabulary (Li et al., EAGLE-3, 2025, section 3).
"""

from compass.catalog import Architecture, attention_layers, global_attention
from compass.speculation.acceptance import draft_model
from compass.speculation.types import Drafter, Method

EAGLE_VOCABULARY = 32000
"""Tokens that published EAGLE-3 heads for Llama 3 and Qwen3 draft from; the model's own if they are fewer."""
MOST_WIDTH = 4.0
"""Width of the feed-forward part of an EAGLE-3 head over its hidden size, for models that have experts."""
CACHE_BYTES = 2.0


def drafter_of(architecture: Architecture, method: Method, checkpoint: str | None) -> Drafter:
    """Return the dimensions of what drafts for a model."""
    if method == "mtp":
        return _mtp(architecture)
    if method == "eagle3":
        return _eagle(architecture)
    if method == "draft-model" and checkpoint:
        dimensions = draft_model(checkpoint)
        parameters = dimensions.parameters_b * 1e9
        return Drafter(
            layers=dimensions.layers,
            read_parameters=parameters,
            stored_parameters=parameters,
            kv_bytes_per_token=dimensions.kv_bytes_per_token,
        )
    return Drafter()


def _mtp(arch: Architecture) -> Drafter:
    projection = 2.0 * arch.hidden_size**2
    return Drafter(
        own_layers=1,
        layers=1,
        read_parameters=projection + float(arch.vocab_size * arch.hidden_size),
        stored_parameters=projection,
        kv_bytes_per_token=_cache_of_a_layer(arch),
    )


def _eagle(arch: Architecture) -> Drafter:
    hidden = float(arch.hidden_size)
    kv_heads, head_dim = global_attention(arch)
    keys = kv_heads if not arch.mla else arch.attention_heads
    attention = head_dim * (2.0 * hidden * (arch.attention_heads + 2 * keys) + hidden * arch.attention_heads)
    width = (
        min(float(arch.intermediate_size), MOST_WIDTH * hidden) if arch.experts else arch.intermediate_size
    )
    parameters = (
        attention + 3.0 * hidden * width + 3.0 * hidden**2 + hidden * min(EAGLE_VOCABULARY, arch.vocab_size)
    )
    return Drafter(
        layers=1,
        read_parameters=parameters,
        stored_parameters=parameters,
        kv_bytes_per_token=_cache_of_a_layer(arch),
    )


def _cache_of_a_layer(arch: Architecture) -> float:
    """Bytes of a token in the KV cache of one layer of full attention."""
    if arch.mla:
        return CACHE_BYTES * (arch.mla.kv_lora_rank + arch.mla.qk_rope_head_dim)
    kv_heads, head_dim = (
        global_attention(arch) if attention_layers(arch)[1] else (arch.kv_heads, arch.head_dim)
    )
    return 2.0 * CACHE_BYTES * kv_heads * head_dim
