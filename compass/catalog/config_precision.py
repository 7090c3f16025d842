"""Reads the format of a checkpoint's weights from its config.json."""

from collections.abc import Mapping
from typing import Any

from compass.catalog.types import Precision
from compass.core import InvalidInput

METHODS: dict[str, Precision] = {
    "fp8": "fp8",
    "fbgemm_fp8": "fp8",
    "mxfp4": "mxfp4",
    "nvfp4": "nvfp4",
    "modelopt_fp4": "nvfp4",
    "awq": "int4",
    "bitnet": "int4",
    "higgs": "int4",
}
INTEGERS: dict[int, Precision] = {4: "int4", 8: "int8", 16: "bf16"}
FLOATS: dict[int, Precision] = {4: "nvfp4", 8: "fp8", 16: "bf16"}
ALGORITHMS: dict[str, Precision] = {
    "NVFP4": "nvfp4",
    "MXFP4": "mxfp4",
    "FP8": "fp8",
    "W4": "int4",
    "INT4": "int4",
    "INT8": "int8",
    "W8": "int8",
}


def precision_from_config(config: Mapping[str, Any]) -> Precision:
    """Format of the weights; bf16 where nothing is quantised (16-bit formats are served alike).

    Raises:
        InvalidInput: a method that is not known.
    """
    nested = config.get("text_config")
    inner = nested.get("quantization_config") if isinstance(nested, Mapping) else None
    part = config.get("quantization_config") or config.get("compression_config") or inner
    if not part:
        return "bf16"
    if not isinstance(part, Mapping):
        raise InvalidInput("quantization_config", "is no JSON object.")
    method = str(part.get("quant_method", "")).lower()
    found = (
        METHODS.get(method)
        or of_groups(part)
        or of_algorithm(str(part.get("quant_algo", "")))
        or of_bits(part)
    )
    if found is None:
        raise InvalidInput(
            "quantization_config.quant_method",
            f'"{method}" is not known. State the precision: bf16, fp8, int8, int4, mxfp4 or nvfp4.',
        )
    return found


def of_groups(part: Mapping[str, Any]) -> Precision | None:
    """Of compressed-tensors: the format's name, else bits and type of the first group's weights."""
    text = str(part.get("format", ""))
    if text.startswith(("nvfp4", "mxfp4")):
        return "nvfp4" if text.startswith("nvfp4") else "mxfp4"
    groups = part.get("config_groups")
    if not isinstance(groups, Mapping) or not groups:
        return None
    group = next(iter(groups.values()))
    weights = group.get("weights") if isinstance(group, Mapping) else None
    if not isinstance(weights, Mapping) or not isinstance(bits := weights.get("num_bits"), int):
        return None
    return (FLOATS if weights.get("type") == "float" else INTEGERS).get(bits)


def of_algorithm(name: str) -> Precision | None:
    """Of NVIDIA's modelopt: FP8, FP8_PB_WO, NVFP4, NVFP4_AWQ, W4A8_AWQ, W4A16_AWQ, INT8_SQ."""
    upper = name.upper()
    return next((precision for start, precision in ALGORITHMS.items() if upper.startswith(start)), None)


def of_bits(part: Mapping[str, Any]) -> Precision | None:
    """Of GPTQ, AutoRound, bitsandbytes: a number of bits."""
    if part.get("load_in_4bit"):
        return "int4"
    if part.get("load_in_8bit"):
        return "int8"
    bits = part.get("bits") or part.get("w_bit") or part.get("nbits")
    return INTEGERS.get(bits) if isinstance(bits, int) else None
