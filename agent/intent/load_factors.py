"""Factors of the load: the share of users at once, requests a minute of each, the peak, hits in the prefix cache."""

from collections.abc import Iterator

from agent.intent.clock import clock_times
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.quantities import Quantities

BY_NAME = {
    "active share": "active_share", "requests per minute": "requests_per_minute", "peak factor": "peak_factor",
    "prefix cache hit rate": "prefix_cache_hit_rate",
}  # fmt: skip
PERCENT = frozenset("% percent prozent procent".split())
PERCENT_PAIRS = {("pour", "cent"), ("por", "ciento"), ("por", "cento"), ("per", "cento")}
TIMES = frozenset("x times mal fois veces volte vezes".split())
SHARE_FAR, CACHE_FAR, PEAK_FAR, WHOM_FAR = 9, 9, 6, 4
PARTS = {
    "half": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10,
    "halfte": 1 / 2, "drittel": 1 / 3, "viertel": 1 / 4, "funftel": 1 / 5, "zehntel": 1 / 10, "moitie": 1 / 2, "tiers": 1 / 3,
    "mitad": 1 / 2, "tercio": 1 / 3, "meta": 1 / 2, "terzo": 1 / 3, "metade": 1 / 2, "terco": 1 / 3,
}  # fmt: skip
ORDINALS, WHOSE = frozenset(("rd", "rds", "th", "ths")), frozenset(("our", "the", "them", "my"))
OF = frozenset("of der des unserer unsere de des di da do dos del della dei".split())


def read_load_factors(message: Message, found: Quantities) -> None:
    """The factors that a message states."""
    for at, value in list(message.numbers()):
        name, factor = named_field(message, at, value) or factor_at(message, at, value) or (None, 0.0)
        if name is not None:
            message.take(at)
            found.keep(name, factor)
    for start, end, part in parts(message):
        if part < 1 and (name := named_share(message, start, end)):
            message.take(*(place for place in range(start, end) if message.tokens[place].value is not None))
            found.keep(name, part)


def parts(message: Message) -> Iterator[tuple[int, int, float]]:
    """The fractions in words, "half of", "a third of our", "three quarters of": where they begin and end, and their value."""
    for at, token in enumerate(message.tokens):
        ordinal = token.text in ORDINALS and at > 0 and (message.tokens[at - 1].value or 0) > 1
        if token.text not in PARTS and not ordinal:
            continue
        part = 1 / (message.tokens[at - 1].value or 1) if ordinal else PARTS[token.text]
        first = at - 1 if ordinal else at
        times = message.tokens[first - 1].value if first else None
        whole = message.words(at + 1, at + 2)
        if whole and (whole[0] in OF or (not ordinal and whole[0] in WHOSE)):
            yield first - (times is not None), at + 1, round((times or 1) * part, 4)


def named_share(message: Message, start: int, end: int) -> str | None:
    """Whether a fraction is of the users that are there at once, or of prompts that are in the cache."""
    stop = message.sentence(start)[1]
    if message.within("load.cache", end, min(stop, end + CACHE_FAR)):
        return "prefix_cache_hit_rate"
    people = message.within("people", end, end + WHOM_FAR) or message.words(end, end + 2) == ["of", "them"]
    here = message.within("at_once", end, stop) or message.within("load.active", end, stop)
    timed = any(end <= time.start <= end + SHARE_FAR for time in clock_times(message))
    return "active_share" if people and (here or timed) else None


def named_field(message: Message, at: int, value: float) -> tuple[str, float] | None:
    """A factor by the name of its field, "active share: 0.4"."""
    for said, name in BY_NAME.items():
        words = [*said.split(), ":"]
        if message.words(at - len(words), at) == words:
            return name, value / 100 if percent_end(message, at) else value
    return None


def factor_at(message: Message, at: int, value: float) -> tuple[str, float] | None:
    """The factor that a number is by the words around it."""
    if end := percent_end(message, at):
        start, stop = message.sentence(at)
        if message.within("load.cache", max(start, at - CACHE_FAR), min(stop, end + CACHE_FAR)):
            return "prefix_cache_hit_rate", value / 100
        if share(message, at, end):
            return "active_share", value / 100
    if message.at(at + 1, "request") and each_a_minute(message, at):
        return "requests_per_minute", value
    if peak(message, at):
        return "peak_factor", value
    if value < 1 and message.within("load.cache", max(message.clause(at)[0], at - CACHE_FAR), at):
        return "prefix_cache_hit_rate", value
    return None


def percent_end(message: Message, at: int) -> int | None:
    """Where a percentage ends that begins with a number, None where it is none."""
    following = message.words(at + 1, at + 3)
    if following[:1] and following[0] in PERCENT:
        return at + 2
    return at + 3 if tuple(following) in PERCENT_PAIRS else None


def share(message: Message, at: int, end: int) -> bool:
    """Read "40 % active at once", "at the same time about 30 %"."""
    start, stop = message.sentence(at)
    marks = (*message.tagged("at_once"), *message.tagged("load.active"))
    after = any(
        end <= tag.start <= end + SHARE_FAR and tag.end <= stop and no_number(message, end, tag.start)
        for tag in marks
    )
    before = any(
        start <= tag.start and at - SHARE_FAR <= tag.end <= at and no_number(message, tag.end, at)
        for tag in marks
    )
    return after or before


def no_number(message: Message, start: int, end: int) -> bool:
    """Whether no number stands between two places."""
    return all(token.value is None for token in message.tokens[start:end])


def each_a_minute(message: Message, at: int) -> bool:
    """Read "3 messages a minute per user": a number of requests of everybody."""
    noun = message.at(at + 1, "request")
    period = period_at(message, noun.end) if noun else None
    return (
        period is not None
        and period[0] == 60
        and bool(message.within("per_head", period[1], message.clause(at)[1]))
    )


def peak(message: Message, at: int) -> bool:
    """Read "the peak is 2.5 times the mean", "peak factor 3 x", "3 x peak"."""
    times = message.words(at + 1, at + 2)
    if not times or times[0] not in TIMES:
        return False
    start, stop = message.sentence(at)
    before = message.within("load.peak", max(start, at - PEAK_FAR), at)
    return bool(before or message.within("load.peak", at + 2, min(stop, at + 4)))
