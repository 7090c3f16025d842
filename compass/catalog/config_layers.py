"""Reads windowed layers and layers with experts from a config.json."""

from collections.abc import Mapping
from typing import Any

from compass.catalog.config_fields import Fields, number, rules
from compass.catalog.types import SlidingWindow
from compass.core import InvalidInput


def window_of(fields: Fields, layers: int) -> SlidingWindow | None:
    """The sliding window of `layers` layers with attention; None where all see everything.

    Chunked attention (Llama 4) counts as a window, as it reads no more.
    """
    chunk = fields.number("attention_chunk_size")
    size = chunk or fields.number("sliding_window")
    longest = fields.whole("context_tokens")
    if not size or fields.raw("use_sliding_window") is False or (longest and size >= longest):
        return None
    windowed = chunked_layers(fields, layers) if chunk else windowed_layers(fields, layers)
    return SlidingWindow(size=size, layer_fraction=round(windowed / layers, 3)) if windowed else None


def chunked_layers(fields: Fields, layers: int) -> int:
    """Layers with rotary positions, which see their chunk; the others see all."""
    rotary = fields.marks("no_rope_layers")
    if rotary:
        return min(layers, sum(1 for one in rotary if one))
    return layers - layers // (fields.number("no_rope_layer_interval") or 4)


def windowed_layers(fields: Fields, layers: int) -> int:
    """Layers with a sliding window, by list, by pattern, or all."""
    types = fields.marks("layer_types")
    if types:
        return min(layers, sum(1 for kind in types if kind == "sliding_attention"))
    name = "sliding_window_pattern" if fields.raw("sliding_window_pattern") else "_sliding_window_pattern"
    pattern = fields.raw(name)
    if pattern and isinstance(pattern, str):
        return sum(1 for at in range(layers) if pattern[at % len(pattern)] == "L")
    if every := number(name, pattern or None):
        return layers - layers // every
    # Qwen2 windows the layers after max_window_layers.
    full = fields.number("max_window_layers") if fields.raw("use_sliding_window") else 0
    return max(0, layers - (full or 0))


def experts_of(fields: Fields, layers: int, dense: int, moe: int | None = None) -> dict[str, Any]:
    """Fields of the experts; empty for a dense model. `moe`: layers with experts, where that is known.

    Raises:
        InvalidInput: experts, but not how many a token visits.
    """
    experts = fields.whole("experts")
    if not experts or experts == 1:
        return {}
    chosen = fields.needed("experts_per_token")
    if chosen > experts:
        raise InvalidInput("num_experts_per_tok", f"{chosen} of {experts} experts cannot be chosen.")
    size = fields.whole("moe_intermediate_size") or dense
    ungated = fields.kind in rules()["ungated"]
    values: dict[str, Any] = {
        "experts": experts,
        "experts_per_token": chosen,
        "moe_intermediate_size": round(size * 2 / 3) if ungated else size,
        "shared_experts": shared_of(fields, size, dense),
    }
    first = fields.whole("dense_layers_first") or 0
    moe = moe_layers_of(fields, layers, first) if moe is None else moe
    if not 0 < moe <= layers:
        raise InvalidInput("num_hidden_layers", f"{layers} layers cannot have experts in {moe} of them.")
    values |= {"dense_layers_first": first} if moe == layers - first else {"moe_layers": moe}
    own = fields.number("intermediate_size_mlp")
    return values | ({"dense_intermediate_size": own} if own and moe < layers else {})


def shared_of(fields: Fields, size: int, dense: int) -> int:
    """Experts that every token visits, counted in the routed ones' size."""
    if fields.kind == "llama4_text":
        return 1
    if fields.raw("enable_moe_block"):  # Gemma 4 has experts beside a dense layer
        return max(1, round(dense / size))
    shared, own = fields.whole("shared_experts") or 0, fields.whole("shared_size")
    return max(1, round(own / size)) if own else shared


def moe_layers_of(fields: Fields, layers: int, first: int) -> int:
    """Layers with experts, by list, by step, or all after the first dense ones."""
    if types := fields.marks("mlp_layer_types"):
        return sum(1 for kind in types if kind == "sparse")
    if listed := fields.marks("moe_layers"):
        return len(listed)
    if text := fields.raw("moe_layers_enum"):
        return len(str(text).split(","))
    if isinstance(marks := fields.raw("moe_layer_freq"), list):
        return sum(1 for one in marks if one)
    if step := fields.number("interleave_moe_layer_step"):
        return layers // step
    if step := fields.number("expert_layer_period"):
        offset = fields.number("expert_layer_offset") or 0
        return sum(1 for at in range(layers) if at % step == offset % step)
    return by_rule(fields, layers, first)


def by_rule(fields: Fields, layers: int, first: int) -> int:
    """Layers with experts, by the first and last one, the interval and the exceptions."""
    start = fields.whole("moe_start")
    if start is not None:
        end = min(fields.whole("moe_end") or layers - 1, layers - 1)
        return max(0, end - start) // (fields.number("moe_layer_interval") or 1) + 1
    only = fields.marks("mlp_only_layers")
    step, every = fields.number("decoder_sparse_step") or 1, fields.number("moe_layer_freq") or 1
    return sum(
        1 for at in range(first, layers) if at not in only and (at + 1) % step == 0 and at % every == 0
    )


def vision_of(config: Mapping[str, Any]) -> int:
    """Parameters of a vision encoder: 4 h² of attention and 2 h·m of its feed-forward layer, a layer."""
    vision = config.get("vision_config")
    if not isinstance(vision, Mapping):
        return 0
    hidden = vision.get("hidden_size") or vision.get("embed_dim") or vision.get("vt_hidden_size")
    layers = vision.get("num_hidden_layers") or vision.get("depth") or vision.get("vt_num_hidden_layers")
    if not isinstance(hidden, int) or not isinstance(layers, int):
        return 0
    inner = vision.get("intermediate_size") or vision.get("vt_intermediate_size") or 4 * hidden
    if not isinstance(inner, int):
        return 0
    return int(layers * (4 * hidden * hidden + 2 * hidden * inner))
