"""Models that a plain text names: family, version, variant, size, format; and where the name ends.

A bare number after a space is a version only right behind the family ("llama 3", "phi 4"); behind a size it
counts something else ("qwen3-8b 100 users").
"""

import functools
import re
from collections.abc import Iterator
from typing import Any

from agent.intent.data import load
from agent.intent.name import Name
from compass.catalog import OWN, load_catalog, match_models

VERSION = re.compile(r"[ -]?v?\d{1,2}(?:[._]\d{1,2}){0,2}[vn]?(?![\w%]|\.\d)")
GLUED = re.compile(r"-?v?\d{1,2}(?:\.\d{1,2}){0,2}(?=[a-z])(?!b\b|x)")
LETTER_VERSION = re.compile(r"[ -]?[vrkm]\d(?:\.\d)?(?!\w|\.\d)")
SIZE = re.compile(r"[ :-]?e?(?:\d{1,3}x)?\d{1,4}(?:\.\d+)?[bt](?![\w])")
ACTIVE = re.compile(r"[ -]?a\d{1,3}(?:\.\d+)?b(?!\w)")
EXPERTS = re.compile(r"[ -]\d{1,3}e(?!\w)")
TOTAL = re.compile(r"-\d{3,4}b$")
TUNINGS = (r"-(?:instruct|it)\b.*|-\d{4}$", r"-(?:instruct|it)\b", r"-instruct-\d{4}$")
"""What of a catalog id people leave out."""
DATE = re.compile(r"-\d{4}(?!\d)")
MAKER = r"(?:[\w.-]+/)?"


@functools.cache
def table() -> dict[str, Any]:
    """The data file of names."""
    return load("names")


@functools.cache
def family_pattern() -> re.Pattern[str]:
    """Where a name may begin."""
    return re.compile(rf"(?<![\w/-]){MAKER}(?P<name>(?:{table()['families']}))(?![a-z])")


@functools.cache
def piece_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Variants that belong to a name with any separator, tunings with a hyphen, formats with a hyphen."""
    return (
        re.compile(rf"[ -](?:{table()['variants']})(?![\w])"),
        re.compile(rf"[-](?:{table()['tunings']})(?![\w])| (?:{table()['spaced_tunings']})(?!\w)"),
        re.compile(rf"[-_](?:{table()['checkpoint_formats']})(?!\w)"),
    )


def models(text: str) -> list[Name]:
    """Models: a catalog id where the name is that of one, else the name as it was said, with hyphens."""
    return [*own_models(text), *of_families(text), *abbreviated(text), *of_makers(text)]


def own_models(text: str) -> Iterator[Name]:
    """Models that the user gave: any name, so only the whole of it counts."""
    for model in load_catalog().models:
        if model.family == OWN and (
            match := re.search(rf"(?<![\w/-]){re.escape(model.id.lower())}(?![\w-])", text)
        ):
            yield Name("model", (model.id,), *match.span())


def of_families(text: str) -> Iterator[Name]:
    """Names that begin with a family."""
    for match in family_pattern().finditer(text):
        end, pieces, precision = whole_name(text, match.end())
        said = text[match.start("name") : pieces]
        if pieces == match.end() and re.fullmatch(table()["words"], said):
            continue
        yield Name("model", (canonical_model(said),), match.start(), end, precision=precision)


def whole_name(text: str, start: int) -> tuple[int, int, str | None]:
    """Where a name ends that begins before a place: with its format, without it; and the format."""
    variants, tunings, formats = piece_patterns()
    place, sized, versioned = start, False, False
    while True:
        if (found := SIZE.match(text, place)) and not sized:
            sized = True
        elif found := ACTIVE.match(text, place) or EXPERTS.match(text, place) or variants.match(text, place):
            pass
        elif not versioned and (found := version_at(text, place, place == start, sized)):
            versioned = True
        elif not (
            found := LETTER_VERSION.match(text, place)
            or (DATE.match(text, place) if place > start else None)
            or tunings.match(text, place)
        ):
            break
        place = found.end()
    suffix = formats.match(text, place)
    if suffix is None:
        return place, place, None
    return suffix.end(), place, precision_of(suffix[0][1:])


def version_at(text: str, place: int, first: bool, sized: bool) -> re.Match[str] | None:
    """A version at a place: behind a space only where no size was said and nothing is counted by it."""
    found = VERSION.match(text, place) or GLUED.match(text, place)
    if found is None or not found[0].startswith(" "):
        return found
    if sized or re.match(rf" (?:x\b|{table()['counted']})", text[found.end() :]):
        return None
    return found if first or "." in found[0] or len(found[0]) == 2 else None


def precision_of(suffix: str) -> str | None:
    """The format that a checkpoint's suffix means."""
    for precision, pattern in table()["formats"].items():
        if re.fullmatch(pattern, suffix):
            return str(precision)
    return None


def abbreviated(text: str) -> Iterator[Name]:
    """Names that people shorten: "R1", "Scout", "coder-480b"."""
    for name, pattern in table()["abbreviated"].items():
        for match in re.finditer(rf"(?<![\w/.-])(?:{pattern})(?![\w])", text):
            end, pieces, precision = whole_name(text, match.end())
            said = f"{name}{text[match.end() : pieces]}".replace(" ", "-")
            yield Name("model", (canonical_model(said),), match.start(), end, precision=precision)


def of_makers(text: str) -> Iterator[Name]:
    """A maker in place of its family: "models by Meta"."""
    for maker, family in table()["makers"].items():
        of_maker = (
            rf"\b{maker}(?:'s)? (?=(?:open )?(?:models?|llms?|modell\w*|modele\w*|modelo\w*|modelli)\b)"
        )
        for match in re.finditer(of_maker, text):
            yield Name("model", (family,), *match.span())


def unknown_models(text: str) -> list[Name]:
    """Names with a size in the manner of models, kept as said: what planning does not know."""
    found = []
    for match in re.finditer(table()["unknown_models"], text):
        end, pieces, precision = whole_name(text, match.end())
        said = text[match.start() : pieces]
        found.append(Name("model", (said.replace(" ", "-"),), match.start(), end, precision=precision))
    return found


@functools.lru_cache(maxsize=512)
def canonical_model(said: str) -> str:
    """The catalog's id where a name is exactly that of one model; else the words as said, with hyphens."""
    plain = re.sub(r"[ _]+", "-", re.sub(r"(?<=\d)_(?=\d)", ".", said.strip(" -"))).removeprefix("meta-")
    own = letters(plain)
    for model in match_models(load_catalog(), plain):
        short = model.id.rsplit("/", 1)[-1].casefold()
        if own in {letters(short), *(letters(re.sub(tuning, "", short)) for tuning in TUNINGS)}:
            return model.id
    # "DeepSeek-R1 671B": the size of the only one of its name.
    named = TOTAL.sub("", plain)
    return canonical_model(named) if named != plain and "/" in canonical_model(named) else plain


def letters(name: str) -> str:
    """A name without its separators."""
    return re.sub(r"[^a-z\d.]", "", name.casefold())
