"""The hours in which a job must be done: "overnight", "by 6 am", "in 40 minutes", "one week of wall time"."""

import itertools
from dataclasses import dataclass

from agent.intent.clock import TO, WEEKDAYS, ClockTime, clock_times, hours_between
from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import SECONDS, period_at

HOURS = {"unit.min": 1 / 60, "unit.h": 1.0, "unit.day": 24.0, "unit.week": 168.0, "unit.month": 730.0}
NIGHT_HOURS, WEEKEND_HOURS = 10.0, 60.0
NIGHT_WHY = "a night is taken as ten hours, from eight in the evening to six"
WEEKEND_WHY = "a weekend is taken as Friday evening to Monday morning"
REPEATED_WHY = "each load must be through before the next one comes"
DAYS_TO_WEEKDAY = 4.0
WEEKDAY_WHY = "a weekday is taken as four days from now"
TODAY = frozenset("today it heute aujourd hui hoy oggi hoje now".split())
MORNING_WHY = "the job is taken to start at eight in the evening"
EVENING = 20.0
DAYS = frozenset(" ".join(WEEKDAYS).split())
THERE = frozenset("by on at must be is".split())
LATEST_MORNING = 12.0
LIMITS = word_set("limits") | {
    "for",
    "have",
    "of",
    "over",
    "an",
    "een",
    "haben",
    "tiene",
    "abbiamo",
    "temos",
    "avons",
    "sind",
    "one",
    "only",
}
LONGEST_NIGHT = 15
WITHIN = (
    ["in"],
    ["within"],
    ["inside"],
    ["under"],
    ["en"],
    ["dans"],
    ["em"],
    ["innerhalb"],
    ["binnen"],
    ["entro"],
)
MOST = frozenset("max maximum tops most maximal hochstens".split())
FOR = (["for"], ["fur"], ["pour"], ["para"], ["per"])
ROUNDS = frozenset(
    "step iteration round batch job run epoch pass schritt durchlauf iteration etape paso passo".split()
)
ONE = frozenset("one single a an eine einer einem ein une un una uno um uma".split())
FAR = 6
STARTS = frozenset(
    "start starts starting begin begins from kick launch press leave starte starten beginne lance empiezo parto".split()
)
AT = frozenset("at by um bis a las before until till".split())


@dataclass(frozen=True)
class Deadline:
    """A window in hours, the numbers that say it, and why it is taken where it is an assumption."""

    hours: float
    places: tuple[int, ...] = ()
    why: str | None = None
    daytime: bool = False
    """Whether it begins and ends on the same day, by the clock."""


def deadline_of(message: Message) -> Deadline | None:
    """The window that is said: by the clock, as a duration, then as a night or a weekend."""
    if (short := without_its_unit(message)) is not None:
        return short
    clock = by_clock(message)
    if clock is not None and clock.why and (said := as_duration(message, of_a_job=True)) is not None:
        return said
    said = clock or as_duration(message)
    if said is None and (named := by_name(message)) is not None:
        exact = as_duration(message, of_a_job=True) if named.why == NIGHT_WHY else None
        return exact if exact is not None and 1 <= exact.hours <= LONGEST_NIGHT else named
    return said


def without_its_unit(message: Message) -> Deadline | None:
    """Read "would take 30 days … through in two", "80 hours … done in 8": in the unit that was said before."""
    hours = None
    for at, token in enumerate(message.tokens):
        value = token.value if token.value is not None else 1.0 if token.text in ONE else 0.0
        unit = next((label for label in HOURS if message.at(at + 1, label)), None)
        if unit is not None and token.value is not None:
            hours = HOURS[unit]
        elif (
            hours
            and value > 0
            and unit is None
            and ends_clause(message, at)
            and message.words(at - 1, at)[:1] in WITHIN
        ):
            near = message.within("deadline", max(message.sentence(at)[0], at - FAR), at - 1)
            if near or message.at(at + 1, "deadline"):
                return Deadline(round(value * hours, 4), (at,) if token.value is not None else ())
    return None


def ends_clause(message: Message, at: int) -> bool:
    """Whether nothing that a number could count follows it."""
    if message.at(at + 1, "deadline") is not None:
        return True
    return at + 1 >= len(message.tokens) or not message.tokens[at + 1].text[0].isalnum()


def by_clock(message: Message) -> Deadline | None:
    """Read "between 10 pm and 6 am", "kick off at midnight, done by 6 am", "done by 6 am"."""
    times = clock_times(message)
    for one, other in itertools.pairwise(times):
        days = one.day is not None and other.day is not None
        if joins(message, one.end, other.start) or (before(message, other) and len(times) == 2):
            daytime = one.hour < other.hour and not days
            return Deadline(round(hours_between(one, other), 2), (one.start, other.start), daytime=daytime)
        if before(message, one) and len(times) == 2 and not before(message, other):
            return Deadline(round(hours_between(other, one), 2), (one.start, other.start))
    if (end := end_of_night(message, times)) is not None:
        return end
    bare = [ClockTime(at, at + 1, value) for at, value in message.numbers() if bare_hour(message, at, value)]
    for time in (*times, *bare):
        if before(message, time) and time.hour <= LATEST_MORNING:
            return Deadline((time.hour - EVENING) % 24, (time.start,), MORNING_WHY)
    return None


def end_of_night(message: Message, times: list[ClockTime]) -> Deadline | None:
    """Read "through if I start at 10 pm and get up at 7?": a start by the clock and a bare hour after it."""
    if len(times) != 1 or not STARTS & set(message.words(max(0, times[0].start - 4), times[0].start)):
        return None
    for at, value in message.numbers():
        hour = value == int(value) and 1 <= value <= LATEST_MORNING and ends_clause(message, at)
        if at > times[0].end and hour and message.tokens[at - 1].text in AT:
            end = ClockTime(at, at + 1, value)
            return Deadline(round(hours_between(times[0], end), 2), (times[0].start, at))
    return None


def joins(message: Message, start: int, end: int) -> bool:
    """Whether only "to" and words of finishing stand between two times: "Friday 18:00 and finished Monday 06:00"."""
    words = message.words(start, end)
    return (
        bool(words)
        and words[0] in TO
        and all(
            word in TO | DAYS | THERE or message.within("deadline", place, place + 1)
            for place, word in enumerate(words, start)
        )
    )


def bare_hour(message: Message, at: int, value: float) -> bool:
    """Read "must be done before 7"."""
    ends = at + 1 >= len(message.tokens) or message.tokens[at + 1].text in (".", ",", ";", "!", "?")
    done = message.within("deadline", message.sentence(at)[0], at)
    return (
        ends
        and bool(done)
        and value == int(value)
        and 1 <= value <= LATEST_MORNING
        and bool(message.before(at, "deadline.before"))
    )


def before(message: Message, time: ClockTime) -> bool:
    """Whether a time is the end: "by 6 am", "antes de mañana a las 8"."""
    near = message.within("deadline.before", max(0, time.start - 5), time.start)
    return bool(near) and all(token.value is None for token in message.tokens[near[-1].end : time.start])


def as_duration(message: Message, of_a_job: bool = False) -> Deadline | None:
    """Read "finished in 20 minutes", "within 8 hours", "one week of wall time"; of a job any hours and days."""
    one = [(at, 1.0) for at, token in enumerate(message.tokens) if token.text in ONE]
    for at, value in (*message.numbers(), *one):
        for label, hours in HOURS.items():
            unit = message.at(at + 1, label)
            if unit is None or value <= 0 or (of_a_job and message.tokens[at].value is None):
                continue
            if of_a_job and (message.before(at, "duration.span") or message.at(unit.end, "duration.other")):
                continue
            minutes = label == "unit.min"
            if (of_a_job and not minutes) or finishing(message, at, unit.end, minutes):
                return Deadline(
                    round(value * hours, 4), (at,) if message.tokens[at].value is not None else ()
                )
    return None


def finishing(message: Message, at: int, end: int, minutes: bool) -> bool:
    """Whether a duration is that of a job; minutes may be those of an answer, unless a word of finishing stands by."""
    start, stop = message.sentence(at)
    near = [
        tag
        for tag in message.within("deadline", max(start, at - FAR), min(stop, end + FAR))
        if message.tokens[tag.start].clause == message.tokens[at].clause or tag.end <= at
    ]
    answers = message.within("side.output", *message.clause(at)) or message.within(
        "role.start", *message.clause(at)
    )
    if message.at(end, "duration.other") or message.before(at, "duration.span"):
        return bool(message.at(end, "deadline"))
    if minutes:
        return bool(near) and not answers
    limited = at > 0 and message.tokens[at - 1].text in LIMITS
    if not minutes and message.words(end, end + 1) in FOR and message.tokens[end + 1 : end + 2]:
        limited = limited or message.tokens[end + 1].value is not None
    if message.words(at - 1, at) == ["of"] and not message.before(at - 1, "deadline"):
        limited = False  # "podcasts of one hour"
    if message.at(end, "per") and message.words(end + 1, end + 2) and message.tokens[end + 1].text in ROUNDS:
        return True
    named = message.words(at - 2, at) == ["t", "="]
    most = bool(MOST & set(message.words(end, end + 1))) or message.words(end, end + 2) == ["at", "most"]
    return bool(near or limited or named or most)


def by_name(message: Message) -> Deadline | None:
    """Read "overnight", "every night", "over the weekend"."""
    if (period := repeated(message)) is not None:
        return Deadline(period / SECONDS["h"], (), REPEATED_WHY)
    if message.tagged("weekend"):
        return Deadline(WEEKEND_HOURS, (), WEEKEND_WHY)
    if (hours := until_weekday(message)) is not None:
        return hours
    if message.tagged("night"):
        return Deadline(NIGHT_HOURS, (), NIGHT_WHY)
    return None


def until_weekday(message: Message) -> Deadline | None:
    """Read "by Friday": from the day that is said to be today, else some days from now."""
    days = [
        (place, day)
        for place, token in enumerate(message.tokens)
        for day, names in enumerate(WEEKDAYS)
        if token.text in names.split()
    ]
    limits = message.tagged("deadline.before")
    ends = [(place, day) for place, day in days if any(place - 2 <= tag.end <= place for tag in limits)]
    if not ends:
        return None
    place, day = ends[0]
    now = [other for at, other in days if at != place and TODAY & set(message.words(max(0, at - 3), at))]
    if now:
        return Deadline(float((day - now[0]) % 7 or 7) * 24)
    return Deadline(DAYS_TO_WEEKDAY * 24, (), WEEKDAY_WHY)


def repeated(message: Message) -> float | None:
    """The seconds of "each hour a dump arrives and must be scored before the next": what comes must be gone by then."""
    for tag in message.tagged("deadline.next"):
        start, end = message.sentence(tag.start)
        for place in range(start, end):
            if (period := period_at(message, place)) is not None:
                return period[0]
    return None
