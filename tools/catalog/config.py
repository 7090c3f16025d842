"""Dimensions of any decoder from its Hugging Face config.json."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tools.catalog.config_fields import Fields, fields_of, rules
from tools.catalog.config_layers import experts_of, vision_of, window_of
from tools.catalog.config_precision import precision_from_config
from tools.catalog.parameters import Parameters, parameters_of
from tools.catalog.types import Architecture, Checkpoint, LatentAttention, Model, Precision
from tools.errors import InvalidInput

ATTENTION = {"full_attention", "attention", "global", "sliding_attention", "chunked_attention"}


def architecture_from_config(config: Mapping[str, Any]) -> tuple[Architecture, float, float]:
    """Architecture, total and active parameters in billions of a model's config.json.

    Raises:
        InvalidInput: a dimension is missing or wrong, or not every layer has attention.
    """
    architecture, parameters = read(config)
    return architecture, round(parameters.total_b, 3), round(parameters.active_b, 3)


def model_from_config(config: Mapping[str, Any], name: str, precision: Precision | None = None) -> Model:
    """A model to plan with that the catalog does not hold; sizes are computed, quality is not known.

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
    refuse_others(fields)
    layers, hidden, heads = (
        fields.needed("layers"),
        fields.needed("hidden_size"),
        fields.needed("attention_heads"),
    )
    latent = latent_of(fields)
    dense = intermediate_of(fields, hidden)
    values: dict[str, Any] = {
        "layers": layers,
        "hidden_size": hidden,
        "intermediate_size": dense,
        "attention_heads": heads,
        "kv_heads": kv_heads_of(fields, heads),
        "head_dim": latent.v_head_dim if latent else fields.whole("head_dim") or hidden // heads,
        "vocab_size": fields.needed("vocab_size"),
        "tie_embeddings": tied(fields),
        "sliding_window": window_of(fields, layers),
        "mla": latent,
    }
    try:
        architecture = Architecture(**values, **experts_of(fields, layers, dense))
    except ValidationError as error:
        problem = error.errors()[0]
        raise InvalidInput(".".join(str(part) for part in problem["loc"]), f"{problem['msg']}.") from error
    return architecture, parameters_of(architecture, vision_of(config))


def refuse_others(fields: Fields) -> None:
    """Refuse what has no KV cache in every layer: encoders, state-space and linear-attention layers.

    Raises:
        InvalidInput: says which field shows it.
    """
    if fields.raw("is_encoder_decoder"):
        raise InvalidInput("is_encoder_decoder", "is true: only decoders can be planned.")
    stateful = next((name for name in rules()["stateful"] if fields.raw(name) not in (None, 0, [])), None)
    types = fields.marks("layer_types") or fields.marks("layers_block_type")
    other = next((kind for kind in types if kind not in ATTENTION), None)
    # MiniMax marks layers: 1 is softmax attention, 0 linear.
    linear = any(kind != 1 for kind in fields.marks("attn_type_list"))
    if stateful or other or linear:
        name = stateful or ("attn_type_list" if linear else "layer_types")
        what = f' ("{other}")' if other else ""
        raise InvalidInput(
            name,
            f"the model has layers that keep a state in place of a KV cache{what}; no speed model for them.",
        )


def kv_heads_of(fields: Fields, heads: int) -> int:
    """KV heads; as many as attention heads where nothing else is said."""
    if fields.raw("multi_query") and not fields.raw("new_decoder_architecture"):
        return 1
    return fields.whole("kv_heads") or heads


def intermediate_of(fields: Fields, hidden: int) -> int:
    """Width of the dense feed-forward layer, as that of three matrices.

    A layer without a gate has two; it counts as two thirds as wide, which is as many bytes and operations.
    """
    if fields.kind in rules()["ungated"]:
        return round((fields.whole("intermediate_size") or 4 * hidden) * 2 / 3)
    return fields.needed("intermediate_size")


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
