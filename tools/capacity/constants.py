"""The fitted constants of the capacity model and what is known of GPUs that were not measured."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from tools.capacity.types import Configuration, FloatArray

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Constants:
    """Fitted on the shipped runs.

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
    bandwidth_experts_x_engine12: float
    """Block-quantised experts on vLLM 0.12 took far longer than before and after."""
    experts_touched: float
    """Against independent choices of experts."""
    bandwidth_cache: float
    bandwidth_cache_x_blackwell: float
    bandwidth_cache_x_mla: float
    compute: float
    compute_x_blackwell: float
    compute_x_ultra: float
    """Blackwell Ultra, dense layers and experts."""
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
    """Tokens that cost a dense layer as much as they weigh, before it is efficient."""
    compute_half_tokens_expert: float
    """The same, a expert."""
    prefill_attention: float
    prefill_attention_x_blackwell: float
    prefill_attention_x_mla: float
    step_ms: float
    layer_ms: float
    layer_x_blackwell: float
    layer_x_old: float
    """vLLM up to 0.12."""
    layer_x_mla: float
    moe_layer_ms: float
    moe_layer_x_blackwell: float
    sequence_ms: float
    reduce_latency_ms: float
    reduce_latency_x_blackwell: float
    link: float
    data_parallel_layer_ms: float
    expert_parallel_layer_ms: float
    cache_scale_quantised: float
    """KV tokens against a 16-bit cache: what `cached8` serves with an fp8 cache."""
    cache_scale_bf16: float
    cache_sharpness: float
    """How suddenly a filling cache begins to hold requests back."""
    prefill_share: float
    prefill_overhead: float
    """Fixed cost of a step that holds a prompt, against one that only decodes from a CUDA graph."""
    request_ms: float
    token_ms: float
    token_engine12_ms: float
    """More a prompt token in the runs of vLLM 0.12, whose client counts its own work."""
    queue_busy: float
    queue_burst: float
    """Runs start with all requests at once: a tenth of them wait for half of the others, 0.05 a sequence."""
    steps_before_first: float
    cache_wait: float

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the constants, in order."""
        return tuple(field.name for field in fields(cls))


@dataclass(frozen=True)
class Efficiency:
    """Factors of N configurations on top of the fitted constants, shape (N, 1); 1 where measured."""

    bandwidth: FloatArray
    compute: FloatArray
    overhead: FloatArray
    doubt: FloatArray
    """Half width (log) that intervals grow by; 0 where measured."""


@cache
def load_constants(path: Path = DATA / "constants.yaml") -> Constants:
    """The shipped constants."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Constants(**{name: float(entry["value"]) for name, entry in content["constants"].items()})


@cache
def _gpu_factors(path: Path = DATA / "gpu_efficiency.yaml") -> dict[str, list[float]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        row["gpu"]: [float(row[name]) for name in ("bandwidth", "compute", "overhead", "doubt")]
        for row in content["gpus"] or ()
    }


def efficiency_of(configs: Sequence[Configuration]) -> Efficiency:
    """What `gpu_efficiency.yaml` says of each configuration's GPU."""
    factors = _gpu_factors()
    rows = np.array([factors.get(config.gpu.name, [1.0, 1.0, 1.0, 0.0]) for config in configs]).reshape(-1, 4)
    return Efficiency(rows[:, 0:1], rows[:, 1:2], rows[:, 2:3], rows[:, 3:4])
