"""Names and own prices that the user gave, as the catalog writes them."""

import math

from compass.catalog import (
    HOW_KNOWN,
    Catalog,
    Gpu,
    Model,
    Precision,
    Resolved,
    by_minor_version,
    data_sheet_versions,
    gpu_named,
    gpu_of,
    match_gpus,
    match_models,
    remarks_on,
    resolve,
    resolve_with_size,
    unknown_model,
    unplanned_gpu,
)
from compass.core import InvalidInput, NotFound
from compass.planning.notes import Notes
from compass.planning.wishes import Wishes

SIZE_TOLERANCE = 0.2
"""A model is of about a size if its parameters differ by no more than this share."""
PRECISIONS: dict[str, Precision] = {
    "bf16": "bf16", "bfloat16": "bf16", "fp16": "bf16", "float16": "bf16", "half": "bf16", "16bit": "bf16",
    "fp8": "fp8", "float8": "fp8", "w8a8fp8": "fp8", "int8": "int8", "w8a8": "int8", "8bit": "int8",
    "int4": "int4", "awq": "int4", "gptq": "int4", "w4a16": "int4", "4bit": "int4", "q4": "int4",
    "mxfp4": "mxfp4", "nvfp4": "nvfp4", "fp4": "nvfp4",
}  # fmt: skip
"""Formats of weights by what people call them."""


def allowed_gpus(
    catalog: Catalog, wanted_names: tuple[str, ...], excluded_names: tuple[str, ...], notes: Notes
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Preferred and excluded GPUs by name; an exclusion narrows a preference.

    An exclusion of a GPU that nothing is planned with holds anyway.

    Raises:
        InvalidInput: the exclusions leave nothing of the preferences.
        NotFound: none of the preferred GPUs is known, or an excluded one is not.
    """
    known = [name for name in wanted_names if gpu_of(catalog, name)]
    note_unknown(wanted_names, known, notes)
    note_data_sheets(catalog, known, notes)
    wanted = gpu_names(catalog, tuple(known) or wanted_names)
    planned = tuple(name for name in excluded_names if gpu_of(catalog, name) or unplanned_gpu(name) is None)
    excluded = gpu_names(catalog, planned)
    left = tuple(name for name in wanted if name not in excluded)
    if wanted and not left:
        raise InvalidInput(
            "excluded_gpu_types",
            f"excludes every preferred GPU ({', '.join(wanted)}). Drop one of the two wishes.",
        )
    return left, excluded


def gpu_names(catalog: Catalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every GPU that the names may mean: "A100" means all four; one outside of the catalog by its data sheet.

    Raises:
        NotFound: names the nearest.
    """
    return tuple({gpu.name: None for name in names for gpu in gpus_meant(catalog, name)})


def gpus_meant(catalog: Catalog, name: str) -> list[Gpu]:
    """The GPUs that one name may mean.

    Raises:
        NotFound: names the nearest.
    """
    found = gpu_of(catalog, name)
    return match_gpus(catalog, name) if found and found[1] else [gpu_named(catalog, name)]


def note_data_sheets(catalog: Catalog, names: list[str], notes: Notes) -> None:
    """Say what is not known of GPUs outside of the catalog, and which version of one is taken."""
    for name in names:
        found = gpu_of(catalog, name)
        if found is None or found[1]:
            continue
        notes.remarks.extend(remarks_on(found[0]))
        sizes = sorted({other.memory_gib for other in data_sheet_versions(name)})
        if len(sizes) > 1:
            listed = " and ".join(f"{size:g}" for size in sizes)
            notes.assume("gpu", found[0].name, f"{name} is sold with {listed} GiB")


def note_unknown(named: tuple[str, ...], known: list[str], notes: Notes) -> None:
    """Remark the names that the catalog does not hold, where it holds others."""
    if known:
        notes.remarks.extend(
            f"{name} is not known to Compass: the plan is made without it."
            for name in named
            if name not in known
        )


def allowed_models(catalog: Catalog, wishes: Wishes, notes: Notes) -> tuple[str, ...]:
    """Models by name, those of about a stated size, or both; empty where any may be used.

    Raises:
        NotFound: none of the preferred models is known.
    """
    named = named_models(catalog, wishes, notes)
    if wishes.model_parameters_b is None:
        return named
    among = [model for model in catalog.models if not named or model.id in named]
    sized = tuple(model.id for model in models_of_size(among, wishes.model_parameters_b, wishes.reasoning))
    if sized or named:
        return sized or named
    size = f"{wishes.model_parameters_b:g}"
    notes.remarks.append(
        f"No model of the catalog has about {size} billion parameters: planned with the dimensions usual for "
        "a dense model of that size. Name the model, and its own count."
    )
    return (resolve(catalog, f"{size}B").name,)


def models_of_size(models: list[Model], parameters_b: float, reasoning: bool | None) -> list[Model]:
    """Models whose parameters, all of them, are within a fifth of a size in billions.

    Those that always reason are among them only where reasoning is wanted or nothing else is of that size.
    """
    sized = [m for m in models if abs(m.parameters_b / parameters_b - 1) <= SIZE_TOLERANCE]
    plain = [m for m in sized if m.reasoning != "always" or reasoning]
    return plain or sized


def known_precision(name: str | None, notes: Notes) -> Precision | None:
    """The format of weights that a name means; None with a remark where it is none that is planned."""
    if name is None:
        return None
    found = PRECISIONS.get(name.casefold().replace("-", "").replace("_", "").replace(" ", ""))
    if found is None:
        notes.remarks.append(
            f"{name} is no format of weights that is planned: any of "
            f"{', '.join(dict.fromkeys(PRECISIONS.values()))} may be used."
        )
    return found


def named_models(catalog: Catalog, wishes: Wishes, notes: Notes) -> tuple[str, ...]:
    """Every model that the names may mean: "llama" means the family; one outside of the catalog its name.

    Raises:
        NotFound: none of the names means anything known; says what to give.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in wishes.preferred_models:
        try:
            found[name] = models_meant(catalog, name, wishes.model_parameters_b, notes)
        except NotFound:
            if name == wishes.preferred_models[-1] and not found:
                raise unknown_model(catalog, name) from None
    note_unknown(wishes.preferred_models, list(found), notes)
    return tuple(dict.fromkeys(identifier for each in found.values() for identifier in each))


def models_meant(catalog: Catalog, name: str, parameters_b: float | None, notes: Notes) -> tuple[str, ...]:
    """The models that one name may mean, and what has to be said of it; `parameters_b`: a stated size.

    Raises:
        NotFound: neither known nor of a size that is told.
    """
    matched = match_models(catalog, name)
    if matched and by_minor_version(catalog, name):
        names = ", ".join(model.name for model in matched)
        why = f"stands for {name}, which is not in the catalog"
        notes.assume("model", names, why)
        notes.remarks.append(f"{names} {why}.")
    if matched:
        return tuple(model.id for model in matched)
    outside = resolve_with_size(catalog, name, parameters_b)
    note_outside(outside, notes)
    return (outside.name,)


def note_outside(model: Resolved, notes: Notes) -> None:
    """Say how a model outside of the catalog is known, and what is not known of it."""
    size, active = model.parameters_b, model.active_parameters_b
    counted = f"{size:g}B parameters" + ("" if active == size else f", {active:g}B of them active")
    notes.assume("model", model.name, f"{HOW_KNOWN[model.known]}; {counted}")
    notes.remarks.append(
        f"{model.name} is not in the catalog: no score and no weights of it are known by name. Sizes of bf16 "
        "and fp8 weights are computed; another format is planned with where you name it."
    )


def read_gpu_prices(catalog: Catalog, prices: tuple[str, ...]) -> dict[str, float]:
    """Read "H100=2.20" as US dollars an hour by GPU name, for every member of a family.

    Raises:
        InvalidInput: not NAME=NUMBER, or a price that cannot be.
        NotFound: an unknown GPU.
    """
    found: dict[str, float] = {}
    for entry in prices:
        name, _, number = entry.partition("=")
        try:
            price = float(number.strip().lstrip("$"))
        except ValueError:
            price = math.nan
        if not 0 < price < 1000:
            raise InvalidInput(
                "gpu_prices", f'"{entry}" is not NAME=DOLLARS an hour. Write H100=2.20, for example.'
            )
        for gpu in gpu_names(catalog, (name.strip(),)):
            found[gpu] = price
    return found
