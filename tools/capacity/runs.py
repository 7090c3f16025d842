"""Measured runs as the estimator's evidence: configurations, loads and latencies in arrays."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from tools.benchmarks import Run, shipped_runs
from tools.capacity.types import Configuration, FloatArray
from tools.catalog import find_gpu, find_model, load_catalog
from tools.catalog.types import Model, Precision
from tools.errors import NotFound

log = logging.getLogger(__name__)

PRECISIONS: dict[str, Precision] = {"fp4": "nvfp4"}
"""Names of the runs that differ from the catalog's."""

SUFFIXES = ("-FP8", "-NVFP4", "-Instruct")
"""What a run's model name may carry beyond the name of the architecture."""


@dataclass(frozen=True)
class Runs:
    """R measured operating points; arrays of shape (R,)."""

    ids: tuple[str, ...]
    configs: tuple[Configuration, ...]
    concurrency: FloatArray
    prompt_tokens: FloatArray
    output_tokens: FloatArray
    ttft_ms: FloatArray
    itl_ms: FloatArray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: Iterable[int]) -> "Runs":
        """Some of the runs, in the order of `index`."""
        at = [int(i) for i in index]
        return Runs(
            ids=tuple(self.ids[i] for i in at),
            configs=tuple(self.configs[i] for i in at),
            concurrency=self.concurrency[at],
            prompt_tokens=self.prompt_tokens[at],
            output_tokens=self.output_tokens[at],
            ttft_ms=self.ttft_ms[at],
            itl_ms=self.itl_ms[at],
        )


def shipped() -> Runs:
    """The package's own measured runs."""
    return runs_of(shipped_runs())


def runs_of(rows: Iterable[Run]) -> Runs:
    """Closed-loop measured runs as evidence; rows of unknown models or GPUs are left out, and logged."""
    kept: list[Run] = []
    configs: list[Configuration] = []
    known: dict[tuple[object, ...], Configuration | None] = {}
    for row in rows:
        if row.evidence != "measured" or not (row.concurrency and row.ttft_ms and row.itl_ms):
            continue
        key = tuple(getattr(row, name) for name in CONFIGURATION_FIELDS)
        if key not in known:
            known[key] = _configuration(row)
        config = known[key]
        if config is not None:
            kept.append(row)
            configs.append(config)

    def column(name: str) -> FloatArray:
        return np.array([getattr(row, name) for row in kept], dtype=np.float64)

    return Runs(
        ids=tuple(row.label for row in kept),
        configs=tuple(configs),
        concurrency=column("concurrency"),
        prompt_tokens=column("prompt_tokens"),
        output_tokens=column("output_tokens"),
        ttft_ms=column("ttft_ms"),
        itl_ms=column("itl_ms"),
    )


CONFIGURATION_FIELDS = (
    "model",
    "gpu",
    "precision",
    "gpus",
    "tensor_parallel",
    "data_parallel",
    "expert_parallel",
    "engine_version",
    "measured",
)


def _configuration(row: Run) -> Configuration | None:
    try:
        return configuration_of(row)
    except NotFound as error:
        log.info("run %s is no evidence: %s", row.label, error)
        return None


def configuration_of(row: Run) -> Configuration:
    """What a run's columns say of its replica; a release that is not named is that of its day.

    Raises:
        NotFound: the catalog has no such model or GPU.
    """
    model, gpu = base_model(row.model), find_gpu(load_catalog(), row.gpu)
    precision: Precision = PRECISIONS.get(row.precision, row.precision)  # type: ignore[arg-type]  # importers check
    return Configuration(
        model=model.id,
        architecture=model.architecture,
        parameters_b=model.parameters_b,
        active_parameters_b=model.active_parameters_b,
        precision=precision,
        gpu=gpu,
        tensor_parallel=row.tensor_parallel,
        pipeline_parallel=max(1, row.gpus // (row.tensor_parallel * row.data_parallel)),
        data_parallel=row.data_parallel,
        expert_parallel=row.expert_parallel,
        engine_version=row.engine_version or engine_of(row.measured),
    )


def engine_of(measured: str) -> str | None:
    """The vLLM release that was current on a day (yyyy-mm-dd), for runs that do not name theirs."""
    current = [release for day, release in RELEASES if day <= measured]
    return current[-1] if current else None


RELEASES = (
    ("2025-05-27", "0.9.0"),
    ("2025-07-24", "0.10.0"),
    ("2025-10-02", "0.11.0"),
    ("2025-12-03", "0.12.0"),
    ("2025-12-19", "0.13.0"),
    ("2026-01-20", "0.14.0"),
    ("2026-01-29", "0.15.0"),
    ("2026-02-24", "0.16.0"),
    ("2026-03-07", "0.17.0"),
    ("2026-03-20", "0.18.0"),
    ("2026-04-03", "0.19.0"),
)
"""Days of vLLM's minor releases; those of 2026 from the first day a run names the version."""


@cache
def base_model(name: str) -> Model:
    """The catalog's model that a run's name means: "nvidia/Llama-3.1-8B-Instruct-FP8" is Llama-3.1-8B.

    Raises:
        NotFound: the catalog has no such model.
    """
    wanted = _stem(name)
    for model in load_catalog().models:
        if _stem(model.id) == wanted:
            return model
    return find_model(load_catalog(), name)


def _stem(name: str) -> str:
    short = name.rsplit("/", 1)[-1]
    for suffix in SUFFIXES:
        short = short.removesuffix(suffix)
    return short.lower()
