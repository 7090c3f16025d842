"""Classes of configurations that the speed model tells apart: by GPU, format, release and link."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity.constants import generation
from compass.capacity.types import BoolArray, Configuration
from compass.capacity.vllm_releases import minor_release

FINE_EXPERTS = 64
"""Experts of a layer from which they are small matrices, which older kernels were slow on."""
LAST_UNTUNED = 13
"""Last minor release whose kernels for small fp8 experts depended on tuned files."""


@dataclass(frozen=True)
class Kinds:
    """Which class each configuration belongs to; masks of shape (N, 1)."""

    blackwell: BoolArray
    ultra: BoolArray
    fp8: BoolArray
    nvfp4: BoolArray
    mxfp4: BoolArray
    int4: BoolArray
    bf16: BoolArray
    mla: BoolArray
    cached8: BoolArray
    """An fp8 KV cache: quantised checkpoints on Blackwell, and dense ones elsewhere.

    The runs do not say; where the cache filled up, their latencies show which it was.
    """
    old: BoolArray
    fine: BoolArray
    """Many small experts."""
    engine12: BoolArray
    untuned: BoolArray
    """Many small fp8 experts on tensor cores, before kernels came that need no tuning."""
    v0: BoolArray
    """vLLM's first engine, up to 0.7."""


def kinds(configs: Sequence[Configuration]) -> Kinds:
    """The classes of some configurations."""

    def mask(values: list[bool]) -> BoolArray:
        return np.array(values, dtype=np.bool_).reshape(-1, 1)

    engines = [minor_release(config.engine_version) for config in configs]
    fine = [(config.architecture.experts or 0) >= FINE_EXPERTS for config in configs]
    return Kinds(
        blackwell=mask([generation(config.gpu) == "Blackwell" for config in configs]),
        ultra=mask([config.gpu.architecture == "Blackwell Ultra" for config in configs]),
        fp8=mask([config.precision in ("fp8", "int8") for config in configs]),
        nvfp4=mask([config.precision == "nvfp4" for config in configs]),
        mxfp4=mask([config.precision == "mxfp4" for config in configs]),
        int4=mask([config.precision == "int4" for config in configs]),
        bf16=mask([config.precision == "bf16" for config in configs]),
        mla=mask([config.architecture.mla is not None for config in configs]),
        cached8=mask([_cached8(config) for config in configs]),
        old=mask([0 <= engine <= 12 for engine in engines]),
        fine=mask(fine),
        engine12=mask([engine == 12 for engine in engines]),
        untuned=mask([_untuned(*one) for one in zip(configs, engines, fine, strict=True)]),
        v0=mask([0 <= engine < 8 for engine in engines]),
    )


def _untuned(config: Configuration, engine: float, fine: bool) -> bool:
    on_tensor_cores = config.precision == "fp8" and config.gpu.dense_tflops.fp8 is not None
    return fine and on_tensor_cores and 0 <= engine <= LAST_UNTUNED


def _cached8(config: Configuration) -> bool:
    if config.cache is not None:
        return config.cache == "fp8"
    if config.precision == "bf16":
        return False
    return generation(config.gpu) == "Blackwell" or not config.architecture.experts
