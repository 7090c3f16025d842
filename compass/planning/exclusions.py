"""Candidates that a request rules out at any load, each with its first reason."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.catalog import Model, Precision
from compass.planning.answer_lengths import answer_lengths, reasons
from compass.planning.cost import Offer
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.search_space import SearchSpace
from compass.planning.types import RejectionKind, Specification


class Exclusion(NamedTuple):
    """Why a GPU, a model or a way of serving it is excluded, whatever the load."""

    kind: RejectionKind
    reason: str


@dataclass(frozen=True)
class Exclusions:
    """Candidates that may be used, and why the others may not."""

    allowed: BoolArray
    """Shape (M,) over all candidates of the search space."""
    groups: dict[Exclusion, IntArray]
    """Positions of the excluded candidates by their first reason."""


def exclude(
    space: SearchSpace, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> Exclusions:
    """Return the candidates that the request rules out: by their GPU first, then model, format and size."""
    reasons = [
        ([gpu_exclusion(gpu.name, specification, offers) for gpu in space.catalog.gpus], space.gpu_at),
        ([model_exclusion(model, specification) for model in space.catalog.models], space.model_at),
        ([precision_exclusion(p, specification) for p in space.precisions], space.precision_at),
        ([layout_exclusion(layout, specification) for layout in space.layouts], space.layout_at),
    ]
    distinct = dict.fromkeys(each for found, _ in reasons for each in found if each)
    number = {exclusion: position for position, exclusion in enumerate(distinct)}
    first = np.full(len(space.candidates), -1)
    for found, at in reasons:
        mine = np.array([number[each] if each else -1 for each in found])[at]
        first = np.where(first >= 0, first, mine)
    groups = {exclusion: np.flatnonzero(first == position) for exclusion, position in number.items()}
    return Exclusions(first < 0, {exclusion: index for exclusion, index in groups.items() if len(index)})


def gpu_exclusion(
    gpu: str, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> Exclusion | None:
    """Return why a GPU may not be used, None where it may."""
    if specification.preferred_gpu_types and gpu not in specification.preferred_gpu_types:
        return Exclusion("gpu_not_preferred", "not one of the GPUs that you asked for")
    if gpu in specification.excluded_gpu_types:
        return Exclusion("gpu_excluded", "a GPU that you excluded")
    if not offers[gpu]:
        where = f" at {specification.provider}" if specification.provider else ""
        reason = f"no verified {specification.pricing} price of the GPU is listed{where}"
        return Exclusion("no_price", reason)
    return None


def model_exclusion(model: Model, specification: Specification) -> Exclusion | None:
    """Return why a model may not be used, None where it may."""
    if specification.preferred_models and model.id not in specification.preferred_models:
        return Exclusion("model_not_preferred", "not one of the models that you asked for")
    lengths = answer_lengths((model,), specification)
    tokens = int(window_tokens(specification, lengths.output_tokens)[0])
    if tokens > model.context_tokens:
        return Exclusion("context", f"{tokens:,} tokens are longer than the model's context")
    if "preferred_models" in specification.stated:
        return None
    if (reason := reasoning_reason(model, specification)) is not None:
        return Exclusion("reasoning", reason)
    if specification.preferred_models:
        return None
    quality = quality_of(model, specification.use_case, reasons(model, specification)).value
    if quality is not None and quality < lowest_useful():
        return Exclusion("quality", f"quality for the use case below {lowest_useful():g} of 100")
    return None


def reasoning_reason(model: Model, specification: Specification) -> str | None:
    """Return why a model does not suit as to reasoning, None where it does."""
    if specification.reasoning or specification.thinking_tokens:
        return "model cannot reason before it answers" if model.reasoning == "no" else None
    if model.reasoning != "always" or specification.preferred_models:
        return None
    if specification.reasoning is False:
        return "model always reasons before it answers, which you do not want"
    if specification.experience_class == "batch" or specification.load_form == "batch":
        return None
    return "model always reasons before it answers: the answer itself would start late"


def window_tokens(specification: Specification, output_tokens: FloatArray) -> FloatArray:
    """Return the tokens that a context and a KV cache must hold for one request, by its mean output."""
    return np.maximum(specification.prompt_tokens + output_tokens, specification.context_tokens or 0)


def precision_exclusion(precision: Precision, specification: Specification) -> Exclusion | None:
    """Return why a format of weights may not be used, None where it may."""
    if specification.precision in (None, precision):
        return None
    return Exclusion("precision", f"weights are not in {specification.precision}")


def layout_exclusion(layout: tuple[int, int, int], specification: Specification) -> Exclusion | None:
    """Return why a replica may not be laid out so, None where it may.

    `layout`: tensor parallel size, pipeline stages and machines.
    """
    size, stages, nodes = layout
    wanted = specification.tensor_parallel
    if wanted is not None and size != wanted:
        return Exclusion("tensor_parallel", f"replicas do not have {wanted} GPUs each that share a layer")
    if specification.pipeline_parallel is not None and stages != specification.pipeline_parallel:
        return Exclusion("tensor_parallel", f"replicas do not have {specification.pipeline_parallel} stages")
    if specification.node_count is not None and nodes > specification.node_count:
        return Exclusion("gpu_count", f"a replica spans more than {specification.node_count} machines")
    return None
