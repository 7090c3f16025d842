"""Models and GPUs that the catalog lacks, as entries of one: known dimensions, a size, a data sheet.

Plans and capacity answers both take them from here, with what is to be said of them.
"""

from compass.catalog.data_sheet_gpus import gpu_by_data_sheet
from compass.catalog.find import find_gpu, match_gpus
from compass.catalog.model_names import Resolved, find_model, resolve
from compass.catalog.parameters import parameters_of
from compass.catalog.reasoning import usual_reasoning
from compass.catalog.types import Catalog, Checkpoint, Gpu, Model, Precision
from compass.catalog.weight_formats import resolve_precision
from compass.core import NotFound

OUTSIDE = "outside the catalog"
"""Family of every such model."""
PLANNED_FORMATS: tuple[Precision, ...] = ("bf16", "fp8")
"""Formats that keep a model's quality; one of four bits is planned with where it is asked for."""
UNKNOWN_CONTEXT = 1_048_576
"""Tokens of context where the model's own limit is not known: the KV cache decides."""
HOW_KNOWN = {
    "known": "dimensions from its published configuration; not in the catalog",
    "guessed": "estimated from the size in its name",
}
OLDEST = 7.5
"""Compute capability that vLLM's installation page names as the lowest, from release 0.15 on."""


def resolve_with_size(catalog: Catalog, name: str, parameters_b: float | None = None) -> Resolved:
    """The model that a name means; a name that tells no size takes the stated one, in billions.

    Raises:
        NotFound: neither known nor of a size that its name, or `parameters_b`, tells.
    """
    try:
        return resolve(catalog, name)
    except NotFound:
        if not parameters_b:
            raise
        return resolve(catalog, f"{name}-{parameters_b:g}b")


def model_of(catalog: Catalog, name: str, precision: Precision | None = None) -> Model:
    """The catalog's model of this name, else one that is built of what is known of it.

    `precision`: a format that it must have beside those that are planned with.

    Raises:
        NotFound: neither known nor of a size that its name tells.
    """
    found = resolve(catalog, name)
    return find_model(catalog, found.name) if found.known == "catalog" else model_outside(found, precision)


def model_outside(found: Resolved, precision: Precision | None = None) -> Model:
    """A model outside the catalog as an entry of one; sizes of its weights are computed."""
    formats = dict.fromkeys((*PLANNED_FORMATS, *([precision] if precision else [])))
    return Model(
        id=found.name,
        family=OUTSIDE,
        release="",
        license="not stated",
        gated=None,
        parameters_b=found.parameters_b,
        active_parameters_b=found.active_parameters_b,
        context_tokens=UNKNOWN_CONTEXT,
        reasoning=usual_reasoning(found.name),
        architecture=found.architecture,
        checkpoints=tuple(checkpoint_of(found, each) for each in formats),
        notes=(HOW_KNOWN[found.known],),
    )


def checkpoint_of(found: Resolved, precision: Precision) -> Checkpoint:
    """Weights of a format: those that the name is of, where it is an id of a hub, else nobody's yet."""
    counted = parameters_of(found.architecture)
    is_named = "/" in found.name and resolve_precision("", found.name) == precision
    by_whom = " (AWQ or GPTQ)" if precision == "int4" else ""
    return Checkpoint(
        id=found.name if is_named else f"{found.name} {precision}{by_whom}",
        precision=precision,
        weight_gib=round(counted.weight_gib(precision) * found.parameters_b / counted.total_b, 2),
        size_basis="computed",
        is_published=is_named,
    )


def gpu_of(catalog: Catalog, name: str) -> tuple[Gpu, bool] | None:
    """The GPU that a name means, and whether the catalog has it; None where nothing is known of it."""
    sheet = gpu_by_data_sheet(catalog, name)
    if sheet is not None:
        return sheet, False
    return (find_gpu(catalog, name), True) if match_gpus(catalog, name) else None


def gpu_named(catalog: Catalog, name: str) -> Gpu:
    """The GPU that a name means, of the catalog or by its data sheet.

    Raises:
        NotFound: says what is known, and names the nearest.
    """
    found = gpu_of(catalog, name)
    return found[0] if found else find_gpu(catalog, name)


def remarks_on(gpu: Gpu) -> list[str]:
    """What to think of figures for a GPU outside the catalog."""
    old = gpu.compute_capability is not None and float(gpu.compute_capability) < OLDEST
    return [
        f"{gpu.name} is not in Compass's catalog: {gpu.memory_gib:g} GiB and "
        f"{gpu.memory_bandwidth_gb_s:,.0f} GB/s are those of its data sheet. No run of it is among the "
        "measured ones, so take latencies for a rough guess; memory is arithmetic.",
        *(
            [f"Present vLLM does not run on {gpu.architecture}: it asks for compute capability {OLDEST}."]
            * old
        ),
    ]


def with_outside(
    catalog: Catalog, models: tuple[str, ...], gpus: tuple[str, ...], precision: Precision | None
) -> Catalog:
    """A catalog of the named models and GPUs alone, those outside of the catalog among them.

    No name stands for all of the catalog's.

    Raises:
        NotFound: a name that means nothing known.
    """
    return catalog.model_copy(
        update={
            "models": tuple(model_of(catalog, name, precision) for name in models) or catalog.models,
            "gpus": tuple(gpu_named(catalog, name) for name in gpus) or catalog.gpus,
        }
    )
