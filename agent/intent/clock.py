"""Times of day: "6 am", "22:00", "bis 6 Uhr", "avant 7 h"."""

from dataclasses import dataclass

from agent.intent.message import Message

PM = ("pm", "p")
HOURS_OF_DAY = 24
TO = frozenset("to and until till bis und a y e et - au jusqu".split())
HOURS_OF_NAMES = dict.fromkeys(("noon", "mittag", "midi", "mediodia", "mezzogiorno"), 12.0)
WEEKDAYS = (
    "monday montag lundi lunes", "tuesday dienstag mardi martes", "wednesday mittwoch mercredi miercoles",
    "thursday donnerstag jeudi jueves", "friday freitag vendredi viernes", "saturday samstag samedi sabado",
    "sunday sonntag dimanche domingo",
)  # fmt: skip


@dataclass(frozen=True)
class ClockTime:
    """A time of day, the places of its tokens, and its hour with minutes as a fraction."""

    start: int
    end: int
    hour: float
    day: int | None = None


def clock_times(message: Message) -> list[ClockTime]:
    """Every time of day, in order."""
    found: list[ClockTime] = []
    for at, token in enumerate(message.tokens):
        if (name := message.at(at, "clock.named")) is not None:
            found.append(
                ClockTime(at, name.end, HOURS_OF_NAMES.get(token.text, 0.0), day_before(message, at))
            )
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
    if (
        len(follows) == 2
        and follows[0].text == ":"
        and follows[1].value is not None
        and len(follows[1].text) == 2
    ):
        minutes, end = follows[1].value, at + 3
    sign = message.at(end, "clock.sign")
    later = message.words(at + 1, at + 2)
    if end == at + 1 and sign is None and later and later[0] in TO and at + 2 < len(message.tokens):
        value = message.tokens[at + 2].value
        ranged = hour == int(hour) and value is not None and time_at(message, at + 2, value) is not None
        return ClockTime(at, end, hour, day_before(message, at)) if ranged else None
    said = message.words(at - 1, at) in (["las"],) or message.words(at - 2, at) in (["a", "las"],)
    if hour != int(hour) or minutes >= 60 or (end == at + 1 and sign is None and not said):
        return None
    if sign is not None:
        words = message.words(sign.start, sign.end)
        end = sign.end
        hour = hour % 12 + 12 if words[0] in PM else hour % 12 if words[0] in ("am", "a") else hour
    return ClockTime(at, end, hour + minutes / 60, day_before(message, at))


def day_before(message: Message, at: int) -> int | None:
    """The weekday right before a time, 0 for Monday."""
    word = message.words(at - 1, at)
    days = [at for at, names in enumerate(WEEKDAYS) if word and word[0] in names.split()]
    return days[0] if days else None


def hours_between(one: ClockTime, other: ClockTime) -> float:
    """The hours from one time to the next that is the other, over their weekdays where both are said."""
    days = (other.day - one.day) % 7 if one.day is not None and other.day is not None else None
    apart = other.hour - one.hour
    return days * HOURS_OF_DAY + apart if days else apart % HOURS_OF_DAY or float(HOURS_OF_DAY)
