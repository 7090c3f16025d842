"""Which of six languages a text is in: frequent words, letters of their own, and words of the vocabulary."""

import functools
import re

from agent.intent import vocabulary
from agent.intent.data import load

NAMES = ("en", "de", "fr", "es", "it", "pt")
ALSO_LIKELY, LITTLE = 0.5, 0.5
OF_VOCABULARY, OF_LETTERS, OF_BEFORE = 0.5, 1.0, 1.5


def language(text: str, before: str | None = None) -> str:
    """The most likely language, that spoken before or English when little tells; the text may still have its accents."""
    known = evidence(text, before)
    best = max(NAMES, key=lambda name: known[name])
    return best if known[best] > known["en"] else "en"


def weak(text: str) -> bool:
    """Whether little tells the language."""
    return max(counts(text).values()) <= LITTLE


def languages(text: str, before: str | None = None) -> tuple[str, ...]:
    """The vocabularies that a text may need, English terms in any: all of them when nothing tells."""
    known = evidence(text, before)
    most = max(known.values(), default=0)
    return ("any", *(name for name in NAMES if name == "en" or known[name] >= most * ALSO_LIKELY))


def evidence(text: str, before: str | None) -> dict[str, float]:
    """How much speaks for each language, with that of earlier messages."""
    known = counts(text)
    return known | {before: known[before] + OF_BEFORE} if before else known


@functools.lru_cache(maxsize=256)
def counts(text: str) -> dict[str, float]:
    """How much speaks for each language."""
    bare = vocabulary.without_accents(text)
    words = set(re.findall(r"[a-z]+", bare))
    found: dict[str, float] = {}
    for name in NAMES:
        found[name] = len(words & frequent()[name]) + sum(
            OF_VOCABULARY for word in words if len(word) > 3 and vocabulary.is_word(word, name)
        )
        found[name] += OF_LETTERS * len(set(re.findall(table()["letters"].get(name, r"(?!)"), text)))
    return found


@functools.cache
def table() -> dict[str, dict[str, str]]:
    """Frequent words and letters."""
    return load("languages")


@functools.cache
def frequent() -> dict[str, frozenset[str]]:
    """Frequent words of each language."""
    return {name: frozenset(re.findall("[a-z]+", words)) for name, words in table()["frequent"].items()}
