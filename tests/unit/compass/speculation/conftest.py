"""Replicas of the catalog as the capacity model takes them."""

import functools

from compass.capacity import CompiledBatch, Configuration, Estimator
from compass.catalog import Model, Precision, gpu_named, load_catalog


def model_named(name: str) -> Model:
    """The model of the catalog whose id ends so."""
    return next(model for model in load_catalog().models if model.name == name)


@functools.cache
def replica(model: str, precision: Precision, gpu: str, tensor_parallel: int = 1) -> CompiledBatch:
    """One replica on some GPUs."""
    found = model_named(model)
    weights = {one.precision: one.weight_gib for one in found.checkpoints}
    config = Configuration(
        model=found.id,
        architecture=found.architecture,
        parameters_b=found.parameters_b,
        active_parameters_b=found.active_parameters_b,
        precision=precision,
        gpu=gpu_named(load_catalog(), gpu),
        tensor_parallel=tensor_parallel,
        sequences=256,
        weight_gib=weights.get(precision),
    )
    return Estimator.for_plans().compile([config])
