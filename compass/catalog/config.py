"""Reads the dimensions of a decoder from its Hugging Face config.json."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from compass.catalog.config_fields import Fields, fields_of, rules
from compass.catalog.config_layers import experts_of, vision_of, window_of
from compass.catalog.config_mixers import mixers_of
from compass.catalog.config_precision import precision_from_config
from compass.catalog.config_recurrent import recurrent_of
from compass.catalog.parameters import Parameters, parameters_of
from compass.catalog.types import (
    Architecture,
    Checkpoint,
    GlobalAttention,
    LatentAttention,
    Model,
    Precision,
)
from compass.core import InvalidInput


def architecture_from_config(config: Mapping[str, Any]) -> tuple[Architecture, float, float]:
    """Architecture, total and active parameters in billions of a model's config.json.

    Raises:
        InvalidInput: a dimension is missing or wrong, or a kind of layer has no speed model.
    """
    architecture, parameters = read(config)
    return architecture, round(parameters.total_b, 3), round(parameters.active_b, 3)


def model_from_config(config: Mapping[str, Any], name: str, precision: Precision | None = None) -> Model:
    """A model for planning from its config.json; sizes are computed, quality scores are unknown.

    Raises:
        InvalidInput: a field is missing or wrong.
    """
    architecture, parameters = read(config)
    precision = precision or precision_from_config(config)
    return Model(
        id=name,
        family=str(config.get("model_type", "own")),
        release="",
        license="not stated",
        gated=None,
        parameters_b=round(parameters.total_b, 3),
        active_parameters_b=round(parameters.active_b, 3),
        context_tokens=fields_of(config).needed("context_tokens"),
        trust_remote_code="auto_map" in config,
        architecture=architecture,
        checkpoints=(
            Checkpoint(
                id=name,
                precision=precision,
                weight_gib=round(parameters.weight_gib(precision), 2),
                size_basis="computed",
            ),
        ),
        notes=("Dimensions from the config.json that you gave.",),
    )


def read(config: Mapping[str, Any]) -> tuple[Architecture, Parameters]:
    """Architecture and parameter counts."""
    fields = fields_of(config)
    layers, hidden, heads = (
        fields.needed("layers"),
        fields.needed("hidden_size"),
        fields.needed("attention_heads"),
    )
    latent, mixers = latent_of(fields), mixers_of(fields, layers)
    dense = intermediate_of(fields, hidden)
    values: dict[str, Any] = {
        "layers": layers,
        "attention_layers": mixers.attention if mixers.attention < layers else None,
        "mlp_layers": mixers.mlp,
        "hidden_size": hidden,
        "intermediate_size": dense,
        "attention_heads": heads,
        "kv_heads": kv_heads_of(fields, heads),
        "head_dim": latent.v_head_dim if latent else fields.whole("head_dim") or hidden // heads,
        "vocab_size": fields.needed("vocab_size"),
        "tie_embeddings": tied(fields),
        "gated_attention": bool(fields.raw("attn_output_gate")),
        "per_layer_embedding": fields.number("hidden_size_per_layer_input") or 0,
        "sliding_window": window_of(fields, mixers.attention),
        "global_attention": global_attention_of(fields),
        "recurrent": recurrent_of(fields, mixers.recurrent),
        "mla": latent,
    }
    try:
        architecture = Architecture(**values, **experts_of(fields, layers, dense, mixers.experts))
    except ValidationError as error:
        problem = error.errors()[0]
        raise InvalidInput(".".join(str(part) for part in problem["loc"]), f"{problem['msg']}.") from error
    return architecture, parameters_of(architecture, vision_of(config))


def kv_heads_of(fields: Fields, heads: int) -> int:
    """KV heads; as many as attention heads where nothing else is said."""
    if fields.raw("multi_query") and not fields.raw("new_decoder_architecture"):
        return 1
    return fields.whole("kv_heads") or heads


def global_attention_of(fields: Fields) -> GlobalAttention | None:
    """Dimensions of full attention where the file gives them apart."""
    head, heads = fields.number("global_head_dim"), fields.number("num_global_key_value_heads")
    if not head and not heads:
        return None
    return GlobalAttention(
        kv_heads=heads or fields.needed("kv_heads"), head_dim=head or fields.needed("head_dim")
    )


def intermediate_of(fields: Fields, hidden: int) -> int:
    """Width of the dense feed-forward layer, as that of three matrices.

    A layer without a gate has two; it counts as two thirds as wide, which is as many bytes and operations.
    LFM2 gives the width that such a layer would have.
    """
    if fields.kind in rules()["ungated"] or fields.raw("block_auto_adjust_ff_dim"):
        return round((fields.whole("intermediate_size") or 4 * hidden) * 2 / 3)
    # Where every layer has experts, a file may leave the dense width out.
    return fields.whole("intermediate_size") or (
        fields.whole("moe_intermediate_size") or fields.needed("intermediate_size")
    )


def tied(fields: Fields) -> bool:
    """Whether input and output share one embedding."""
    said = fields.raw("tie_word_embeddings")
    return bool(said) if said is not None else fields.kind in rules()["tied"]


def latent_of(fields: Fields) -> LatentAttention | None:
    """Latent attention, where the configuration has its ranks.

    Raises:
        InvalidInput: one of its dimensions is missing.
    """
    rank = fields.number("kv_lora_rank")
    if not rank:
        return None
    sizes = {name: fields.number(name) for name in ("qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim")}
    missing = next((name for name, size in sizes.items() if not size), None)
    if missing:
        raise InvalidInput(missing, "is missing, though kv_lora_rank says latent attention.")
    return LatentAttention(kv_lora_rank=rank, q_lora_rank=fields.number("q_lora_rank"), **sizes)
