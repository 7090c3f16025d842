"""Counts the parameters of a decoder from its dimensions."""

from dataclasses import dataclass

from compass.catalog.types import Architecture, LatentAttention, Precision

BYTES: dict[Precision, float] = {
    "bf16": 2.0,
    "fp8": 1.0,
    "int8": 1.0,
    "int4": 4.25 / 8,
    "mxfp4": 4.25 / 8,
    "nvfp4": 4.5 / 8,
}
"""Bytes of a parameter in a linear layer with its scales: groups of 128 (int4), 32 (mxfp4), 16 (nvfp4)."""


@dataclass(frozen=True)
class Parameters:
    """Parameters of a decoder by where they live; biases and norms, below 0.1 %, are left out."""

    embedding: int
    """Once where input and output share one matrix, else twice."""
    attention: int
    """Of every layer, recurrent ones in its place included."""
    dense: int
    shared_experts: int
    routed_experts: int
    router: int
    experts: int
    experts_per_token: int
    vision: int = 0

    @property
    def total_b(self) -> float:
        """All parameters, in billions."""
        parts = (self.embedding, self.attention, self.dense, self.shared_experts, self.routed_experts)
        return (sum(parts) + self.router + self.vision) / 1e9

    @property
    def active_b(self) -> float:
        """All but the experts that a token does not visit, in billions.

        Makers differ on whether the input embedding counts; here it does: a dense model is all active.
        """
        return self.total_b - self.routed_experts / 1e9 * (1 - self.experts_per_token / max(1, self.experts))

    def weight_gib(self, precision: Precision) -> float:
        """Size as loaded: embeddings, router, vision encoder and attention of mxfp4 stay in 16 bits."""
        linear = self.dense + self.shared_experts
        kept = self.embedding + self.router + self.vision
        if precision == "mxfp4":
            kept += self.attention
        else:
            linear += self.attention
        return (BYTES[precision] * (linear + self.routed_experts) + 2.0 * kept) / 2**30


def parameters_of(arch: Architecture, vision: int = 0) -> Parameters:
    """Count the parameters of an architecture; `vision` are those of an encoder, counted elsewhere."""
    moe = moe_layers(arch)
    expert = 3 * arch.hidden_size * (arch.moe_intermediate_size or 0)
    return Parameters(
        embedding=arch.vocab_size * arch.hidden_size * (1 if arch.tie_embeddings else 2)
        + arch.vocab_size * arch.per_layer_embedding * arch.layers,
        attention=mixing_of(arch),
        dense=3
        * arch.hidden_size
        * (arch.dense_intermediate_size or arch.intermediate_size)
        * ((arch.mlp_layers or arch.layers) - moe),
        shared_experts=expert * arch.shared_experts * moe,
        routed_experts=expert * (arch.experts or 0) * moe,
        router=arch.hidden_size * (arch.experts or 0) * moe,
        experts=arch.experts or 0,
        experts_per_token=arch.experts_per_token or 0,
        vision=vision,
    )


def moe_layers(arch: Architecture) -> int:
    """Layers with experts."""
    if not arch.experts:
        return 0
    return arch.moe_layers if arch.moe_layers is not None else arch.layers - arch.dense_layers_first


def mixing_of(arch: Architecture) -> int:
    """Parameters of all attention, and of recurrent layers."""
    windowed, full = attention_layers(arch)
    recurrent = arch.recurrent.parameters * arch.recurrent.layers if arch.recurrent else 0
    if arch.mla is not None:
        return latent_attention(arch, arch.mla) * (windowed + full) + recurrent
    kv_heads, head_dim = global_attention(arch)
    return (
        grouped_attention(arch, arch.kv_heads, arch.head_dim) * windowed
        + grouped_attention(arch, kv_heads, head_dim) * full
        + recurrent
    )


def attention_layers(arch: Architecture) -> tuple[int, int]:
    """Layers with windowed and with full attention."""
    every = arch.attention_layers or arch.layers
    windowed = round(every * arch.sliding_window.layer_fraction) if arch.sliding_window else 0
    return windowed, every - windowed


def global_attention(arch: Architecture) -> tuple[int, int]:
    """KV heads and head dimension of layers with full attention."""
    own = arch.global_attention
    return (own.kv_heads, own.head_dim) if own else (arch.kv_heads, arch.head_dim)


def grouped_attention(arch: Architecture, kv_heads: int, head_dim: int) -> int:
    """Parameters of one layer of grouped-query attention."""
    queries = (3 if arch.gated_attention else 2) * arch.attention_heads
    return arch.hidden_size * head_dim * (queries + 2 * kv_heads)


def latent_attention(arch: Architecture, mla: LatentAttention) -> int:
    """Parameters of one layer of latent attention (DeepSeek-V2, section 2.1)."""
    hidden, heads = arch.hidden_size, arch.attention_heads
    query = heads * (mla.qk_nope_head_dim + mla.qk_rope_head_dim)
    down = hidden * (mla.kv_lora_rank + mla.qk_rope_head_dim)
    up = mla.kv_lora_rank * heads * (mla.qk_nope_head_dim + mla.v_head_dim)
    queries = mla.q_lora_rank * (hidden + query) if mla.q_lora_rank else hidden * query
    return down + up + queries + heads * mla.v_head_dim * hidden
