"""Resolves names of models: to the catalog, to known dimensions, or to a guess by size.

Every name of a model is resolved here: of wishes and sentences, of checkpoints and benchmark files.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from compass.catalog.find import containing, of_version, run_together, spelled, tokens
from compass.catalog.known_models import Dimensions, dimensions_by_size, known_models
from compass.catalog.types import Architecture, Catalog, Model
from compass.catalog.unknown_names import unknown_model
from compass.core import NotFound

# What names add to a model's own: formats, tunings, dates. Stripped until nothing is left to strip.
DECORATION = re.compile(
    r"[-_. ](?:instruct|it|chat|base|hf|fp8(?:[-_]?(?:dynamic|kv|block))?|kv|bf16|fp16|awq|gptq|int4|"
    r"int8|w4a16|w8a8|w8a16|4bit|8bit|nvfp4|mxfp4|fp4|quantized|dynamic|autoround|auto-round|marlin|thinking|reasoning|preview|vision|heretic|exp|latest|\d{4})$"
)
REVISION = re.compile(r"(\db\b.*)[-_. ]v\d(?:\.\d)?$")
"""Behind a size, "v0.3" is a revision; "DeepSeek-V3" is a model of its own."""

Known = Literal["catalog", "known", "guessed"]


@dataclass(frozen=True)
class Resolved:
    """A model's name and dimensions, parameters in billions, and how they are known.

    "catalog": the name is the id there. "known": by data/architectures.yaml. "guessed": by the size in the
    name.
    """

    name: str
    architecture: Architecture
    parameters_b: float
    active_parameters_b: float
    known: Known


@functools.lru_cache(maxsize=8192)
def stem(name: str) -> str:
    """A model's own name: no organisation, no format, no tuning. "Qwen/Qwen3-32B-AWQ" → "qwen3-32b"."""
    short = name.rsplit("/", 1)[-1].casefold().split("(")[0].strip().replace("_", "-")
    short = short.removeprefix("meta-").removeprefix("nvidia-")
    while (cut := REVISION.sub(r"\1", DECORATION.sub("", short))) != short:
        short = cut
    return short


def resolve(catalog: Catalog, name: str) -> Resolved:
    """The model that a name means; of several of the catalog, the newest.

    Raises:
        NotFound: neither known nor of a size that its name tells.
    """
    if found := match_models(catalog, name):
        model = newest(found)
        return Resolved(
            model.id, model.architecture, model.parameters_b, model.active_parameters_b, "catalog"
        )
    if known := known_dimensions(name) or dimensions_of_part(name):
        return outside_catalog(name, known, "known")
    if guess := dimensions_by_size(stem(name)):
        return outside_catalog(name, guess, "guessed")
    raise NotFound(f'No model called "{name}", and its name tells no size. Give its config.json.')


def outside_catalog(name: str, dimensions: Dimensions, known: Known) -> Resolved:
    """A model outside the catalog under the name it was given."""
    return Resolved(
        name, dimensions.architecture, dimensions.parameters_b, dimensions.active_parameters_b, known
    )


def match_models(catalog: Catalog, name: str) -> list[Model]:
    """All models of the catalog that a name may mean: "llama" means a family; empty for an unknown name.

    A name that is exactly that of a model, or of a model outside the catalog, means no other one.
    """
    if found := exact_matches(catalog, name):
        return found
    if known_dimensions(name):
        return []
    return loose_matches(catalog, name) or loose_matches(catalog, stem(name))


def find_model(catalog: Catalog, name: str) -> Model:
    """One model; of several that fit the name, the newest.

    Raises:
        NotFound: names the nearest known ones.
    """
    found = match_models(catalog, name)
    if not found:
        raise unknown_model(catalog, name)
    return newest(found)


def catalog_id(catalog: Catalog, name: str) -> str:
    """The catalog's id where a name means one model of it; else the name as it is."""
    found = match_models(catalog, name)
    return found[0].id if len(found) == 1 else name


def newest(models: Sequence[Model]) -> Model:
    """The model that was released last."""
    return max(models, key=lambda model: model.release)


def exact_matches(catalog: Catalog, name: str) -> list[Model]:
    """Models with this name, up to format, tuning, date and separators."""
    own = tokens(stem(name))
    return spelled(catalog.models, model_names, name) or [
        model
        for model in catalog.models
        if own and any(tokens(stem(known)) == own for known in model_names(model))
    ]


def loose_matches(catalog: Catalog, name: str) -> list[Model]:
    """Models that people may call so: a part of the name, or without separators or minor version."""
    return (
        containing(catalog.models, model_names, name)
        or run_together(catalog.models, model_names, name)
        or of_version(catalog.models, model_names, name)
    )


def model_names(model: Model) -> Sequence[str]:
    """What a model is called: its id, its name, its checkpoints."""
    return (
        model.id,
        model.name,
        *(c.id for c in model.checkpoints),
        *(c.id.rsplit("/", 1)[-1] for c in model.checkpoints),
    )


def known_dimensions(name: str) -> Dimensions | None:
    """Dimensions of a model of data/architectures.yaml; None for any other."""
    return known_by_stem().get(tokens(stem(name)))


def dimensions_of_part(name: str) -> Dimensions | None:
    """Dimensions of the one model of data/architectures.yaml that has every piece of a name with a size.

    "Qwen3-Coder-30B" is Qwen3-Coder-30B-A3B; None where several have it, or none.
    """
    own = set(tokens(stem(name)))
    if len(own) < 2 or not any(re.fullmatch(r"\d+(\.\d+)?b", piece) for piece in own):
        return None
    found = [dimensions for pieces, dimensions in known_by_stem().items() if own <= set(pieces)]
    return found[0] if found and all(other == found[0] for other in found) else None


def by_minor_version(catalog: Catalog, name: str) -> bool:
    """Whether a name means its models only by a minor version that it does not say: "Llama 3 8B" is 3.1."""
    return not (
        exact_matches(catalog, name)
        or known_dimensions(name)
        or containing(catalog.models, model_names, name)
        or run_together(catalog.models, model_names, name)
    ) and bool(of_version(catalog.models, model_names, name))


@functools.cache
def known_by_stem() -> dict[tuple[str, ...], Dimensions]:
    """The models of data/architectures.yaml by the pieces of their stems."""
    return {tokens(stem(name)): dimensions for name, dimensions in known_models().items()}
