"""Counts layers with attention, recurrence, feed-forward parts and experts in a config.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compass.catalog.config_fields import Fields, rules
from compass.core import InvalidInput

ATTENTION = {"full_attention", "attention", "global", "sliding_attention", "chunked_attention"}
RECURRENT = {"linear_attention", "mamba", "mamba2", "conv", "recurrent"}
EXPERTS = {"moe"}
DENSE = {"mlp"}
MARKS = {"M": "mamba", "*": "attention", "E": "moe", "-": "mlp"}
"""Of Nemotron's `hybrid_override_pattern`, a letter a layer."""


@dataclass(frozen=True)
class Mixers:
    """Layers of each kind; a layer is of one kind where `mlp` and `experts` are known."""

    attention: int
    recurrent: int = 0
    mlp: int | None = None
    """With a feed-forward part, dense or of experts; None: all."""
    experts: int | None = None
    """None: as the fields of the experts say."""


def mixers_of(fields: Fields, layers: int) -> Mixers:
    """The layers by kind.

    Raises:
        InvalidInput: layers of a kind that has no speed model, or none with attention.
    """
    refuse_unmodelled(fields)
    if "falcon_h1" in fields.kind:  # both side by side in every layer
        return Mixers(attention=layers, recurrent=layers)
    name, kinds = kinds_of(fields, layers)
    if not kinds:
        return Mixers(attention=layers)
    other = next((kind for kind in kinds if kind not in ATTENTION | RECURRENT | EXPERTS | DENSE), None)
    if other is not None:
        raise InvalidInput(name, f'has layers of the kind "{str(other)[:40]}"; no speed model for them.')
    attention, recurrent, experts, dense = (
        sum(kind in group for kind in kinds) for group in (ATTENTION, RECURRENT, EXPERTS, DENSE)
    )
    if not attention:
        raise InvalidInput(name, "has no layer with attention: only models with a KV cache can be planned.")
    # Where a layer is either, attention stands alone and so does the feed-forward part.
    alone = experts + dense > 0
    return Mixers(attention, recurrent, experts + dense if alone else None, experts if alone else None)


def refuse_unmodelled(fields: Fields) -> None:
    """Refuse encoders, and attention or experts that have no speed model.

    Raises:
        InvalidInput: says which field shows it.
    """
    if fields.raw("is_encoder_decoder"):
        raise InvalidInput("is_encoder_decoder", "is true: only decoders can be planned.")
    name = next((name for name in rules()["unmodelled"] if fields.raw(name) not in (None, 0, [])), None)
    if name:
        raise InvalidInput(name, "tells of a kind of layer that there is no speed model for yet.")


def kinds_of(fields: Fields, layers: int) -> tuple[str, Sequence[Any]]:
    """The field that says what layers are, and the kind of each; empty where all are alike."""
    for name in ("layer_types", "layers_block_type"):
        if types := fields.marks(name):
            return name, every(layers, [str(kind) for kind in types])
    if pattern := fields.raw("hybrid_override_pattern"):
        return "hybrid_override_pattern", every(layers, [MARKS.get(mark, mark) for mark in str(pattern)])
    if marks := fields.marks("attn_type_list"):  # MiniMax: 1 is softmax attention, 0 linear
        kinds = ["attention" if mark == 1 else "linear_attention" for mark in marks]
        return "attn_type_list", every(layers, kinds)
    if (chosen := attending(fields, layers)) is not None:
        name, at = chosen
        return name, ["attention" if layer in at else "mamba" for layer in range(layers)]
    return "", []


def every(layers: int, kinds: list[str]) -> list[str]:
    """A kind for every layer; a list that is shorter repeats."""
    return [kinds[at % len(kinds)] for at in range(layers)]


def attending(fields: Fields, layers: int) -> tuple[str, set[int]] | None:
    """The layers with attention where a rule or a list of places says so, counted from 0."""
    if step := fields.number("full_attention_interval"):
        return "full_attention_interval", {at for at in range(layers) if (at + 1) % step == 0}
    if step := fields.number("attn_layer_period"):
        offset = fields.number("attn_layer_offset") or 0
        return "attn_layer_period", {at for at in range(layers) if at % step == offset % step}
    for name in ("attn_layer_indices", "full_attn_idxs"):
        if listed := fields.marks(name):
            return name, set(listed)
    linear = fields.raw("linear_attn_config")
    if isinstance(linear, dict) and isinstance(full := linear.get("full_attn_layers"), list):
        return "linear_attn_config", {at - 1 for at in full if isinstance(at, int)}
    return None
