"""The fitted constants of the capacity model, and factors for GPU generations that were not measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from compass.capacity.types import Configuration, FloatArray
from compass.catalog import Gpu
from compass.core import parse_yaml

FITTED_DATA = Path(__file__).parent / "data"
"""Folder of the files that calibration writes."""


@dataclass(frozen=True)
class Constants:
    """Physical constants, fitted on the shipped runs.

    Those named after a resource are fractions of its peak on Hopper in bf16; those named `resource_x_class`
    multiply it for that class of GPU (`blackwell`), precision or architecture. Times carry their unit.
    """

    bandwidth: float
    bandwidth_x_blackwell: float
    bandwidth_x_fp8: float
    bandwidth_x_nvfp4: float
    bandwidth_experts: float
    bandwidth_experts_x_blackwell: float
    bandwidth_experts_x_fp8: float
    bandwidth_experts_x_nvfp4: float
    bandwidth_experts_x_mxfp4: float
    bandwidth_experts_x_int4: float
    bandwidth_experts_x_fp8_blackwell: float
    bandwidth_experts_x_mxfp4_blackwell: float
    bandwidth_experts_x_int4_blackwell: float
    bandwidth_experts_x_before_0_13: float
    """Many small fp8 experts took far longer on vLLM up to 0.12 than after."""
    experts_touched: float
    """Experts used by a batch, relative to independent choices of each token."""
    bandwidth_cache: float
    bandwidth_cache_x_blackwell: float
    bandwidth_cache_x_mla: float
    compute: float
    compute_x_blackwell: float
    compute_x_ultra: float
    """For Blackwell Ultra, dense layers and experts."""
    compute_x_fp8: float
    compute_x_nvfp4: float
    compute_experts: float
    compute_experts_x_blackwell: float
    compute_experts_x_fp8: float
    compute_experts_x_nvfp4: float
    compute_experts_x_mxfp4: float
    compute_experts_x_int4: float
    compute_experts_x_mxfp4_blackwell: float
    compute_experts_x_int4_blackwell: float
    compute_half_tokens: float
    """Most extra tokens that a batch costs a dense layer, because small matrices are inefficient."""
    compute_half_tokens_expert: float
    """Most extra tokens that a batch costs an expert."""
    prefill_attention: float
    prefill_attention_x_blackwell: float
    prefill_attention_x_mla: float
    step_ms: float
    layer_ms: float
    layer_x_blackwell: float
    layer_x_before_0_13: float
    """For vLLM up to 0.12."""
    layer_x_mla: float
    moe_layer_ms: float
    moe_layer_x_blackwell: float
    sequence_ms: float
    reduce_latency_ms: float
    reduce_latency_x_blackwell: float
    link: float
    data_parallel_layer_ms: float
    expert_parallel_layer_ms: float
    cache_sharpness: float
    """Sharpness of the transition from free to full KV cache."""
    prefill_share: float
    prefill_overhead: float
    """Fixed cost of a step with a prompt, relative to a decode step from a CUDA graph."""
    request_ms: float
    token_ms: float
    token_engine12_ms: float
    """Extra time per prompt token in the runs of vLLM 0.12, whose client counts its own work."""
    queue_busy: float
    queue_burst: float
    """Prompts waited for per concurrent sequence: all requests of a run start at once, and a tenth of them
    wait for half of the others."""
    steps_before_first: float
    cache_wait: float


@dataclass(frozen=True)
class Efficiency:
    """Factors of N configurations on top of the fitted constants, shape (N, 1); 1 where measured."""

    bandwidth: FloatArray
    compute: FloatArray
    overhead: FloatArray
    experts: FloatArray
    """On bandwidth and compute of small fp8 experts up to vLLM 0.13, whose kernels nobody tuned."""
    exchange: FloatArray
    """On the time of all-reduces of a decode step; those of prompts are large enough to be quick."""
    doubt: FloatArray
    """Half width (log) that intervals grow by; 0 where measured."""


def generation(gpu: Gpu) -> str:
    """Name of the GPUs that share kernels; data-centre and workstation chips of one name are told apart."""
    return WORKSTATION.get(gpu.compute_capability or "") or gpu.architecture.split()[0]


WORKSTATION = {"8.6": "Ampere RTX", "12.0": "Blackwell RTX", "12.1": "Blackwell RTX"}
"""Generation by compute capability, of workstation GPUs."""


@cache
def load_constants(path: Path = FITTED_DATA / "constants.yaml") -> Constants:
    """The shipped constants."""
    return read_constants(path)


def read_constants(path: Path) -> Constants:
    """Reads constants from a data file."""
    content = parse_yaml(path.read_text(encoding="utf-8"))
    return Constants(**{name: float(entry["value"]) for name, entry in content["constants"].items()})


@dataclass(frozen=True)
class Factors:
    """Factors on the fitted constants for one generation of GPUs; 1 where the shipped runs have it."""

    bandwidth: float = 1.0
    compute: float = 1.0
    overhead: float = 1.0
    experts: float = 1.0
    """On bandwidth and compute of small fp8 experts up to vLLM 0.13, whose kernels need tuned files."""
    exchange: float = 1.0
    """On the time of all-reduces of a decode step; those of prompts are large enough to be quick."""
    doubt: float = 0.0
    """Half width (log) that every interval grows by."""


Generations = Mapping[str, Factors]
MEASURED = Factors()
"""The factors of a generation that the shipped runs have."""


@cache
def load_generations(path: Path = FITTED_DATA / "generations.yaml") -> Generations:
    """The factors of each GPU generation that the shipped runs lack."""
    return _factors(path)["generations"]


@cache
def load_habits(path: Path = FITTED_DATA / "generations.yaml") -> Generations:
    """The factors of every GPU generation in published runs, whose engines are less tuned."""
    found = _factors(path)
    return {**found["generations"], **found["habits"]}


def _factors(path: Path) -> dict[str, Generations]:
    content = parse_yaml(path.read_text(encoding="utf-8"))
    return {
        key: {name: Factors(**values) for name, values in content[key].items()}
        for key in ("generations", "habits")
    }


def efficiency_of(configs: Sequence[Configuration], generations: Generations) -> Efficiency:
    """The factors of each configuration's GPU generation."""
    found = [generations.get(generation(config.gpu), MEASURED) for config in configs]

    def column(name: str) -> FloatArray:
        return np.array([getattr(factors, name) for factors in found], dtype=np.float64).reshape(-1, 1)

    return Efficiency(**{field.name: column(field.name) for field in fields(Efficiency)})
