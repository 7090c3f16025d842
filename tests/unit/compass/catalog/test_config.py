"""A model that the catalog does not hold, from its config.json."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.catalog import (
    Catalog,
    architecture_from_config,
    find_model,
    model_from_config,
    moe_layers,
    parameters_of,
    precision_from_config,
)
from compass.core import InvalidInput

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "configs.yaml").read_text())
LLAMA: dict[str, Any] = CASES[0]["config"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_parameters_come_out_as_published(case: dict[str, Any]) -> None:
    total, active = case["published"]

    architecture, parameters_b, active_b = architecture_from_config(case["config"])

    assert parameters_b == pytest.approx(total, rel=0.015)
    # Makers differ on whether the embeddings count as active.
    embeddings = parameters_of(architecture).embedding / 1e9
    assert (active_b - embeddings) * 0.97 <= active <= active_b * 1.03


@pytest.mark.parametrize("case", [c for c in CASES if "catalog" in c], ids=lambda case: str(case["name"]))
def test_a_config_says_what_the_catalog_says(catalog: Catalog, case: dict[str, Any]) -> None:
    ours = find_model(catalog, case["catalog"]).architecture

    architecture, _, _ = architecture_from_config(case["config"])

    assert moe_layers(architecture) == moe_layers(ours)
    same = {"moe_layers", "dense_layers_first"}
    assert architecture.model_dump(exclude=same) == ours.model_dump(exclude=same)


@pytest.mark.parametrize(
    ("name", "attention", "recurrent", "state_bytes"),
    [
        # Value heads x head x head in 32 bits, and 3 inputs of the convolution in 16 bits.
        ("Qwen3.8-27B", 16, 48, 48 * 128 * 128 * 4 + (2 * 16 * 128 + 48 * 128) * 3 * 2),
        ("Nemotron-3-Nano-30B-A3B", 6, 23, 64 * 64 * 128 * 4 + (64 * 64 + 2 * 8 * 128) * 3 * 2),
        ("granite-4.0-h-small", 4, 36, 128 * 64 * 128 * 2 + (128 * 64 + 2 * 128) * 3 * 2),
        ("Jamba-Mini", 4, 28, 8192 * 16 * 2 + 8192 * 3 * 2),
        ("Kimi-Linear-48B-A3B", 7, 20, 32 * 128 * 128 * 4 + 3 * 32 * 128 * 3 * 2),
    ],
)
def test_recurrent_layers_and_their_state_are_counted(
    name: str, attention: int, recurrent: int, state_bytes: int
) -> None:
    config = next(case["config"] for case in CASES if case["name"] == name)

    architecture, _, _ = architecture_from_config(config)

    assert architecture.attention_layers == attention
    assert architecture.recurrent is not None
    assert (architecture.recurrent.layers, architecture.recurrent.state_bytes) == (recurrent, state_bytes)


def test_a_model_of_ones_own_can_be_planned_for() -> None:
    model = model_from_config(LLAMA, "acme/own-8b")
    assert (model.id, model.context_tokens, model.checkpoints[0].precision) == ("acme/own-8b", 131072, "bf16")
    assert model.checkpoints[0].weight_gib == pytest.approx(8.03e9 * 2 / 2**30, rel=0.01)
    assert model_from_config(LLAMA, "acme/own-8b", "fp8").checkpoints[0].weight_gib < 9


@pytest.mark.parametrize(
    "field",
    ["num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size", "intermediate_size"],
)
def test_a_missing_dimension_is_named(field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: is missing"):
        architecture_from_config({key: value for key, value in LLAMA.items() if key != field})


def test_experts_without_a_choice_are_refused() -> None:
    with pytest.raises(InvalidInput, match="num_experts_per_tok: is missing"):
        architecture_from_config({**LLAMA, "num_experts": 64})


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"layer_types": ["linear_attention", "full_attention"]}, "layer_types"),
        ({"layer_types": ["retention", "full_attention"]}, "layer_types"),
        ({"layer_types": ["mamba"], "mamba_d_state": 16}, "layer_types"),
        ({"full_attention_interval": 4, "linear_num_value_heads": 32}, "linear_num_key_heads"),
        ({"compress_ratios": [4, 128]}, "compress_ratios"),
        ({"is_encoder_decoder": True}, "is_encoder_decoder"),
        ({"num_hidden_layers": "32"}, "num_hidden_layers"),
        ({"hidden_size": -1}, "hidden_size"),
        ({"num_key_value_heads": [8, 4]}, "num_key_value_heads"),
        ({"kv_lora_rank": 512}, "qk_rope_head_dim"),
    ],
)
def test_what_cannot_be_planned_is_refused_by_field(extra: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        architecture_from_config({**LLAMA, **extra})
    assert error.value.field == field


@pytest.mark.parametrize("config", [{}, [], "llama", None])
def test_no_configuration_is_refused(config: Any) -> None:
    with pytest.raises(InvalidInput, match=r"config\.json"):
        architecture_from_config(config)


@pytest.mark.parametrize(
    ("part", "precision"),
    [
        (None, "bf16"),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8"),
        ({"quant_method": "awq", "bits": 4}, "int4"),
        ({"quant_method": "gptq", "bits": 4}, "int4"),
        ({"quant_method": "gptq", "bits": 8}, "int8"),
        ({"quant_method": "mxfp4"}, "mxfp4"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "int4"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "fp8"),
        ({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}, "nvfp4"),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "float-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
            },
            "fp8",
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "int-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "int"}}},
            },
            "int8",
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "pack-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int"}}},
            },
            "int4",
        ),
    ],
)
def test_the_format_of_the_weights_is_read(part: dict[str, Any] | None, precision: str) -> None:
    assert precision_from_config({"quantization_config": part}) == precision


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(InvalidInput, match='"vibes" is not known'):
        precision_from_config({"quantization_config": {"quant_method": "vibes"}})


WHATEVER = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.integers(), max_size=3)
)


@settings(max_examples=300)
@given(st.data())
def test_whatever_stands_in_a_config_it_is_read_or_refused(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(CASES))["config"]
    inner = case.get("text_config", case)
    broken = {**inner, data.draw(st.sampled_from(sorted(inner))): data.draw(WHATEVER)}
    try:
        architecture, total, active = architecture_from_config(
            {**case, "text_config": broken} if inner is not case else broken
        )
    except InvalidInput as error:
        assert error.field
    else:
        assert architecture.layers > 0 and 0 <= active <= total


@given(st.integers(1, 200), st.integers(1, 200))
def test_more_layers_are_more_parameters(fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    assert (
        architecture_from_config({**LLAMA, "num_hidden_layers": fewer})[1]
        <= architecture_from_config({**LLAMA, "num_hidden_layers": more})[1]
    )
