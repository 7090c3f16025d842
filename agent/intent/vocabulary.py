"""The words that tell something, in six languages, and where a message holds them.

A phrase of the data files is one or more words. A word may end in `*` (begins with), begin with `*` (ends with), do both
(contains), or end in `~` (the word and its inflections: plural, case, -innen). `..` stands for up to three other words.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.intent.data import load

WORD = re.compile(r"[a-z]+\d+[a-z\d]*|[a-z]+n't|[a-z]+\+\+|c#|[a-z]+|\d+(?:\.\d+)?|<=|>=|->|[^\s'\w]")
INFLECTIONS = frozenset(("", *"s es e n en nen in innen ne i is x a o as os em r rn ies".split()))
SPELLED_OUT = re.compile(r"([aou])e")
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
    whole: list[str]
    """Words that a mistyped one may mean."""
    stems: dict[int, list[str]]
    """Beginnings of such words, by length."""


@functools.cache
def index(language: str) -> Index:
    """The vocabulary of one language."""
    found = Index({}, {}, [], [], {})
    for phrase in phrases_of(language):
        add(found, phrase)
    return found


@functools.cache
def phrases_of(language: str) -> tuple[Phrase, ...]:
    """The phrases of one language: of its words in general, and of its words for loads."""
    return tuple(
        Phrase(label, tuple(spelled(phrase.strip())))
        for name in (language, f"loads_{language}")
        for label, phrases in load(name).items()
        for phrase in phrases.split(",")
    )


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
    """Put a phrase where its first word is looked for, and its words where mistyped ones are mended."""
    first = phrase.words[0]
    if first.startswith("*"):
        found.inside.append(phrase)
    elif first[-1] in "*~" and len(first) > 1:
        found.begins.setdefault(first[:-1], []).append(phrase)
    else:
        found.exact.setdefault(first, []).append(phrase)
    for word in phrase.words if phrase.label not in UNMENDED else ():
        stem = word.strip("*~")
        if len(stem) < SHORTEST_MENDED or not stem.isalpha() or word.startswith("*"):
            continue
        if word.endswith("*"):
            found.stems.setdefault(len(stem), []).append(stem)
        else:
            found.whole.extend((stem, *([stem + "s"] if word.endswith("~") else [])))


def fits(word: str, pattern: str) -> bool:
    """Whether a word of a message is what a pattern means."""
    if len(pattern) == 1:
        return word == pattern
    front, back = pattern[0] == "*", pattern[-1]
    stem = pattern.strip("*~")
    if front:
        return stem in word[1:] if back == "*" else word.endswith(stem) and word != stem
    if back == "*":
        return word.startswith(stem)
    if back == "~":
        return word.startswith(stem) and word[len(stem) :] in INFLECTIONS
    return word == pattern


def tags(words: Sequence[str], languages: tuple[str, ...]) -> list[Tag]:
    """Every phrase found, of one label at one place the longest; idioms hide the words that they are made of."""
    found: dict[tuple[str, int], int] = {}
    for at in range(len(words)):
        for phrase in beginning(words[at], languages):
            if end := ending(words, at, phrase.words):
                key = (phrase.label, at)
                found[key] = max(found.get(key, 0), end)
    idioms = [(start, end) for (label, start), end in found.items() if label == "idiom"]
    return sorted(
        (
            Tag(label, start, end)
            for (label, start), end in found.items()
            if label != "idiom" and not any(first <= start and end <= last for first, last in idioms)
        ),
        key=lambda tag: (tag.start, -tag.end),
    )


def beginning(word: str, languages: Iterable[str]) -> list[Phrase]:
    """Phrases of some languages whose first word this may be."""
    return [phrase for language in languages for phrase in beginning_in(word, language)]


@functools.lru_cache(maxsize=32_768)
def beginning_in(word: str, language: str) -> tuple[Phrase, ...]:
    """Phrases of one language whose first word this may be."""
    known = index(language)
    found = list(known.exact.get(word, ()))
    for length in range(2, len(word) + 1):
        found += [phrase for phrase in known.begins.get(word[:length], ()) if fits(word, phrase.words[0])]
    if len(word) > 3:
        found += [phrase for phrase in known.inside if fits(word, phrase.words[0])]
    return tuple(found)


def is_word(word: str, language: str) -> bool:
    """Whether a language has this as a word of its own, not only as the first of a phrase."""
    return any(len(phrase.words) == 1 for phrase in beginning_in(word, language))


def ending(words: Sequence[str], at: int, pattern: Sequence[str]) -> int:
    """Where a phrase that begins at a word ends; 0 where it does not stand there."""
    place = at
    for number, part in enumerate(pattern):
        if part == "..":
            return after_gap(words, place, pattern[number + 1 :])
        if place >= len(words) or not fits(words[place], part):
            return 0
        place += 1
    return place


def after_gap(words: Sequence[str], place: int, rest: Sequence[str]) -> int:
    """Where the rest of a phrase ends after a gap of some words of the same clause."""
    for start in range(place, min(place + LONGEST_GAP + 1, len(words))):
        if end := ending(words, start, rest):
            return end
        if words[start] in ".;,!?\n:":
            return 0
    return 0


@functools.lru_cache(maxsize=8192)
def mended(word: str, languages: tuple[str, ...]) -> str:
    """A mistyped word as it was meant: "transalte" as "translate"; a word of its own stays."""
    if spelled_out := with_umlauts(word, languages):
        return spelled_out
    if len(word) < SHORTEST_MENDED or not word.isalpha() or word in ordinary() or beginning(word, languages):
        return word
    allowed = 1 if len(word) < SHORTEST_TWICE_WRONG else 2
    near: list[tuple[float, int, str]] = []
    for known in map(index, languages):
        close = process.extract(word, known.whole, scorer=OSA.distance, score_cutoff=allowed, limit=3)
        near += [
            (distance, -len(stem), stem)
            for stem, distance, _ in close
            if stem[-1] == word[-1] or distance < 2
        ]
        for length, stems in known.stems.items():
            if length <= len(word) + 1:
                close = process.extract(word[:length], stems, scorer=OSA.distance, score_cutoff=1, limit=3)
                near += [(distance, -length, stem) for stem, distance, _ in close]
    return min((entry for entry in near if entry[2][0] == word[0]), default=(0.0, 0, word))[2]


def with_umlauts(word: str, languages: Sequence[str]) -> str | None:
    """A German word without its umlauts spelled out: "guenstig" as "gunstig"."""
    bare = SPELLED_OUT.sub(r"\1", word)
    german = "de" in languages and bare != word
    return bare if german and not beginning_in(word, "de") and beginning_in(bare, "de") else None


@functools.cache
def ordinary() -> frozenset[str]:
    """Words that look like a mistyped word of the vocabulary and are none."""
    return frozenset(re.findall("[a-z]+", load("ordinary")["words"]))


@functools.lru_cache(maxsize=512)
def without_accents(text: str) -> str:
    """The letters without their accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
