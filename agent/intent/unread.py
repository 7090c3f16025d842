"""What no field took: numbers with their nouns, names and constraints, in the words of the message."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from agent.intent.clock import clock_times
from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.unread_numbers import is_label, known_already, memory_of_a_name, seen_window
from agent.intent.vocabulary import without_accents

NOUN_WORDS, SHORTEST = 2, 2
NOUNS = (
    "thing",
    "unit",
    "item",
    "request",
    "people",
    "machine",
    "money",
    "throughput",
    "rate",
    "purchase",
    "session",
)
UNITS = frozenset(
    "gb gib tb mb gig gigs gbe g ib kw w watts kwh kg km mm cm lb lbs kva btu db ghz mhz ram vram memory speicher bit bits bpw".split()
)
PLURAL = re.compile(r"[a-z]{3,}(?:s|en|i|ies)")
ARTICLES, PREPOSITIONS = word_set("articles"), word_set("new_phrase")
YEARS = range(1990, 2050)
FEW = 3
"""Numbers up to this are often no quantity, when they are written as words."""
MOST_NOTED = 20
SMALL = (
    word_set("conjunctions")
    | word_set("measured")
    | {
        "von",
        "des",
        "du",
        "and",
        "or",
        "und",
        "et",
        "y",
        "e",
        "oder",
        "ou",
        "o",
        "then",
        "between",
        "among",
        "but",
        "is",
        "are",
        "will",
        "can",
        "do",
        "does",
    }
)
MONTHS = frozenset(
    "january february march april june july august september october november december januar februar marz mai juni juli oktober "
    "dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo "
    "junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre "
    "dicembre janeiro fevereiro abril maio junho julho setembro outubro novembro dezembro".split()
)


def unread(
    message: Message, original: str, named: Collection[str], state: dict[str, Any] | None = None
) -> tuple[str, ...]:
    """Everything of a message that no field took, in its order.

    `named` holds the names that fields took, `state` the fields.
    """
    numbers = numbers_left(message, named, state or {})
    found = sorted((*numbers, *names_left(message, named), *constraints(message)))
    spans = merged(found)[:MOST_NOTED]
    words = [in_own_words(message, start, end, original) for start, end in spans]
    return tuple(dict.fromkeys(phrase for phrase in words if phrase))


def numbers_left(
    message: Message, named: Collection[str], state: dict[str, Any]
) -> Iterator[tuple[int, int]]:
    """The spans of numbers that no reader took, each with its noun; the same number is named once."""
    noted: set[float] = set()
    times = {place for time in clock_times(message) for place in range(time.start, time.end)}
    times |= {place for tag in message.tagged("availability") for place in range(tag.start, tag.end)}
    for at, token in enumerate(message.tokens):
        free = at not in message.claimed or at in message.set_aside
        value = token.value
        if value is None or not free or at in times or not is_quantity(message, at, value):
            continue
        nothing_new = (
            known_already(message, at, value, state)
            or is_label(message, at, value)
            or seen_window(message, at, value, state)
            or memory_of_a_name(message, at, value, named, state.get("gpu_count"))
        )
        span = phrase_around(message, at)
        if nothing_new or (value in noted and span[1] == at + 1):
            continue
        noted.add(value)
        yield span if span != (at, at + 1) else with_its_verb(message, at)


def is_quantity(message: Message, at: int, value: float) -> bool:
    """Whether a number counts or measures: no date, year, version, ordinal or item of a list."""
    before, after = message.words(at - 1, at), message.words(at + 1, at + 2)
    if message.before(at, "unread.not") or (
        before and before[-1] in ("#", "v", ":", ".") and not counts(message, at)
    ):
        return False
    if after and (after[0] in ("st", "nd", "rd", "th", "/", "-", ")", ":") or after[0] in MONTHS):
        return bool(counts(message, at))
    if before and (
        before[-1] in MONTHS or before[-1] in ("-", "/") or message.tokens[at - 1].name is not None
    ):
        return False
    if int(value) in YEARS and value == int(value) and not counts(message, at):
        return False
    if value == 1 and message.at(at + 1, "unit"):
        return False
    return value > FEW or counts(message, at)


def counts(message: Message, at: int) -> bool:
    """Whether a unit, a currency or a noun that is counted follows a number."""
    labels = ("unit", "money.currency", "people", "request", "item", "throughput", "rate")
    following = any(message.at(at + 1, label) for label in labels)
    memory = message.words(at + 1, at + 2) in (
        ["gb"],
        ["gib"],
        ["tb"],
        ["gig"],
        ["gigs"],
        ["%"],
        ["kw"],
        ["watts"],
        ["w"],
    )
    return following or memory or message.before(at, "money.currency") is not None


def phrase_around(message: Message, at: int) -> tuple[int, int]:
    """A number with its currency and its noun: "$50,000 to buy", "212 francs a month", "187 page textbook"."""
    start, end = at, at + 1
    if (currency := message.before(at, "money.currency")) is not None:
        start = currency.start
    stop = message.clause(at)[1]
    words = 0
    while end < stop and words < NOUN_WORDS and (period_at(message, end) is None):
        token = message.tokens[end]
        if (
            token.value is not None
            or token.name is not None
            or not (token.text.isalpha() or token.text in "%$€£")
        ):
            break
        if token.text in SMALL | ARTICLES or message.at(end, "stop") or message.at(end, "neg"):
            break
        end, words = end + 1, words + 1
    while end > at + 1 and not noun_like(message, end - 1):
        end -= 1
    if (period := period_at(message, end)) is not None and period[1] <= stop:
        end = period[1]
    elif start < at and message.at(end, "per") and message.tokens[end + 1 : end + 2]:
        end = min(stop, end + 1 + (2 if message.tokens[end + 1].value is not None else 1))
    elif (once := message.at(end, "purchase")) is not None:
        end = once.end
    return start, end


def noun_like(message: Message, place: int) -> bool:
    """Whether a phrase may end in a word: a plural, a unit, what a unit measures, a word for a thing."""
    word = message.tokens[place].text
    measured = any(message.at(place - 1, label) for label in ("unit", "money.currency")) or message.words(
        place - 1, place
    ) in ([["gb"], ["gib"], ["tb"], ["gig"], ["mb"]])
    known = any(message.at(place, label) for label in NOUNS) or f" {word}s" in message.text
    return not word.isalpha() or known or measured or word in UNITS or bool(PLURAL.fullmatch(word))


def with_its_verb(message: Message, at: int) -> tuple[int, int]:
    """A bare number with the word before it, and two where that is a small one: "has 6552", "feels like 10"."""
    start, first = at, message.clause(at)[0]
    for _ in range(2):
        before = message.tokens[start - 1] if start > first else None
        if (
            before is None
            or not before.text.isalpha()
            or before.name is not None
            or len(before.text) < SHORTEST
        ):
            break
        start -= 1
        if before.text not in SMALL | ARTICLES | PREPOSITIONS:
            break
    return start, at + 1


def names_left(message: Message, named: Collection[str]) -> Iterator[tuple[int, int]]:
    """The spans of names of GPUs and models that stand in no field; a question about a name uses it."""
    if message.tagged("why"):
        return
    for place, token in enumerate(message.tokens):
        if (
            token.name is not None
            and token.name.kind in ("gpu", "model")
            and not set(token.name.meant) & set(named)
        ):
            ruled_out = message.before(place, "neg")
            yield (ruled_out.start if ruled_out else place), place + 1


def constraints(message: Message) -> Iterator[tuple[int, int]]:
    """The spans of conditions that planning does not know."""
    for tag in message.tagged("constraint"):
        yield tag.start, tag.end


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans joined where they overlap."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def in_own_words(message: Message, start: int, end: int, original: str) -> str:
    """A span as the user wrote it where it can be found, else as it was read."""
    tokens = message.tokens[start:end]
    said = [
        message.text[token.name.start : token.name.end] if token.name is not None else token.text
        for token in tokens
    ]
    pattern = r"[\W_]{0,4}".join(map(written_as, said, (token.value for token in tokens)))
    if tokens[-1].text.isalpha() and tokens[-1].name is None:
        pattern += r"\w*"
    bare = without_accents(original)
    match = re.search(pattern, bare, re.I)
    if match is not None:
        same = len(bare) == len(original)
        return (original[match.start() : match.end()] if same else match[0]).strip()
    return " ".join(
        text if token.value is None else f"{token.value:,.10g}"
        for text, token in zip(said, tokens, strict=True)
    )


def written_as(text: str, value: float | None) -> str:
    """A pattern for how a token may have been written."""
    if value is None:
        return re.escape(text)
    digits = (
        r"[.,'\s]?".join(f"{value:.0f}")
        if value == int(value)
        else re.escape(f"{value:g}").replace(r"\.", "[.,]") + "0*"
    )
    short = [
        rf"{re.escape(f'{value / size:g}').replace(chr(92) + '.', '[.,]')}\s?{sign}"
        for size, sign in (
            (1e3, "(?:k|thousand|tausend|mil)"),
            (1e6, "(?:m|mio|milli?on[a-z]*)"),
            (1e9, "(?:b|bn|billion)"),
        )
        if value >= size
    ]
    alone = ["million"] if value == 1e6 else []
    return rf"(?<!\d)(?:{'|'.join([digits, *short, *alone])})(?!\d)"
