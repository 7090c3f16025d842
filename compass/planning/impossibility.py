"""Why nothing holds: the reason of what the user named, else of what came closest."""

from compass.catalog import Model, format_problem
from compass.planning.candidates import TENSOR_PARALLEL, Candidate, divides
from compass.planning.search import Search
from compass.planning.types import Rejection, RejectionKind, Specification

# Constraints in the order in which a configuration that passes most of them meets them, the last one first.
FARTHEST_FIRST: tuple[tuple[RejectionKind, ...], ...] = (
    ("budget",), ("gpu_count",), ("ttft", "itl", "e2e"), ("kv_cache",), ("no_machine",), ("memory",),
    ("context",), ("tensor_parallel",), ("precision",), ("no_price",), ("reasoning",), ("quality",),
)  # fmt: skip
NAMED: tuple[RejectionKind, ...] = ("gpu_not_preferred", "gpu_excluded", "model_not_preferred")
"""What the user did not name is no reason where something was named."""


def why_impossible(search: Search, lost: tuple[Rejection, ...]) -> str:
    """Return in words why there is no option."""
    if (reason := nothing_to_start(search)) is not None:
        return reason
    told = [group for group in lost if group.kind not in NAMED] or list(lost)
    count = f"{len(search.space.candidates):,}"
    return f"none of {count} configurations holds; {closest_miss(told)}"


def closest_miss(lost: list[Rejection]) -> str:
    """Return in words the largest group of rejections among those that came farthest."""
    reached = min(lost, key=lambda rejection: rank(rejection.kind))
    example = f" ({reached.examples[0]})" if reached.examples else ""
    return f"{reached.count:,} come closest and fail: {reached.reason}{example}"


def rank(kind: RejectionKind | None) -> int:
    """Return how early a constraint stops a configuration: 0 is the last one that is met."""
    place = next((at for at, kinds in enumerate(FARTHEST_FIRST) if kind in kinds), None)
    return len(FARTHEST_FIRST) if place is None else place


def nothing_to_start(search: Search) -> str | None:
    """Return why the engine cannot start anything of what was named; None where it can."""
    specification, catalog = search.specification, search.space.catalog
    if any(is_named(candidate, specification) for candidate in search.space.candidates):
        return None
    wanted = specification.precision
    models = [m for m in catalog.models if m.id in specification.preferred_models]
    gpus = [g for g in catalog.gpus if g.name in specification.preferred_gpu_types]
    published = sorted({c.precision for model in models for c in model.checkpoints})
    if wanted and models and wanted not in published:
        return f"no {wanted} weights of {names(models)} are in the catalog; there are {', '.join(published)}"
    formats = [wanted] if wanted else published
    problems = [format_problem(known, gpu) for gpu in gpus for known in formats]
    if problems and all(problems):
        return "; ".join(dict.fromkeys(problem for problem in problems if problem))
    size = specification.tensor_parallel
    if size and models and not any(divides(model.architecture, size) for model in models):
        return f"{size} GPUs do not divide the attention heads of {names(models)} evenly"
    if size and size not in TENSOR_PARALLEL:
        return f"{size} GPUs that share each layer are not planned: 1, 2, 4 or 8 of one machine are"
    return None


def is_named(candidate: Candidate, specification: Specification) -> bool:
    """Whether a candidate is of the GPUs, models, format and size that were named."""
    return (
        (not specification.preferred_models or candidate.model.id in specification.preferred_models)
        and (not specification.preferred_gpu_types or candidate.gpu.name in specification.preferred_gpu_types)
        and specification.precision in (None, candidate.checkpoint.precision)
        and specification.tensor_parallel in (None, candidate.tensor_parallel)
        and specification.pipeline_parallel in (None, candidate.pipeline_parallel)
    )


def names(models: list[Model]) -> str:
    """Return models in words."""
    return ", ".join(model.name for model in models)
