"""Replicas as `vllm serve` starts them without flags, and the estimator of all shipped runs."""

from dataclasses import replace

import pytest

from compass.capacity import Configuration, Estimator
from compass.catalog import Precision, find_gpu, find_model, load_catalog


def default_server(
    model: str, gpu: str, precision: Precision = "fp8", tensor_parallel: int = 1
) -> Configuration:
    """A replica with vLLM's defaults, its weights counted from the architecture."""
    found = find_model(load_catalog(), model)
    return Configuration(
        model=found.id,
        architecture=found.architecture,
        parameters_b=found.parameters_b,
        active_parameters_b=found.active_parameters_b,
        precision=precision,
        gpu=find_gpu(load_catalog(), gpu),
        tensor_parallel=tensor_parallel,
    )


def with_gpu(config: Configuration, **changes: float) -> Configuration:
    return replace(config, gpu=config.gpu.model_copy(update=changes))


@pytest.fixture(scope="session")
def estimator() -> Estimator:
    return Estimator.shipped()
