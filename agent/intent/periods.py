"""Periods of time after "per", in adverbs, and how many seconds they last."""

from agent.intent.message import Message

SECONDS = {
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_628_000.0,
    "quarter": 7_884_000.0,
    "year": 31_536_000.0,
}
MONTH = SECONDS["month"]


def period_at(message: Message, place: int) -> tuple[float, int] | None:
    """The period that begins at a place, "per day", "a month", "/s" or "daily": its seconds and where it ends."""
    for tag in message.tagged("adverb"):
        if tag.start == place:
            return SECONDS[tag.label.rsplit(".", 1)[1]], tag.end
    for per in message.tagged("per"):
        if per.start == place:
            for unit in message.tagged("unit"):
                if unit.start == per.end and (name := unit.label.rsplit(".", 1)[1]) in SECONDS:
                    return SECONDS[name], unit.end
    return None


def period_in(message: Message, start: int, end: int) -> float | None:
    """A period anywhere between two places: "monthly budget of", "pro Tag kommen"."""
    for place in range(start, end):
        if (found := period_at(message, place)) is not None and not of_a_rate(message, place):
            return found[0]
    return None


def of_a_rate(message: Message, place: int) -> bool:
    """Whether a period is part of a unit: "/ s" of "req / s"."""
    return any(
        tag.start < place < tag.end for label in ("rate", "throughput") for tag in message.tagged(label)
    )


def period_of_none(message: Message, start: int, end: int) -> float | None:
    """A period between two places that no number before it owns: not that of "40 requests a second with prompts of 2,000"."""
    numbers = [place for place in range(start, end) if message.tokens[place].value is not None]
    return period_in(message, start, min([end, *numbers]))
