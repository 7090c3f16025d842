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
    """Fitted on the shipped runs; fractions of a peak unless the name carries a unit."""

    bandwidth_hopper: float
    bandwidth_blackwell: float
    bandwidth_experts_hopper: float
    bandwidth_experts_blackwell: float
    bandwidth_cache: float
    compute_hopper: float
    compute_blackwell: float
    compute_experts_hopper: float
    compute_experts_blackwell: float
    prefill_hopper: float
    prefill_blackwell: float
    prefill_experts_hopper: float
    prefill_experts_blackwell: float
    prefill_experts_nvfp4: float
    prefill_attention: float
    layer_hopper_ms: float
    layer_blackwell_ms: float
    moe_layer_ms: float
    step_ms: float
    sequence_ms: float
    reduce_latency_ms: float
    link: float
    cache_scale_quantised: float
    """KV tokens against 16-bit cache: quantised checkpoints are mostly served with an fp8 cache."""
    cache_scale_bf16: float
    length: float
    """Mean real length against the nominal one."""
    prefill_share: float
    request_ms: float
    token_ms: float
    prefill_alone: float
    queue_busy: float
    queue_burst: float
    steps_before_first: float
    cache_wait: float
    weight_only_slowdown: float

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


@cache
def load_constants(path: Path = DATA / "constants.yaml") -> Constants:
    """The shipped constants."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Constants(**{name: float(entry["value"]) for name, entry in content["constants"].items()})


@cache
def _gpu_factors(path: Path = DATA / "gpu_efficiency.yaml") -> dict[str, tuple[float, float, float]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        row["gpu"]: (float(row["bandwidth"]), float(row["compute"]), float(row["overhead"]))
        for row in content["gpus"] or ()
    }


def efficiency_of(configs: Sequence[Configuration]) -> Efficiency:
    """What `gpu_efficiency.yaml` says of each configuration's GPU."""
    factors = _gpu_factors()
    rows = np.array([factors.get(config.gpu.name, (1.0, 1.0, 1.0)) for config in configs]).reshape(-1, 3)
    return Efficiency(bandwidth=rows[:, :1], compute=rows[:, 1:2], overhead=rows[:, 2:])
