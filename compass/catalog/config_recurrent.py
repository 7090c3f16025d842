"""Reads the parameters and state size of recurrent layers from a config.json.

Shapes and types of the states are vLLM's (`mamba_utils.py`, read on 2026-11-25): the last inputs of a short
convolution in 16 bits, the state in the type that the configuration names, else in 16 bits.
"""

from collections.abc import Callable
from dataclasses import dataclass

from compass.catalog.config_fields import Fields, number
from compass.catalog.types import RecurrentLayers
from compass.core import InvalidInput

CONVOLVED_BYTES = 2
WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class Mixer:
    """One recurrent layer: its parameters, state values and convolution inputs."""

    parameters: int
    state: int
    convolved: int = 0
    state_bytes: int | None = None
    """Bytes of a state value, where the engine fixes it."""


def recurrent_of(fields: Fields, layers: int) -> RecurrentLayers | None:
    """`layers` recurrent layers as the configuration describes them; None without any.

    Raises:
        InvalidInput: a dimension is missing.
    """
    if not layers:
        return None
    reader = next((read for name, read in READERS.items() if fields.raw(name) is not None), None)
    if reader is None:
        raise InvalidInput("layer_types", "has recurrent layers, but the file gives no size of their state.")
    mixer = reader(fields)
    width = mixer.state_bytes or width_of(fields)
    return RecurrentLayers(
        layers=layers,
        parameters=mixer.parameters,
        state_values=mixer.state,
        state_bytes=mixer.state * width + mixer.convolved * CONVOLVED_BYTES,
    )


def width_of(fields: Fields) -> int:
    """Bytes of a value of the state."""
    named = fields.raw("mamba_ssm_dtype") or fields.raw("mamba_ssm_cache_dtype")
    return WIDTHS.get(str(named), 2)


def size(fields: Fields, *names: str) -> int:
    """A dimension that must be there, by any of its names.

    Raises:
        InvalidInput: it is missing; names it.
    """
    found = next((value for name in names if (value := fields.number(name))), None)
    if not found:
        raise InvalidInput(names[0], "is missing, though the model has recurrent layers.")
    return found


def gated_delta(fields: Fields) -> Mixer:
    """Gated DeltaNet (Qwen3-Next, Qwen3.5): queries, keys, values, gate, decay and step."""
    hidden, heads = fields.needed("hidden_size"), size(fields, "linear_num_value_heads")
    keys = size(fields, "linear_num_key_heads") * size(fields, "linear_key_head_dim")
    values = heads * size(fields, "linear_value_head_dim")
    convolved, kernel = 2 * keys + values, size(fields, "linear_conv_kernel_dim")
    return Mixer(
        parameters=hidden * (2 * keys + 2 * values + 2 * heads) + values * hidden + convolved * kernel,
        state=values * size(fields, "linear_key_head_dim"),
        convolved=convolved * (kernel - 1),
    )


def mamba2(fields: Fields) -> Mixer:
    """Mamba-2 (Nemotron-H, Granite 4, Bamba, Falcon-H1)."""
    hidden, state = fields.needed("hidden_size"), size(fields, "ssm_state_size", "mamba_d_state")
    heads = size(fields, "mamba_num_heads", "mamba_n_heads")
    inner = fields.number("mamba_d_ssm") or heads * size(fields, "mamba_head_dim", "mamba_d_head")
    groups = fields.number("n_groups") or fields.number("mamba_n_groups") or 1
    kernel = fields.number("conv_kernel") or fields.number("mamba_d_conv") or 4
    convolved = inner + 2 * groups * state
    return Mixer(
        parameters=hidden * (inner + convolved + heads) + inner * hidden + convolved * kernel,
        state=inner * state,
        convolved=convolved * (kernel - 1),
    )


def mamba1(fields: Fields) -> Mixer:
    """Mamba (Jamba)."""
    hidden, state = fields.needed("hidden_size"), size(fields, "mamba_d_state")
    inner = hidden * (fields.number("mamba_expand") or 2)
    rank = fields.number("mamba_dt_rank") or -(-hidden // 16)
    kernel = fields.number("mamba_d_conv") or 4
    return Mixer(
        parameters=3 * hidden * inner + inner * (2 * rank + 3 * state + kernel),
        state=inner * state,
        convolved=inner * (kernel - 1),
    )


def delta_attention(fields: Fields) -> Mixer:
    """Kimi Delta Attention: a decay a channel, gates of low rank; the state is always in 32 bits."""
    linear = fields.raw("linear_attn_config")
    given = linear if isinstance(linear, dict) else {}
    hidden = fields.needed("hidden_size")
    heads, head = number("num_heads", given.get("num_heads")), number("head_dim", given.get("head_dim"))
    if not heads or not head:
        raise InvalidInput("linear_attn_config", "lacks num_heads or head_dim.")
    kernel = number("short_conv_kernel_size", given.get("short_conv_kernel_size")) or 4
    inner = heads * head
    low_rank = 2 * (hidden * head + head * inner)
    return Mixer(
        parameters=4 * hidden * inner + low_rank + hidden * heads + 3 * inner * kernel,
        state=inner * head,
        convolved=3 * inner * (kernel - 1),
        state_bytes=4,
    )


def lightning(fields: Fields) -> Mixer:
    """Lightning attention (MiniMax-Text-01, M1): queries, keys, values, output and its gate."""
    hidden, heads = fields.needed("hidden_size"), fields.needed("attention_heads")
    head = fields.whole("head_dim") or hidden // heads
    return Mixer(parameters=5 * hidden * heads * head, state=heads * head * head)


def short_convolution(fields: Fields) -> Mixer:
    """Gated short convolutions (LFM2): no state but their last inputs."""
    hidden, kernel = fields.needed("hidden_size"), size(fields, "conv_L_cache")
    return Mixer(
        parameters=4 * hidden * hidden + hidden * kernel, state=0, convolved=hidden * max(1, kernel - 1)
    )


READERS: dict[str, Callable[[Fields], Mixer]] = {
    "linear_num_value_heads": gated_delta,
    "mamba_num_heads": mamba2,
    "mamba_n_heads": mamba2,
    "mamba_d_state": mamba1,
    "linear_attn_config": delta_attention,
    "attn_type_list": lightning,
    "conv_L_cache": short_convolution,
}
"""Reader of a layer by a field that only its models have."""
