"""Names and own prices that the user gave, as the catalog writes them."""

import math

from compass.catalog import (
    Catalog,
    Model,
    Precision,
    find_gpu,
    find_model,
    match_gpus,
    match_models,
    unplanned_gpu,
)
from compass.core import InvalidInput
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
    known = [name for name in wanted_names if match_gpus(catalog, name)]
    note_unknown(wanted_names, known, notes)
    wanted = gpu_names(catalog, tuple(known) or wanted_names)
    planned = tuple(
        name for name in excluded_names if match_gpus(catalog, name) or unplanned_gpu(name) is None
    )
    excluded = gpu_names(catalog, planned)
    left = tuple(name for name in wanted if name not in excluded)
    if wanted and not left:
        raise InvalidInput(
            "excluded_gpu_types",
            f"excludes every preferred GPU ({', '.join(wanted)}). Drop one of the two wishes.",
        )
    return left, excluded


def gpu_names(catalog: Catalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every catalog GPU that the names may mean: "A100" means all four.

    Raises:
        NotFound: names the nearest.
    """
    found = {
        gpu.name: None for name in names for gpu in match_gpus(catalog, name) or [find_gpu(catalog, name)]
    }
    return tuple(found)


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
    known = [name for name in wishes.preferred_models if match_models(catalog, name)]
    note_unknown(wishes.preferred_models, known, notes)
    named = model_ids(catalog, tuple(known) or wishes.preferred_models)
    if wishes.model_parameters_b is None:
        return named
    among = [model for model in catalog.models if not named or model.id in named]
    sized = tuple(model.id for model in models_of_size(among, wishes.model_parameters_b, wishes.reasoning))
    if sized or named:
        return sized or named
    nearest = min(
        catalog.models, key=lambda m: abs(math.log(m.parameters_b / (wishes.model_parameters_b or 1)))
    )
    notes.remarks.append(
        f"No model of the catalog has about {wishes.model_parameters_b:g} billion parameters; the nearest, "
        f"{nearest.name} with {nearest.parameters_b:g}, is planned."
    )
    return (nearest.id,)


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


def model_ids(catalog: Catalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every catalog model that the names may mean: "llama" means the family.

    Raises:
        NotFound: names the nearest.
    """
    found = {m.id: None for name in names for m in match_models(catalog, name) or [find_model(catalog, name)]}
    return tuple(found)


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
