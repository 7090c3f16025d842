"""GPUs and models that a plain text names, and where."""

import functools
import re
from dataclasses import dataclass
from typing import Any, Literal

from agent.intent.data import load
from compass.catalog import OWN, load_catalog, match_models

MEMORY = r"(\d+)[ -]?(?:gb|gib|gigs?|go|g)\b"


@dataclass(frozen=True)
class Name:
    """A mention: what it may mean, and the letters that it takes."""

    kind: Literal["gpu", "maker", "model"]
    meant: tuple[str, ...]
    start: int
    end: int


@functools.cache
def table() -> dict[str, Any]:
    """The data file of names."""
    return load("names")


def names(text: str) -> list[Name]:
    """All mentions in order; none overlaps another."""
    found: list[Name] = []
    for mention in (*gpus(text), *models(text), *makers(text), *unknown_gpus(text), *unknown_models(text)):
        if all(mention.end <= other.start or mention.start >= other.end for other in found):
            found.append(mention)
    return sorted(found, key=lambda name: name.start)


@functools.cache
def gpu_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """GPU → its pattern with maker before, memory before or after, and a plural."""
    return tuple(
        (
            name,
            re.compile(
                rf"(?<![\w-])(?:{MEMORY}[ -](?:\w+ )?)?(?:nvidia[ -]|amd[ -]|intel[ -]|instinct )*(?:{pattern})(?:s|'s)?(?![\w])(?!-\d)"
                rf"(?:(?:[ -](?:sxm4?|pcie))?(?: (?:gpus?|cards?|with|mit|avec|con|com|da|de|a|\())?[ -]?\(?{MEMORY}\)?)?"
            ),
        )
        for name, pattern in table()["gpus"].items()
    )


def gpus(text: str) -> list[Name]:
    """GPUs of the catalog by family name, with their memory where that tells members apart."""
    found: list[Name] = []
    for name, pattern in gpu_patterns():
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in found):
                memory = int(match[1] or match[2] or 0)
                known = memory in table()["memory"].get(name, ())
                found.append(Name("gpu", (f"{name}-{memory}" if known else name,), *match.span()))
    return found


def makers(text: str) -> list[Name]:
    """A maker or an architecture in place of a GPU: all of its members."""
    found = []
    for field in ("vendors", "architectures"):
        for said, value in table()[field].items():
            members = tuple(
                gpu.name
                for gpu in load_catalog().gpus
                if getattr(gpu, field[:-1]).casefold().startswith(value.casefold())
            )
            found += [Name("maker", members, *match.span()) for match in re.finditer(rf"\b{said}s?\b", text)]
    return found


def unknown_gpus(text: str) -> list[Name]:
    """Names in the manner of GPUs, kept as said: planning answers with the nearest that it knows."""
    return [
        Name("gpu", (match["name"].upper(),), *match.span("name"))
        for match in re.finditer(table()["unknown"], text)
    ]


def unknown_models(text: str) -> list[Name]:
    """Names with a size in the manner of models, kept as said: own models, and what planning does not know."""
    return [
        Name("model", (match[0],), *match.span()) for match in re.finditer(table()["unknown_models"], text)
    ]


def models(text: str) -> list[Name]:
    """Models: a catalog id where the name means one, else the family as said."""
    found = []
    for model in load_catalog().models:
        # An own model has any name: only its whole name counts.
        if model.family == OWN and (
            match := re.search(rf"(?<![\w/-]){re.escape(model.id.lower())}(?![\w-])", text)
        ):
            found.append(Name("model", (model.id,), *match.span()))
    for match in re.finditer(
        rf"(?<![\w/-])(?:[\w-]+/)?((?:{table()['families']}){table()['piece']}*)(?![a-z])", text
    ):
        if (name := canonical_model(match[1].strip(" -"))) is not None:
            found.append(Name("model", (name,), *match.span()))
    for maker, family in table()["makers"].items():
        of_maker = (
            rf"\b{maker}(?:'s)? (?=(?:open )?(?:models?|llms?|modell\w*|modele\w*|modelo\w*|modelli)\b)"
        )
        found += [Name("model", (family,), *match.span()) for match in re.finditer(of_maker, text)]
    return found


@functools.lru_cache(maxsize=512)
def canonical_model(said: str) -> str | None:
    """The catalog's id for a name, the words as said for a family, None where the catalog has no such family."""
    found = match_models(load_catalog(), said)
    if len(found) == 1:
        return found[0].id
    return said if found or re.fullmatch(table()["families"], said) or len(said) > 3 else None
