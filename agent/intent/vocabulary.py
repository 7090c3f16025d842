"""The words that tell something, in six languages, and where a message holds them.

A phrase of the data files is one or more words. A word may end in `*` (begins with), begin with `*` (ends with), do both
(contains), or end in `~` (the word and its inflections: plural, case, -innen). `..` stands for up to three other words.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.intent.data import load

LANGUAGES = ("any", "en", "de", "fr", "es", "it", "pt")
WORD = re.compile(r"[a-z]+n't|[a-z]+\+\+|c#|[a-z]+|\d+(?:\.\d+)?|<=|>=|->|[^\s'\w]")
INFLECTED = 2
LONGEST_GAP = 3
SHORTEST_MENDED, SHORTEST_TWICE_WRONG = 6, 9
UNMENDED = ("idiom",)


@dataclass(frozen=True)
class Phrase:
    """A phrase of the vocabulary and the label that it gives."""

    label: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Tag:
    """A phrase found: its label, and the tokens from start up to end."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Index:
    """Phrases by how their first word is found."""

    exact: dict[str, list[Phrase]]
    begins: dict[str, list[Phrase]]
    inside: list[Phrase]
    stems: dict[int, list[str]]
    """Whole words and stems that a mistyped word may mean, by length."""


@functools.cache
def index() -> Index:
    """The vocabulary of all languages: messages mix them."""
    found = Index({}, {}, [], {})
    for name in LANGUAGES:
        for label, phrases in load(name).items():
            for phrase in phrases.split(","):
                add(found, Phrase(label, tuple(spelled(phrase.strip()))))
    return found


def spelled(phrase: str) -> list[str]:
    """The words of a phrase, split as messages are, each with its marks."""
    words: list[str] = []
    for piece in phrase.split():
        if piece == "..":
            words.append(piece)
            continue
        front, back = piece.startswith("*"), piece[-1] if piece[-1] in "*~" and len(piece) > 1 else ""
        parts = WORD.findall(piece.strip("*~") if len(piece) > 1 else piece)
        parts[0] = "*" * front + parts[0]
        parts[-1] += back
        words += parts
    return words


def add(found: Index, phrase: Phrase) -> None:
    """Put a phrase where its first word is looked for."""
    first = phrase.words[0]
    if first.startswith("*"):
        found.inside.append(phrase)
    elif first[-1] in "*~" and len(first) > 1:
        found.begins.setdefault(first[:-1], []).append(phrase)
    else:
        found.exact.setdefault(first, []).append(phrase)
    if phrase.label not in UNMENDED:
        for word in phrase.words:
            stem = word.strip("*~")
            if len(stem) >= SHORTEST_MENDED - 1 and stem.isalpha() and not word.startswith("*"):
                found.stems.setdefault(len(stem), []).append(stem)


def fits(word: str, pattern: str) -> bool:
    """Whether a word of a message is what a pattern means."""
    front, back = pattern[0] == "*" and len(pattern) > 1, pattern[-1] if len(pattern) > 1 else ""
    stem = pattern.strip("*~") if len(pattern) > 1 else pattern
    if front:
        return stem in word[1:] if back == "*" else word.endswith(stem) and word != stem
    if back == "*":
        return word.startswith(stem)
    if back == "~":
        rest = word[len(stem) :]
        return word.startswith(stem) and (len(rest) <= INFLECTED or rest in ("innen", "nen"))
    return word == pattern


def tags(words: Sequence[str]) -> list[Tag]:
    """Every phrase found, of one label at one place the longest; idioms hide the words that they are made of."""
    found: dict[tuple[str, int], int] = {}
    for at in range(len(words)):
        for phrase in beginning(words[at]):
            if end := ending(words, at, phrase.words):
                key = (phrase.label, at)
                found[key] = max(found.get(key, 0), end)
    hidden = {place for (label, start), end in found.items() if label == "idiom" for place in range(start, end)}
    return sorted(
        (
            Tag(label, start, end)
            for (label, start), end in found.items()
            if label != "idiom" and not hidden.intersection(range(start, end))
        ),
        key=lambda tag: (tag.start, -tag.end),
    )


def beginning(word: str) -> list[Phrase]:
    """Phrases whose first word this may be."""
    known = index()
    found = list(known.exact.get(word, ()))
    for length in range(2, len(word) + 1):
        found += [phrase for phrase in known.begins.get(word[:length], ()) if fits(word, phrase.words[0])]
    if len(word) > 3:
        found += [phrase for phrase in known.inside if fits(word, phrase.words[0])]
    return found


def ending(words: Sequence[str], at: int, pattern: Sequence[str]) -> int:
    """Where a phrase that begins at a word ends; 0 where it does not stand there."""
    place = at
    for number, part in enumerate(pattern):
        if part == "..":
            rest = pattern[number + 1 :]
            for gap in range(LONGEST_GAP + 1):
                if place + gap < len(words) and (end := ending(words, place + gap, rest)):
                    return end
                if place + gap < len(words) and words[place + gap] in ".;,!?\n:":
                    return 0
            return 0
        if place >= len(words) or not fits(words[place], part):
            return 0
        place += 1
    return place


@functools.lru_cache(maxsize=4096)
def mended(word: str) -> str:
    """A mistyped word as it was meant: "transalte" as "translate"; a word of its own stays."""
    if len(word) < SHORTEST_MENDED or not word.isalpha() or beginning(word) or word in ordinary():
        return word
    allowed = 1 if len(word) < SHORTEST_TWICE_WRONG else 2
    best, best_distance, best_length = word, allowed + 1, 0
    for length, stems in index().stems.items():
        if length > len(word) + 1 or length < len(word) - 4:
            continue
        if len(word) - length <= 1 and length >= SHORTEST_MENDED - 1:
            close = process.extractOne(word, stems, scorer=OSA.distance, score_cutoff=allowed)
        else:
            close = process.extractOne(word[:length], stems, scorer=OSA.distance, score_cutoff=1)
        if close and close[0][0] == word[0] and (close[1], -length) < (best_distance, -best_length):
            best, best_distance, best_length = close[0], int(close[1]), length
    return best


@functools.cache
def ordinary() -> frozenset[str]:
    """Words that look like a mistyped word of the vocabulary and are none."""
    return frozenset(re.findall("[a-z]+", load("ordinary")["words"]))
