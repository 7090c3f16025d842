"""Facts that a person adds to a report that lacks them: GPU, precision, tensor parallel."""

from dataclasses import dataclass

from compass.catalog import catalog_id, find_gpu, load_catalog
from compass.core import InvalidInput


@dataclass(frozen=True)
class ImportOptions:
    """Flags of `compass benchmarks load`; empty where not given. They win over what a file says."""

    model: str = ""
    gpu: str = ""
    precision: str = ""
    tensor_parallel: int = 0
    engine_version: str = ""


def gpu_of(options: ImportOptions, said: str = "") -> str:
    """The catalog's name of the GPU.

    Raises:
        InvalidInput: neither the file nor the flags say it.
        NotFound: an unknown GPU.
    """
    if not (options.gpu or said):
        raise InvalidInput("--gpu", "the file does not say the GPU. Add --gpu H100, for example.")
    return find_gpu(load_catalog(), options.gpu or said).name


def model_of(options: ImportOptions, said: str = "") -> str:
    """The catalog's id of the model, or the name as said where the catalog has none.

    Raises:
        InvalidInput: neither the file nor the flags say it.
    """
    name = options.model or said
    if not name:
        raise InvalidInput("--model", "the file does not say the model. Add --model Qwen3-8B, for example.")
    return catalog_id(load_catalog(), name)


def precision_of(options: ImportOptions, name: str) -> str:
    """The precision as given, else by the checkpoint's name, else bf16 (vLLM's default)."""
    if options.precision:
        return options.precision
    lower = name.lower()
    for mark, precision in (
        ("mxfp4", "mxfp4"), ("gpt-oss", "mxfp4"), ("fp4", "nvfp4"), ("fp8", "fp8"), ("awq", "int4"),
        ("gptq", "int4"), ("int4", "int4"), ("w4a16", "int4"), ("w8a8", "int8"), ("int8", "int8"),
    ):  # fmt: skip
        if mark in lower:
            return precision
    return "bf16"
