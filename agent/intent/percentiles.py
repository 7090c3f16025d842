"""The percentile that targets are meant at."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.quantities import Quantities

KNOWN = (50, 90, 95, 99)
SIGNS = word_set("signs")
SIGN_WORDS = {("pour", "cent"), ("por", "ciento"), ("por", "cento"), ("per", "cento")}
NAMING = word_set("naming")
LETTERS = frozenset("a e o er st th".split())
"""Signs of an ordinal that may be a word of their own: "90 a day"."""
NOT_NEEDED, NEAR, HALF = 3, 4, 50


def read_percentile(message: Message, found: Quantities) -> None:
    """p50, p90, p95, p99 or the mean."""
    for at, value in list(message.numbers()):
        end = at + 1 + (message.words(at + 1, at + 2) != [] and message.tokens[at + 1].text in SIGNS)
        end += 2 * (tuple(message.words(end, end + 2)) in SIGN_WORDS)
        if end > at + 1 and message.tokens[at + 1].text in ("%", "percent", "prozent", "pour", "por", "per"):
            message.leave(at)
        of = any(end <= tag.start <= end + 1 for tag in message.tagged("percentile.of")) or (
            message.at(at + 1, "unit") is None
            and any(
                tag.end == at or (tag.end == at - 1 and message.tokens[at - 1].text in NAMING)
                for tag in message.tagged("percentile.of")
            )
        )
        share = end > at + 1 and value > HALF and message.tokens[at + 1].text not in LETTERS
        of = of or (share and (timed(message, at) or near_requests(message, at, end)))
        if of and value in KNOWN and not refused(message, at, end):
            message.take(at)
            found.keep("percentile", f"p{value:g}")
    for tag in message.tagged("percentile"):
        name = tag.label.rsplit(".", 1)[1]
        if name == "mean" and not timed(message, tag.start):
            continue
        if name != "of" and not refused(message, tag.start, tag.end):
            message.claimed |= set(range(tag.start, tag.end))
            found.keep("percentile", name)


def refused(message: Message, start: int, end: int) -> bool:
    """Read "p99.9 not needed": no wish."""
    clause = message.clause(start)
    return any(
        (tag.start >= end and tag.start - end <= NOT_NEEDED) or tag.end == start
        for tag in message.negations(*clause)
    )


def near_requests(message: Message, at: int, end: int) -> bool:
    """Read "all requests (99 %)"."""
    return any(at - NEAR <= tag.start <= end + NEAR for tag in message.tagged("request"))


def timed(message: Message, place: int) -> bool:
    """Whether a clause has a duration, so that "on average" is of a latency and not of a length."""
    return any(
        message.within(label, *message.clause(place))
        for label in ("unit.ms", "unit.s", "role", "dim.latency")
    )
