"""Numbers as people write them, in six languages, as digits with a decimal point."""

import functools
import re
from typing import Any

from text_to_num import alpha2digit

from agent.intent.data import load
from agent.intent.languages import NAMES, language, weak
from agent.intent.vocabulary import without_accents as unaccented

NUMBER = r"(?<![a-z\d.,])(?<![a-z]-)(\d+(?:\.\d+)?)"


@functools.cache
def table() -> dict[str, Any]:
    """The words for numbers, by language."""
    return load("numerals")


def as_digits(text: str, spoken_before: str | None = None) -> str:
    """The text without accents and with every number as digits: "dos mil" and "2k" are "2000"."""
    spoken = language(text, spoken_before)
    if weak(text) and spoken_before is None:
        # Of a few words, those for numbers may be the only ones that tell.
        spoken = min((spoken, *NAMES), key=lambda name: sum(map(str.isalpha, words_as_digits(text, name))))
    text = multiplied(grouped(replaced(text, phrases())))
    text = "\n".join(words_as_digits(line, spoken) for line in text.split("\n"))
    text = multiplied(unaccented(text))
    return multiplied(fractions(text))


@functools.cache
def phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Fixed phrases in which number words hide: "a dozen", "une centaine"."""
    return tuple(
        (re.compile(rf"(?<![a-z]){pattern}(?![a-z])"), f" {value} ")
        for pattern, value in table()["phrases"].items()
    )


def replaced(text: str, pairs: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    """Phrases by their numbers; the accents of the rest stay, the number words need them."""
    bare = unaccented(text)
    if len(bare) != len(text):
        text = bare
    for pattern, value in pairs:
        for found in reversed(list(pattern.finditer(bare))):
            text = text[: found.start()] + value + text[found.end() :]
            bare = bare[: found.start()] + value + bare[found.end() :]
    return text


def words_as_digits(line: str, spoken: str) -> str:
    """Number words as digits, by the library for the language."""
    if not re.search(r"[^\W\d_]", line):
        return line
    # The library leaves two and three alone, since they may be parts of speech.
    for word, digit in table()["small"].get(spoken, {}).items():
        line = re.sub(rf"\b{word}\b(?! (?:{table()['big']}))", str(digit), line)
    # It reads "point" and joins what a comma parts; and it must not touch what is digits already.
    parts = re.split(rf"(\d[\d.]*|[,;:()]|\bnone\b|\b(?:{table()['vague']})\b)", line)
    return "".join(
        part if at % 2 else (alpha2digit(part, spoken) if part.strip() else part)
        for at, part in enumerate(parts)
    )


def grouped(text: str) -> str:
    """Thousands groups joined, decimal commas as points, units parted from their numbers."""
    text = re.sub(r"(?<![\d.,])\d{1,2}(?:,\d+){2,}(?![\d,])", listed, text)
    text = re.sub(r"(?<![\d.,])0[.,](\d+)", r"0.\1", text)
    for mark in (",", "'", " ", "."):
        escaped = re.escape(mark)
        text = re.sub(
            rf"(?<![\w.,-])([1-9]\d{{0,2}})((?:{escaped}\d{{3}})+)(?![\d{escaped}]*\d)",
            lambda match: match[1] + re.sub(r"\D", "", match[2]),
            text,
        )
    text = re.sub(r"(\d),(\d{1,2})(?!\d)", r"\1.\2", text)
    text = re.sub(r"([$€£] ?\d+(?:\.\d+)?) ?m\b", r"\1 million", text)
    text = re.sub(rf"(?<![a-z\d.])(\d+(?:\.\d+)?)k({table()['glued']})(?![a-z])", r"\1 k \2", text)
    # "300ms", "5users", "12gb": the unit apart, but never inside names such as h100 or 8b.
    return re.sub(
        rf"(?<![a-z\d._])(?<![a-z]-)(\d+(?:\.\d+)?)({table()['glued']})(?![a-z]|\d+b)", r"\1 \2", text
    )


def listed(match: re.Match[str]) -> str:
    """A list such as "1,4,16,64" with its numbers apart; groups of thousands as they are."""
    groups = match[0].split(",")
    return match[0] if all(len(group) == 3 for group in groups[1:]) else ", ".join(groups)


def multiplied(text: str) -> str:
    """Read "5 k", "2 million" and "3 m users" as digits."""
    for pattern, factor in table()["multipliers"].items():
        text = re.sub(rf"{NUMBER}[ -]?(?:{pattern})(?![a-z])", functools.partial(times, factor), text)
    return text


def fractions(text: str) -> str:
    """Read "three quarters of a second", "un segundo y medio", "2 and a half seconds" as one number before its unit."""
    for pattern, factor, more in fraction_patterns():
        text = pattern.sub(functools.partial(reckoned, factor, more), text)
    return text


@functools.cache
def fraction_patterns() -> tuple[tuple[re.Pattern[str], float, float], ...]:
    """Patterns of a number (1 where none is said), what it is multiplied by, and what is added."""
    words = table()
    one, unit, half = words["one"], words["fraction_of"], words["and_a_half"]
    number = rf"(?:(?<![a-z\d.,-])(?P<number>\d+(?:\.\d+)?)|\b(?:{one}))"
    of = r"(?: (?:of|de|di|d'|einer|eines|von))?"
    parts = [
        (rf"(?:{number} ?-?|\b)(?:{name})(?![a-z]){of}[ -]?(?:(?:{one}) )?(?={unit})", value, 0.0)
        for name, value in words["fractions"].items()
    ]
    more = [
        (rf"(?P<before>(?<![a-z])(?:{words['at_most']}) ?)(?:{one}) (?={words['a_unit']})", 1.0, 0.0),
        (rf"\b(?:{words['one_not_a']}) (?={words['a_unit']})", 1.0, 0.0),
        (rf"(?<![\d/])1/2 (?:of )?(?:(?:{one}) )?(?={unit})", 0.5, 0.0),
        (rf"(?<![\d/])1/4 (?:of )?(?:(?:{one}) )?(?={unit})", 0.25, 0.0),
        (rf"(?<![\d/])3/4 (?:of )?(?:(?:{one}) )?(?={unit})", 0.75, 0.0),
        (rf"{number} (?:{half}|1/2) (?={unit})", 1.0, 0.5),
        (rf"{number} (?P<after>{unit}) (?:{half})(?![a-z])", 1.0, 0.5),
    ]
    return tuple((re.compile(pattern), factor, added) for pattern, factor, added in (*parts, *more))


def reckoned(factor: float, more: float, match: re.Match[str]) -> str:
    """A matched number as it is meant, with what stood around it."""
    found = match.groupdict()
    value = float(found.get("number") or 1) * factor + more
    return f"{found.get('before') or ''} {written(value)} {found.get('after') or ''}"


def times(factor: float, match: re.Match[str]) -> str:
    """A matched number, multiplied."""
    return written(float(match[1]) * factor)


def written(value: float) -> str:
    """A number without an exponent or an empty fraction."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
