"""Times of day: "6 am", "22:00", "bis 6 Uhr", "avant 7 h"."""

from dataclasses import dataclass

from agent.intent.message import Message

PM = ("pm", "p")
HOURS_OF_DAY = 24


@dataclass(frozen=True)
class ClockTime:
    """A time of day, the places of its tokens, and its hour with minutes as a fraction."""

    start: int
    end: int
    hour: float


def clock_times(message: Message) -> list[ClockTime]:
    """Every time of day, in order."""
    found: list[ClockTime] = []
    for at, token in enumerate(message.tokens):
        if token.value is None or (found and at < found[-1].end):
            continue
        if (time := time_at(message, at, token.value)) is not None:
            found.append(time)
    return found


def time_at(message: Message, at: int, hour: float) -> ClockTime | None:
    """The time that begins with a number, None where it is none."""
    if not 0 <= hour <= HOURS_OF_DAY:
        return None
    end, minutes = at + 1, 0.0
    follows = message.tokens[at + 1 : at + 3]
    if len(follows) == 2 and follows[0].text == ":" and follows[1].value is not None and len(follows[1].text) == 2:
        minutes, end = follows[1].value, at + 3
    sign = message.at(end, "clock")
    if hour != int(hour) or minutes >= 60 or (end == at + 1 and sign is None):
        return None
    if sign is not None:
        words = message.words(sign.start, sign.end)
        end = sign.end
        hour = hour % 12 + 12 if words[0] in PM else hour % 12 if words[0] in ("am", "a") else hour
    return ClockTime(at, end, hour + minutes / 60)
