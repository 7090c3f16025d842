"""Latencies: a duration is of the first token, of each token, or of the whole answer."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag

MILLISECONDS = {"unit.ms": 1.0, "unit.s": 1000.0, "unit.min": 60_000.0, "unit.h": 3_600_000.0}
FIELDS = {"role.start": "ttft_ms", "role.token": "itl_ms", "role.whole": "e2e_ms"}
JOINING = word_set("joining")
ACROSS_JOINING, ACROSS_CLAUSE, TOO_FAR = 5, 6, 16
OF = word_set("measured")
LIMITS = word_set("limits")
LIMIT_FAR = 3
SHORT_MS = 1000.0
SLOWEST_TOKEN_MS = 2000.0


def read_durations(message: Message, found: Quantities) -> None:
    """TTFT, ITL and E2E by the words around each duration, the nearest first."""
    for at, value in list(message.numbers()):
        unit = next((unit for label in MILLISECONDS if (unit := message.at(at + 1, label)) is not None), None)
        label = role(message, at, at + 1) if unit is None else None
        if unit is not None:
            if of_something_else(message, at, unit):
                message.leave(at)
            else:
                message.take(at)
                store(message, found, at, unit.end, value * MILLISECONDS[unit.label])
        elif label is not None and bare_target(message, at):
            message.take(at)
            found.keep(FIELDS[label], value)


def bare_target(message: Message, at: int) -> bool:
    """Read "ttft 200", "itl: 30": a target by name is in milliseconds."""
    place = at - 1
    while place > 0 and message.tokens[place].text in ("<", "<=", "=", ":", "of", "under", "max", "is"):
        place -= 1
    after = message.at(at + 1, "people") or message.at(at + 1, "unit") or message.at(at + 1, "request")
    return place >= 0 and message.tokens[place].text in ("ttft", "itl", "tpot", "e2e") and after is None


def of_something_else(message: Message, at: int, unit: Tag) -> bool:
    """A call of 30 minutes, the last hour, every 5 minutes: no latency."""
    after = message.words(unit.end, unit.end + 1)
    other = [
        tag
        for tag in message.tagged("duration.other")
        if tag.start == unit.end or (tag.start == unit.end + 1 and after and after[0] in OF)
    ]
    span = [tag for tag in message.tagged("duration.span") if tag.end == at]
    tokens = any(tag.start <= at < tag.end for tag in message.tagged("role.token")) or (
        message.tagged("role.token") and any(0 <= at - tag.end <= 1 for tag in message.tagged("role.token"))
    )
    return bool(
        other
        or (span and not tokens)
        or (after == ["/"] and message.words(unit.end + 1, unit.end + 2) == ["7"])
    )


def store(message: Message, found: Quantities, at: int, end: int, value: float) -> None:
    """Keep a duration as what it is of; its size decides where no word tells."""
    label = role(message, at, end)
    if label == "role.token" and value > SLOWEST_TOKEN_MS:
        label = None
    if label is not None:
        found.keep(FIELDS[label], round(value, 3))
        return
    long = message.at(at + 1, "unit.min") or message.at(at + 1, "unit.h")
    if long and not LIMITS & set(message.words(at - LIMIT_FAR, at)):
        return  # "calls of 9 minutes on average"
    # Nobody gets a whole answer within a second; nobody waits longer for the first word unless they say so.
    found.keep("plain_ms", round(value, 3))
    found.keep("ttft_ms" if value <= SHORT_MS else "e2e_ms", round(value, 3))


def role(message: Message, at: int, end: int) -> str | None:
    """The role whose word is nearest in the sentence; a joining word or a comma between makes it further."""
    start, stop = message.sentence(at)
    ranked: list[tuple[int, str]] = []
    tags = [tag for tag in message.within("role", start, stop)]
    for tag in tags:
        covered = any(
            other is not tag
            and other.start <= tag.start
            and tag.end <= other.end
            and other.end - other.start > tag.end - tag.start
            for other in tags
        )
        if not covered:
            between = message.tokens[tag.end : at] if tag.end <= at else message.tokens[end : tag.start]
            gap = len(between) + ACROSS_JOINING * any(token.text in JOINING for token in between)
            gap += ACROSS_CLAUSE * any(token.text in (",", "(", ")", "--") for token in between)
            gap += ACROSS_CLAUSE * any(token.value is not None for token in between)
            ranked.append((gap, tag.label))
    nearest = min(ranked, default=None)
    return nearest[1] if nearest and nearest[0] <= TOO_FAR else None
