"""Reads formats of weights from the names that files and checkpoints use."""

import re

from compass.catalog.types import Precision
from compass.core import InvalidInput

PRECISIONS: dict[str, Precision] = {
    "bf16": "bf16", "fp16": "bf16", "float16": "bf16", "bfloat16": "bf16", "half": "bf16", "fp8": "fp8",
    "int8": "int8", "w8a8": "int8", "w8a16": "int8", "int4": "int4", "awq": "int4", "gptq": "int4",
    "w4a16": "int4",
    "mxfp4": "mxfp4", "fp4": "nvfp4", "nvfp4": "nvfp4",
}  # fmt: skip

ALL_LINEAR = re.compile(r"awq|gptq|w4a16|auto-?round", re.IGNORECASE)
"""Formats of people who quantise others' models: all linear layers, not the experts alone."""


def quantises_all(checkpoint: str) -> bool:
    """Whether a 4-bit checkpoint of a mixture has its attention quantised as well, by its name or format."""
    return ALL_LINEAR.search(checkpoint) is not None


def resolve_precision(said: str, model: str) -> Precision:
    """The format of the weights, from its column or, where that is empty, from the model's name.

    Raises:
        InvalidInput: an unknown format.
    """
    text = said.strip().casefold()
    if not text:
        text = next((word for word in PRECISIONS if re.search(rf"[-_.]{word}\b", model.casefold())), "bf16")
    if text not in PRECISIONS:
        raise InvalidInput("precision", f'"{said}" is not known. Known: {", ".join(PRECISIONS)}.')
    return PRECISIONS[text]
