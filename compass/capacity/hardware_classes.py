"""Classes of configurations that the speed model tells apart: by GPU, format, release and link."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity.constants import generation
from compass.capacity.types import BoolArray, Configuration
from compass.capacity.vllm_releases import minor_release

MANY_EXPERTS = 64
"""Experts of a layer from which they are small matrices: older kernels were slow on those."""
LAST_UNTUNED = 13
"""Last minor release whose kernels for small fp8 experts depended on tuned files."""


@dataclass(frozen=True)
class HardwareClasses:
    """Which class each configuration belongs to; masks of shape (N, 1)."""

    blackwell: BoolArray
    ultra: BoolArray
    fp8: BoolArray
    nvfp4: BoolArray
    mxfp4: BoolArray
    int4: BoolArray
    bf16: BoolArray
    mla: BoolArray
    fp8_kv_cache: BoolArray
    """Quantised checkpoints on Blackwell, and dense ones elsewhere, where a run does not say.

    Where the cache filled up, the latencies of shipped runs show which it was.
    """
    before_0_13: BoolArray
    """vLLM up to 0.12."""
    many_small_experts: BoolArray
    release_0_12: BoolArray
    untuned_experts: BoolArray
    """Many small fp8 experts on tensor cores, on releases whose kernels need tuned files."""
    first_engine: BoolArray
    """vLLM's V0 engine, up to 0.7."""


def hardware_classes_of(configs: Sequence[Configuration]) -> HardwareClasses:
    """The classes of some configurations."""

    def mask(values: list[bool]) -> BoolArray:
        return np.array(values, dtype=np.bool_).reshape(-1, 1)

    engines = [minor_release(config.engine_version) for config in configs]
    many_small_experts = [(config.architecture.experts or 0) >= MANY_EXPERTS for config in configs]
    return HardwareClasses(
        blackwell=mask([generation(config.gpu) == "Blackwell" for config in configs]),
        ultra=mask([config.gpu.architecture == "Blackwell Ultra" for config in configs]),
        fp8=mask([config.precision in ("fp8", "int8") for config in configs]),
        nvfp4=mask([config.precision == "nvfp4" for config in configs]),
        mxfp4=mask([config.precision == "mxfp4" for config in configs]),
        int4=mask([config.precision == "int4" for config in configs]),
        bf16=mask([config.precision == "bf16" for config in configs]),
        mla=mask([config.architecture.mla is not None for config in configs]),
        fp8_kv_cache=mask([_has_fp8_kv_cache(config) for config in configs]),
        before_0_13=mask([0 <= engine <= 12 for engine in engines]),
        many_small_experts=mask(many_small_experts),
        release_0_12=mask([engine == 12 for engine in engines]),
        untuned_experts=mask(
            [_has_untuned_experts(*one) for one in zip(configs, engines, many_small_experts, strict=True)]
        ),
        first_engine=mask([0 <= engine < 8 for engine in engines]),
    )


def _has_untuned_experts(config: Configuration, engine: float, many_small_experts: bool) -> bool:
    on_tensor_cores = config.precision == "fp8" and config.gpu.dense_tflops.fp8 is not None
    return many_small_experts and on_tensor_cores and 0 <= engine <= LAST_UNTUNED


def _has_fp8_kv_cache(config: Configuration) -> bool:
    if config.cache is not None:
        return config.cache == "fp8"
    if config.precision == "bf16":
        return False
    return generation(config.gpu) == "Blackwell" or not config.architecture.experts
