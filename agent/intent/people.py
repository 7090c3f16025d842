"""How many people will use it; other heads in the text (the company, the builders, the investors) are not meant."""

import re
from dataclasses import dataclass

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import SECONDS, period_at
from agent.intent.quantities import Items, Quantities
from agent.intent.vocabulary import beginning_in

FAR = 4
OTHER_LOADS = (
    "requests_per_second", "concurrent_requests", "concurrent_sessions", "batch_items", "tokens_per_second", "output_tokens_per_second",
)  # fmt: skip
FILLERS = word_set("fillers")
BEFORE = word_set("before")
AGENTIVE = re.compile(
    r"(?:ers|ors|ists|ians|ologists|eurs|euses|iennes|istes|adores|adoras|istas|isti|iste|atori|atrici|enti|innen|ieri)$"
)
"""People of a trade that no list holds: "45 oboists"."""
PLURAL = re.compile(r"[a-z]{3,}(?:s|i|en|er|x)$")
SIGNS = frozenset("+'~")
SHORTEST_TRADE = 5
TRIED = frozenset("tried tested piloted getestet teste probaron provato".split())
PREPOSITIONS = frozenset(("in", "de", "di", "to"))
COUNTED_OTHERWISE = frozenset(
    "thing unit request item money rate c stop per adverb side role machine duration".split()
)
SHORTEST_NOUN = 4
JOINED = word_set("joined")
RANGE = frozenset("and to und bis et a y e - or oder".split())
OF_US = {
    ("of", "us"), ("of", "them"), ("von", "uns"), ("d", "entre"), ("de", "nosotros"), ("di", "noi"), ("de", "nos")
}  # fmt: skip
OF = word_set("possessive")


@dataclass(frozen=True)
class Heads:
    """A number of people: where it stands, where its noun ends, how likely these are the users."""

    at: int
    end: int
    value: float
    score: float


def read_people(message: Message, found: Quantities) -> None:
    """The likeliest number of users; of equals the largest; two joined groups together."""
    heads = [
        one
        for at, value in message.numbers()
        if value == int(value)
        and value >= 0
        and not (found.items and found.items.at == at and of_us(message, at))
        and (one := heads_at(message, at, value))
    ]
    if not heads:
        return
    best = max(heads, key=lambda one: (one.score, one.value))
    if best.score < 0 and any(getattr(found, name) for name in OTHER_LOADS):
        return  # "14 modules", where the load is said in another form
    both = joined(message, heads, best)
    message.take(best.at, *(one.at for one in heads if both and one.score >= 2))
    if (
        best.at > 1
        and message.tokens[best.at - 1].text in RANGE
        and message.tokens[best.at - 2].value is not None
    ):
        message.take(best.at - 2)
    message.leave(*(one.at for one in heads))
    found.user_count = int(both or each(message, best) or best.value)
    period = period_at(message, best.end)
    if period is not None and period[0] >= SECONDS["day"] and not both:
        found.items = found.items or Items(best.value, best.at, period[0])


def heads_at(message: Message, at: int, value: float) -> Heads | None:
    """The people that a number counts, None where it counts something else."""
    noun = noun_after(message, at)
    if noun is not None:
        return Heads(at, noun[0], value, noun[1] + context(message, at, noun[0]))
    if of_us(message, at):
        return Heads(at, at + 1, value, 1.5 + context(message, at, at + 1))
    if any(
        message.at(at + 1, label) for label in ("unit", "thing", "request", "money", "rate", "throughput")
    ):
        return None
    if leads(message, at):
        return Heads(at, at + 1, value, 1.5 + context(message, at, at + 1))
    return None


def noun_after(message: Message, at: int) -> tuple[int, float] | None:
    """Where the noun for people ends that follows a number, with its certainty."""
    end = message.clause(at)[1]
    for place in range(at + 1, min(at + 1 + FAR, end)):
        if (noun := message.at(place, "people")) is not None:
            return None if sent_by(message, noun.end) else (noun.end, 2.0)
        word = message.tokens[place].text
        # "support agents", but "fichas técnicas": only English puts a noun before its noun.
        modifier = place + 1 < end and message.at(place + 1, "people") is not None and english(word)
        if modifier:
            continue
        if counts_another(message, place):
            return unknown_noun(message, at) if place > at + 1 else None
        if AGENTIVE.search(word) and len(word) > SHORTEST_TRADE and not message.at(place, "request"):
            return place + 1, 1.0
    return unknown_noun(message, at)


def sent_by(message: Message, place: int) -> bool:
    """Read "3 listener mails a minute": what people send at a rate, not the people."""
    sent = message.at(place, "request")
    return sent is not None and period_at(message, sent.end) is not None


def counts_another(message: Message, place: int) -> bool:
    """Whether the word after a number ends what it may count, or is a thing that it counts."""
    token = message.tokens[place]
    if token.value is not None or token.name is not None or message.at(place, "unit"):
        return True
    if not token.text[0].isalpha() and token.text not in SIGNS:
        return True
    if message.at(place, "request") and not english(token.text):
        return True
    linking = any(message.at(place, label) for label in ("thing", "stop", "per"))
    return linking and token.text not in OF


def english(word: str) -> bool:
    """Whether English knows a word."""
    return bool(beginning_in(word, "en"))


def unknown_noun(message: Message, at: int) -> tuple[int, float] | None:
    """A plural that no list holds counts too, if nothing else does: "for 30 oboes", ", 22 quibblers,"."""
    start = at
    while start and message.tokens[start - 1].text in BEFORE - PREPOSITIONS:
        start -= 1
    first, end = message.clause(at)
    if at + 1 >= end:
        return None
    word = message.tokens[at + 1].text
    known = {tag.label.split(".")[0] for tag in message.tags if tag.start <= at + 1 < tag.end}
    if not word.isalpha() or len(word) < SHORTEST_NOUN or known & COUNTED_OTHERWISE:
        return None
    if message.before(start, "for") is not None:
        return at + 2, -0.5
    alone = start == first and (at + 2 >= end or not message.tokens[at + 2].text.isalpha())
    if PLURAL.search(word):
        return at + 2, -0.5 if alone or message.at(at + 2, "use") else -1.5
    return None


def leads(message: Message, at: int) -> bool:
    """What comes before a bare number of people: "users: 500", "team of 12", "we are 30", "lawyers (about 60 of them)"."""
    place = at
    while place and message.tokens[place - 1].text in FILLERS | BEFORE:
        place -= 1
    if in_brackets(message, place, at) or in_total(message, at):
        return True
    touching = [tag for tag in message.tags if place <= tag.end <= at and tag.label in ("people", "team")]
    marks = set(message.words(place, at))
    if any(tag.label == "people" for tag in touching) and (marks or place == at):
        return True
    if touching and marks & (OF | {":"}):
        return True
    ends = (
        at + 1 >= len(message.tokens)
        or not message.tokens[at + 1].text.isalpha()
        or message.tokens[at + 1].text in ("of", "at", "concurrent", "simultaneous", "altogether", "total")
    )
    served = any(message.before(start, "for") for start in range(place, at + 1)) and message.clause(at)[
        1
    ] == at + 1 + (message.tokens[at + 1 : at + 2] != [] and not message.tokens[at + 1].text.isalpha())
    we_are = any(tag.end in range(place, at + 1) for tag in message.tagged("we_are"))
    inside = we_are and at + 1 < len(message.tokens) and message.at(at + 1, "stop") is not None
    return inside or (ends and (we_are or served))


def of_us(message: Message, at: int) -> bool:
    """Read "ten of us"."""
    return tuple(message.words(at + 1, at + 3)) in OF_US


def in_brackets(message: Message, place: int, at: int) -> bool:
    """Read "the students at our bootcamp (310)", "estate agents (some 500) type": a number alone after people."""
    opened = "(" in message.words(place - 1, at)
    closed = ")" in message.words(at + 1, at + 2) or message.words(at + 1, at + 4) == ["of", "them", ")"]
    return opened and closed and bool(message.within("people", message.sentence(at)[0], at))


def in_total(message: Message, at: int) -> bool:
    """Read "the clerks, 320 in total"."""
    return message.at(at + 1, "total") is not None and bool(
        message.within("people", message.sentence(at)[0], at)
    )


def context(message: Message, at: int, end: int) -> float:
    """How the words around speak for these being the users."""
    clause = message.clause(at)
    score = 0.0
    place = at
    while place and message.tokens[place - 1].text in BEFORE:
        place -= 1
    score -= 1.5 * bool(TRIED & set(message.words(end, end + 2)))
    score += 1.0 * any(tag.end in range(place, at + 1) for tag in message.tagged("for"))
    score += 1.0 * any(end <= tag.start <= end + 4 and tag.end <= clause[1] for tag in message.tagged("use"))
    score += 3.0 * any(
        tag.end in range(place - 1, at + 1)
        and tag.start >= message.sentence(at)[0]
        and message.words(tag.start, tag.start + 2) != ["so", "far"]
        for tag in message.tagged("total")
    )
    score += 1.5 * any(end <= tag.start <= end + 2 for tag in message.tagged("total"))
    score -= 3.0 * any(
        tag.start <= at and tag.end >= place - 1 and tag.end <= end + 1 for tag in message.tagged("org")
    )
    score -= 3.0 * any(
        clause[0] <= tag.start and tag.end <= max(end, at) + 2 for tag in message.tagged("builders")
    )
    return score


def joined(message: Message, heads: list[Heads], best: Heads) -> float | None:
    """Read "300 agents and 20 supervisors": both use it."""
    total, current = best.value, best
    for one in heads:
        between = message.words(current.end, one.at)
        if one.at > current.at and one.score >= 2 and len(between) == 1 and between[0] in JOINED:
            total, current = total + one.value, one
    earlier = [
        one
        for one in heads
        if one.at < best.at
        and one.score >= 2
        and len(words := message.words(one.end, best.at)) == 1
        and words[0] in JOINED
    ]
    total += sum(one.value for one in earlier[-1:])
    return total if total != best.value else None


def each(message: Message, best: Heads) -> float | None:
    """Read "6 offices with 40 people each": as many times."""
    start, stop = message.sentence(best.at)
    grouped = (
        message.words(best.at - 1, best.at)
        and message.tokens[best.at - 1].text in OF
        and message.at(best.at - 2, "group")
    )
    if not (message.within("each", start, stop) or grouped) or message.within("total", start, stop):
        return None
    things = [
        token.value
        for place, token in enumerate(message.tokens[start : best.at], start)
        if token.value is not None and message.at(place + 1, "thing")
    ]
    return things[-1] * best.value if things and things[-1] else None
