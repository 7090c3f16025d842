"""Stated priorities: what a clause says of quality, speed and cost."""

import itertools
from dataclasses import dataclass

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.vocabulary import Tag
from compass.planning import Priority

DIMENSIONS = {"accuracy": "accuracy", "speed": "latency", "latency": "latency", "cost": "cost"}
RAISED_BY = {"accuracy": "high", "speed": "high", "latency": "low", "cost": "low"}
"""The level that makes a dimension a high priority: high quality, low cost."""
JOINING = word_set("parting")
ECHOES = word_set("echoes")
FIRST = {"first"}
UNBEARABLE = word_set("unbearable")
WAITING = word_set("waiting")
NEGATION_FAR, LEVEL_FAR, COMPARED_FAR, TIMED_FAR, ECHO_LONG = 5, 5, 8, 5, 4


@dataclass
class Part:
    """A clause, or what "and" parts in it: its places, and the dimensions that it decides or leaves open."""

    start: int
    end: int
    open: list[str]
    predicate: Priority | None


def priorities(message: Message) -> dict[str, Priority]:
    """Stated priorities only; comparisons are the most explicit and win."""
    stated: dict[str, Priority] = {}
    parts = split(message)
    for part in parts:
        stated |= qualities(message, part)
        stated |= judged(message, part)
    for earlier, later in itertools.pairwise(parts):
        stated = attached(message, earlier, later, stated)
    return stated | compared(message)


def split(message: Message) -> list[Part]:
    """The message in clauses, parted once more at "and"."""
    parts: list[Part] = []
    start = 0
    for place, token in enumerate(message.tokens):
        last = place + 1 == len(message.tokens)
        joining = token.text in JOINING and not inside(message, place)
        if last or joining or message.tokens[place + 1].clause != token.clause:
            parts.append(Part(start, place + 1, [], None))
            start = place + 1
    return parts


def inside(message: Message, place: int) -> bool:
    """Whether an "and" belongs to a phrase: "non c'è fretta"."""
    return any(tag.start < place < tag.end - 1 for tag in message.tags)


def negated(message: Message, tag: Tag, start: int) -> bool:
    """Whether a negation stands before a word in its part; one that belongs to the word does not count."""
    return any(
        tag.start - NEGATION_FAR <= neg.start < tag.start and neg.end <= tag.start
        for neg in message.negations(start, tag.end)
        if neg.label == "neg"
    )


def qualities(message: Message, part: Part) -> dict[str, Priority]:
    """What adjectives say: "cheap", "need not be fast", "no rush", "no mistakes"."""
    stated: dict[str, Priority] = {}
    fine = message.within("fine", part.start, part.end)
    for tag in message.within("good", part.start, part.end):
        name = tag.label.split(".")[1]
        if (
            any(other.start <= tag.start and tag.end <= other.end for other in fine)
            or of_something(message, tag)
            or noun(message, tag)
        ):
            continue
        if not negated(message, tag, part.start):
            stated[name] = "high"
        elif name != "cost":
            stated[name] = "low"
    for tag in fine:
        covered = [
            good
            for good in message.tagged("good")
            if good.start <= tag.start and tag.end <= good.end and good.end - good.start > tag.end - tag.start
        ]
        if not covered:
            stated[tag.label.split(".")[1]] = "high" if negated(message, tag, part.start) else "low"
    denied = message.negations(part.start, part.end) or UNBEARABLE & set(message.words(part.start, part.end))
    for tag in message.within("bad", part.start, part.end) if denied else ():
        stated[tag.label.split(".")[1]] = "high"
    return stated


def noun(message: Message, tag: Tag) -> bool:
    """Whether a word that begins like an adjective is the noun: "velocità" is no "veloce"."""
    return any((dim.start, dim.end) == (tag.start, tag.end) for dim in message.tagged("dim"))


def of_something(message: Message, tag: Tag) -> bool:
    """Read "the exact quote" and "nobody should wait more than 100 ms": a citation and a target, no preference."""
    cited = any(cite.end == tag.start or cite.start == tag.end for cite in message.tagged("c.cite"))
    waits = WAITING & set(message.words(tag.start, tag.end))
    timed = any(
        token.value is not None
        for token in message.tokens[tag.end : min(tag.end + TIMED_FAR, message.clause(tag.start)[1])]
    )
    return (tag.label == "good.accuracy" and cited) or (bool(waits) and timed)


def judged(message: Message, part: Part) -> dict[str, Priority]:
    """What a part says of a dimension that it names; what it leaves open waits for its neighbour."""
    stated: dict[str, Priority] = {}
    part.predicate = predicate(message, part)
    for tag in dims(message, part):
        kind = tag.label.split(".")[1]
        name = DIMENSIONS[kind]
        if (level := leveled(message, tag, kind, part)) is not None:
            stated[name] = level
        elif part.predicate is not None:
            stated[name] = part.predicate
        elif message.words(tag.end, tag.end + 1) and message.tokens[tag.end].text in FIRST:
            stated[name] = "high"
        else:
            part.open.append(name)
    if dims(message, part):
        part.predicate = None
    return stated


def dims(message: Message, part: Part) -> list[Tag]:
    """Dimensions that a part names, but for those inside an adjective's phrase ("low cost", "no rush")."""
    phrases = [*message.within("good", part.start, part.end), *message.within("fine", part.start, part.end)]
    amount = any(token.value is not None for token in message.tokens[part.start : part.end])
    return [
        tag
        for tag in message.within("dim", part.start, part.end)
        # "Lower the budget to 5,000" states a budget.
        if not (amount and message.at(tag.start, "money.budget"))
        and not any(
            other.start <= tag.start
            and tag.end <= other.end
            and other.end - other.start > tag.end - tag.start
            for other in phrases
        )
    ]


def predicate(message: Message, part: Part) -> Priority | None:
    """Important or not, with negations counted."""
    unimportant = message.within("unimportant", part.start, part.end)
    if unimportant:
        return "high" if negated(message, unimportant[0], part.start) else "low"
    for tag in message.within("important", part.start, part.end):
        after = any(neg.start == tag.end for neg in message.negations(part.start, part.end))
        return "low" if negated(message, tag, part.start) or after else "high"
    return None


def leveled(message: Message, tag: Tag, kind: str, part: Part) -> Priority | None:
    """Read "highest quality", "latency must be low": a level near the dimension."""
    for level in ("high", "low"):
        for word in message.within(level, part.start, part.end):
            gap = word.start - tag.end if word.start >= tag.end else tag.start - word.end
            if 0 <= gap <= (LEVEL_FAR if word.start >= tag.end else 1):
                raised = level == RAISED_BY[kind]
                if kind == "cost" and not raised:
                    return None
                return "high" if raised != negated(message, word, part.start) else "low"
    return None


def attached(
    message: Message, earlier: Part, later: Part, stated: dict[str, Priority]
) -> dict[str, Priority]:
    """A dimension without a predicate takes the neighbour's: "what counts most: quality", "money doesn't matter, accuracy does"."""
    short = later.end - later.start <= ECHO_LONG
    if message.tokens[earlier.start].sentence != message.tokens[later.start].sentence and not short:
        return stated
    for one, other in ((earlier, later), (later, earlier)):
        for name in one.open:
            if other.predicate is not None:
                stated.setdefault(name, other.predicate)
    first_words = message.words(later.start, later.end)
    if later.open and ECHOES & set(first_words) and "low" in stated.values():
        stated.setdefault(later.open[0], "high")
    joined = message.tokens[earlier.end - 1].text in JOINING
    for name in earlier.open if joined else ():
        of_later = [DIMENSIONS[tag.label.split(".")[1]] for tag in dims(message, later)]
        if of_later and of_later[0] in stated:
            stated.setdefault(name, stated[of_later[0]])
    return stated


def compared(message: Message) -> dict[str, Priority]:
    """Read "quality matters more than speed", "accuracy > cost": the first is high, the second low."""
    found: dict[str, Priority] = {}
    sides = sorted(
        [
            (tag, DIMENSIONS[tag.label.split(".")[1]])
            for label in ("dim", "good", "fine", "bad")
            for tag in message.tagged(label)
        ],
        key=lambda pair: pair[0].start,
    )
    for (first, one), (second, other) in itertools.pairwise(sides):
        if (
            one == other
            or message.tokens[first.start].sentence != message.tokens[second.start].sentence
            or second.start - first.end > COMPARED_FAR
        ):
            continue
        if message.within("less", first.end, second.start):
            found[one], found[other] = "low", "high"
        elif set_above(message, first.end, second.start) and not conjunct(message, first.end, second.start):
            found[one], found[other] = "high", "low"
    return found


def set_above(message: Message, start: int, end: int) -> bool:
    """Whether a word between sets the first above the second; "not" does where it opens the second: "quality, not speed"."""
    return any(
        message.words(tag.start, tag.end) != ["not"]
        or tag.start == start
        or not message.tokens[tag.start - 1].text.isalpha()
        for tag in message.within("more", start, end)
    )


def conjunct(message: Message, start: int, end: int) -> bool:
    """A clause of its own between: no comparison, unless "not" opens it."""
    words = message.words(start, end)
    joins = [place for place, word in enumerate(words) if word in (*JOINING, ",")]
    return bool(joins) and "not" not in words[joins[-1] + 1 : joins[-1] + 2] and words[0] in (*JOINING, ",")
