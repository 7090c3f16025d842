"""What a report of a load generator does not say, and a person adds: GPU, precision, tensor parallel."""

from dataclasses import dataclass

from compass.catalog import find_gpu, load_catalog, match_models
from compass.core import InvalidInput


@dataclass(frozen=True)
class Given:
    """Flags of `compass benchmarks load`; empty where not given. They win over what a file says."""

    model: str = ""
    gpu: str = ""
    precision: str = ""
    tensor_parallel: int = 0
    engine_version: str = ""


def gpu_of(given: Given, said: str = "") -> str:
    """The catalog's name of the GPU.

    Raises:
        InvalidInput: neither the file nor the flags say it.
        NotFound: an unknown GPU.
    """
    if not (given.gpu or said):
        raise InvalidInput("--gpu", "the file does not say the GPU. Add --gpu H100, for example.")
    return find_gpu(load_catalog(), given.gpu or said).name


def model_of(given: Given, said: str = "") -> str:
    """The catalog's id of the model, or the name as said where the catalog has none.

    Raises:
        InvalidInput: neither the file nor the flags say it.
    """
    name = given.model or said
    if not name:
        raise InvalidInput("--model", "the file does not say the model. Add --model Qwen3-8B, for example.")
    known = match_models(load_catalog(), name)
    return known[0].id if len(known) == 1 else name


def precision_of(given: Given, name: str) -> str:
    """The precision: as given, else as the checkpoint's name says it, else bf16 (vLLM's own default)."""
    if given.precision:
        return given.precision
    lower = name.lower()
    for mark, precision in (
        ("mxfp4", "mxfp4"), ("gpt-oss", "mxfp4"), ("fp4", "nvfp4"), ("fp8", "fp8"), ("awq", "int4"),
        ("gptq", "int4"), ("int4", "int4"), ("w4a16", "int4"), ("w8a8", "int8"), ("int8", "int8"),
    ):  # fmt: skip
        if mark in lower:
            return precision
    return "bf16"
