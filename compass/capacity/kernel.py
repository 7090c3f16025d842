"""The covariance of two operating points: a sum of products of a configuration part and a load part.

Each component answers for one scale: what a neighbourhood of a measured configuration shares, what a
model shares on every GPU, what a GPU or an engine shares with every model. Products of a configuration
part and a load part keep prediction cheap: the configuration part is computed once for a batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compass.capacity.constants import generation
from compass.capacity.shapes import Shapes
from compass.capacity.types import Configuration, FloatArray
from compass.capacity.vllm_releases import UNSTATED, minor_release

FAR_ENGINE = 6.0
"""Minor releases beyond which engines do not become more different."""


@dataclass(frozen=True)
class Component:
    """One summand of the covariance: a variance, penalties on its log for differences, and length scales."""

    variance: float
    model: float
    family: float
    """Between dense, mixture-of-experts and latent-attention models, and those with recurrent layers."""
    size: float
    """A unit of log active parameters."""
    gpu: float
    gpu_class: float
    precision: float
    engine: float
    """A minor release."""
    gpus: float
    """A unit of log GPUs of a replica."""
    data: float
    expert: float
    concurrency: float
    """Length scales in log tokens or requests."""
    prompt: float
    output: float


@dataclass(frozen=True)
class Features:
    """The features of N configurations that the covariance depends on."""

    model: np.ndarray[tuple[int], np.dtype[np.object_]]
    family: FloatArray
    size: FloatArray
    gpu: np.ndarray[tuple[int], np.dtype[np.object_]]
    gpu_class: np.ndarray[tuple[int], np.dtype[np.object_]]
    precision: np.ndarray[tuple[int], np.dtype[np.object_]]
    engine: FloatArray
    gpus: FloatArray
    data: FloatArray
    expert: FloatArray


def features(configs: Sequence[Configuration], shapes: Shapes) -> Features:
    """The features of some configurations."""
    active = (shapes.dense_parameters + shapes.routed_parameters)[:, 0]
    return Features(
        model=np.array([config.model for config in configs], dtype=object),
        family=np.array([_family(config) for config in configs], dtype=np.float64),
        size=np.log(active),
        gpu=np.array([config.gpu.name for config in configs], dtype=object),
        gpu_class=np.array([generation(config.gpu) for config in configs], dtype=object),
        precision=np.array([config.precision for config in configs], dtype=object),
        engine=np.array([minor_release(config.engine_version) for config in configs]),
        gpus=np.log(shapes.gpus[:, 0]),
        data=np.log([config.data_parallel for config in configs]),
        expert=np.log([config.expert_parallel for config in configs]),
    )


def _family(config: Configuration) -> int:
    if config.architecture.recurrent:
        return 3
    if config.architecture.mla:
        return 2
    return 1 if config.architecture.experts else 0


def configuration_penalties(a: Features, b: Features) -> dict[str, FloatArray]:
    """Differences of configurations by the name of a component's penalty, each of shape (len(a), len(b))."""
    engine = np.abs(a.engine[:, None] - b.engine[None, :])
    unstated = (a.engine[:, None] == UNSTATED) | (b.engine[None, :] == UNSTATED)
    return {
        "model": _differs(a.model, b.model),
        "family": _differs(a.family, b.family),
        "size": _gap(a.size, b.size),
        "gpu": _differs(a.gpu, b.gpu),
        "gpu_class": _differs(a.gpu_class, b.gpu_class),
        "precision": _differs(a.precision, b.precision),
        "engine": np.where(unstated, 0.0, np.minimum(engine, FAR_ENGINE)),
        "gpus": _gap(a.gpus, b.gpus),
        "data": _gap(a.data, b.data),
        "expert": _gap(a.expert, b.expert),
    }


def _differs(a: NDArray[Any], b: NDArray[Any]) -> FloatArray:
    # Numbers in place of names: comparing strings pair by pair would take ten times as long.
    number = {name: at for at, name in enumerate(dict.fromkeys([*a.tolist(), *b.tolist()]))}
    left, right = (np.array([number[name] for name in side.tolist()], dtype=np.int64) for side in (a, b))
    result: FloatArray = (left[:, None] != right[None, :]).astype(np.float64)
    return result


def _gap(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.abs(a[:, None] - b[None, :])


def configuration_parts(components: Sequence[Component], a: Features, b: Features) -> Iterator[FloatArray]:
    """Covariance of configurations under each component, shape (len(a), len(b)), without the variance."""
    penalties = configuration_penalties(a, b)
    for component in components:
        yield np.exp(-total_penalty(component, penalties))


def total_penalty(component: Component, penalties: Mapping[str, FloatArray]) -> FloatArray:
    """The differences weighted by the component's penalties: minus the log of its covariance."""
    total = np.zeros_like(penalties["model"])
    for name, penalty in penalties.items():
        total += getattr(component, name) * penalty
    return total


def load_part(component: Component, a: FloatArray, b: FloatArray) -> FloatArray:
    """Covariance of loads, rows (log concurrency, log prompt, log output), shape (len(a), len(b))."""
    scale = np.array([component.concurrency, component.prompt, component.output])
    left, right = a / scale, b / scale
    square = (left**2).sum(1)[:, None] + (right**2).sum(1)[None, :] - 2.0 * left @ right.T
    # Matérn 3/2: as smooth as a curve with the kinks of a roofline.
    distance = np.sqrt(3.0 * np.maximum(square, 0.0))
    result: FloatArray = (1.0 + distance) * np.exp(-distance)
    return result
