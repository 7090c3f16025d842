"""Models and GPUs of the catalog that a sentence names."""

import re

from compass.catalog import Catalog, match_gpus, match_models

LONGEST = 5
# Words of ordinary sentences that are also pieces of model names.
ORDINARY = frozenset(
    "a an the it is in on of or and not no why what how use with for to small large medium mini max pro plus "
    "big next instruct chat base code coder vision text model models gpu gpus about instead one new fast "
    "open it's this that think thinking air flash lite nano super ultra edge scout".split()
)


def names_in(text: str, catalog: Catalog) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """GPUs and models as they are named in the text, longest names first and none inside another."""
    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9.\-/]*[A-Za-z0-9]|[A-Za-z0-9]", text)[:40]
    gpus: list[str] = []
    models: list[str] = []
    position = 0
    while position < len(words):
        length = next(
            (n for n in range(LONGEST, 0, -1) if named(" ".join(words[position : position + n]), catalog)), 0
        )
        if length:
            phrase = " ".join(words[position : position + length])
            (gpus if named(phrase, catalog) == "gpu" else models).append(phrase)
        position += length or 1
    return tuple(dict.fromkeys(gpus)), tuple(dict.fromkeys(models))


def named(phrase: str, catalog: Catalog) -> str:
    """What a phrase names: "gpu", "model", or nothing."""
    pieces = phrase.lower().split()
    if pieces[0] in ORDINARY or pieces[-1] in ORDINARY or (len(pieces) == 1 and not telling(pieces[0])):
        return ""
    return looked_up(phrase, catalog)


def telling(word: str) -> bool:
    """Whether one word alone can be a name: a family, or letters with digits."""
    return len(word) >= 2 and any(c.isalpha() for c in word)


def looked_up(phrase: str, catalog: Catalog) -> str:
    """The kind of thing that the catalog knows by this name."""
    if match_gpus(catalog, phrase):
        return "gpu"
    return "model" if match_models(catalog, phrase) else ""
