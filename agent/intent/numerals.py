"""Numbers as people write them, in six languages, as digits with a decimal point."""

import functools
import re
from typing import Any

from text_to_num import alpha2digit

from agent.intent.data import load
from agent.intent.languages import language
from agent.intent.vocabulary import without_accents as unaccented

NUMBER = r"(?<![a-z\d.,-])(\d+(?:\.\d+)?)"


@functools.cache
def table() -> dict[str, Any]:
    """The words for numbers, by language."""
    return load("numerals")


def as_digits(text: str, spoken_before: str | None = None) -> str:
    """The text without accents and with every number as digits: "dos mil" and "2k" are "2000"."""
    spoken = language(text, spoken_before)
    text = multiplied(grouped(replaced(text, phrases())))
    text = "\n".join(words_as_digits(line, spoken) for line in text.split("\n"))
    text = multiplied(unaccented(text))
    return multiplied(fractions(text))


@functools.cache
def phrases() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Fixed phrases in which number words hide: "a dozen", "une centaine"."""
    return tuple(
        (re.compile(rf"(?<![a-z]){pattern}(?![a-z])"), f" {value} ") for pattern, value in table()["phrases"].items()
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
    parts = re.split(r"(\d[\d.]*|[,;:()])", line)
    return "".join(
        part if at % 2 else (alpha2digit(part, spoken) if part.strip() else part) for at, part in enumerate(parts)
    )


def grouped(text: str) -> str:
    """Thousands groups joined, decimal commas as points, units parted from their numbers."""
    text = re.sub(r"(?<![\d.,])0[.,](\d+)", r"0.\1", text)
    for mark in (",", "'", " ", "."):
        escaped = re.escape(mark)
        text = re.sub(
            rf"(?<![\w.,-])([1-9]\d{{0,2}})((?:{escaped}\d{{3}})+)(?![\d{escaped}]*\d)",
            lambda match: match[1] + re.sub(r"\D", "", match[2]),
            text,
        )
    text = re.sub(r"(\d),(\d{1,2})(?!\d)", r"\1.\2", text)
    # "300ms", "5kusers", "12gb": the unit apart, but never inside names such as h100 or 8b.
    return re.sub(rf"(?<![a-z\d.-])(\d+(?:\.\d+)?)({table()['glued']})(?![a-z])", r"\1 \2", text)


def multiplied(text: str) -> str:
    """Read "5 k", "2 million" and "3 m users" as digits."""
    for pattern, factor in table()["multipliers"].items():
        text = re.sub(
            rf"{NUMBER}[ -]?(?:{pattern})(?![a-z])", functools.partial(times, factor), text
        )
    return text


def fractions(text: str) -> str:
    """Read "three quarters of a second", "un segundo y medio", "2 and a half seconds" as one number before its unit."""
    for name, value in table()["fractions"].items():
        text = re.sub(
            rf"(?:{NUMBER}|\b(?:{table()['one']})) ?-?(?:{name})(?: (?:of|de|di|d'|einer|eines|von))? ?-?(?:(?:{table()['one']}) )?(?={table()['fraction_of']})|"
            rf"\b(?:{name})(?: (?:of|de|di))?[ -](?:(?:{table()['one']}) )?(?={table()['fraction_of']})",
            lambda match, value=value: f"{written(float(match[1] or 1) * value)} ",
            text,
        )
    text = re.sub(rf"(?<![a-z])({table()['at_most']}) ?(?:{table()['one']}) (?={table()['a_unit']})", r"\1 1 ", text)
    unit = table()["fraction_of"]
    half = table()["and_a_half"]
    text = re.sub(rf"(?:{NUMBER}|\b(?:{table()['one']})) (?:{half}) (?={unit})", lambda m: f"{written(float(m[1] or 1) + 0.5)} ", text)
    text = re.sub(
        rf"(?:{NUMBER}|\b(?:{table()['one']})) ({unit}) (?:{half})(?![a-z])",
        lambda m: f"{written(float(m[1] or 1) + 0.5)} {m[2]}",
        text,
    )
    return re.sub(rf"{NUMBER} 1/2 (?={unit})", lambda m: f"{written(float(m[1]) + 0.5)} ", text)


def times(factor: float, match: re.Match[str]) -> str:
    """A matched number, multiplied."""
    return written(float(match[1]) * factor)


def written(value: float) -> str:
    """A number without an exponent or an empty fraction."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
