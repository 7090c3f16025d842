"""Tokens a second: of a stream (its inverse is the ITL), of a whole system, or as a volume a day."""

from dataclasses import dataclass

from agent.intent.message import Message
from agent.intent.periods import SECONDS, period_at, period_of_none
from agent.intent.quantities import Quantities, TokenVolume
from agent.intent.vocabulary import Tag

FASTEST_READER = 500
"""More tokens a second than these are the throughput of a system, not of an answer."""
FASTEST_STREAM = 2_000
UNIT_FAR, PERIOD_FAR, SIDE_FAR = 4, 6, 4
SMALL = frozenset("( ) + / & , and und et y e of de di in out plus with incl including both".split())
TOKENS_A_WORD = 4 / 3
EACH = frozenset("each every jeder jede jedes chaque chacun cada ciascuno ogni".split())
LEAST_OF_A_PERIOD = 20_000
LEAST_VOLUME = 1_500_000
"""Fewer tokens without a period are a length."""


@dataclass(frozen=True)
class Counted:
    """A number of tokens: its place, the end of its unit, the seconds of its period, 0 where none is said."""

    at: int
    value: float
    end: int
    seconds: float


def read_token_volumes(message: Message, found: Quantities) -> None:
    """ITL of a stream, tokens a second of all streams: prompt and answer together, or answers alone."""
    sums = {"in": 0.0, "out": 0.0, "both": 0.0}
    for one in counted(message):
        if not one.seconds:
            keep_volume(message, found, one)
        elif one.seconds == 1 and of_a_stream(message, one):
            if message.within("now", *message.clause(one.at)):
                message.leave(one.at)
                continue
            message.take(one.at)
            if 0 < one.value <= FASTEST_STREAM:
                found.keep("itl_ms", round(1000 / one.value, 2))
        elif message.within("per_gpu", *message.sentence(one.at)):
            message.leave(one.at)
        else:
            message.take(one.at)
            found.load_period = one.seconds
            sums[side_of(message, one)] += heads_of_each(message, one) * one.value / one.seconds
    keep_sums(found, sums)


def heads_of_each(message: Message, one: Counted) -> float:
    """How many use so many each, 1 where the number is of all: "1.5M tokens a day for each agent" of 30 agents."""
    if one.seconds < SECONDS["h"]:
        return 1
    start, end = message.clause(one.at)
    after = range(one.end, min(end, one.end + PERIOD_FAR))
    per = any(
        (tag := message.at(place, "per") or message.at(place, "each.of")) is not None
        and of_heads(message, tag.end, 2)
        for place in after
    )
    before = bool(EACH & set(message.words(start, one.at)))
    if not per and not before and message.at(end - 1, "each.of") is None:
        return 1
    return next((value for at, value in heads(message) if at != one.at and value > 1), 1)


def heads(message: Message) -> list[tuple[int, float]]:
    """Numbers of people, agents or sessions: "12 developers", "40 of them", "一共20个"."""
    found = [(at, token.value) for at, token in enumerate(message.tokens) if token.value is not None]
    return [
        (at, value)
        for at, value in found
        if of_heads(message, at + 1, 3)
        or message.words(at + 1, at + 3) in (["of", "them"], ["of", "us"])
        or message.before(at, "total")
    ]


def of_heads(message: Message, place: int, far: int) -> bool:
    """Whether a word for people, agents or sessions stands within a few places."""
    return any(
        message.at(then, label) is not None
        for then in range(place, place + far)
        if all(token.value is None for token in message.tokens[place:then])
        for label in ("people", "agentic", "session")
    )


def keep_sums(found: Quantities, sums: dict[str, float]) -> None:
    """Store rates: of prompts and answers the sum as well."""
    both = sums["both"] or (sums["in"] + sums["out"] if sums["in"] else 0)
    if both:
        why = None if sums["both"] or sums["out"] else "tokens of prompts alone: answers come on top"
        found.keep("tokens_per_second", float(f"{both:.4g}"), why)
    if sums["out"]:
        found.keep("output_tokens_per_second", float(f"{sums['out']:.4g}"))


def keep_volume(message: Message, found: Quantities, one: Counted) -> None:
    """Keep a number of tokens that is too large for a length."""
    if one.value <= LEAST_VOLUME:
        return
    message.leave(one.at)
    output, earlier = side_of(message, one) == "out", found.token_volume
    if earlier is None:
        found.token_volume = TokenVolume(one.value, one.at, output)
    else:
        message.take(earlier.at)
        found.token_volume = TokenVolume(earlier.tokens + one.value, one.at, output and earlier.output_only)


def counted(message: Message) -> list[Counted]:
    """Numbers of tokens in a period, or of a volume; lengths are not among them."""
    found: list[Counted] = []
    for at, value in message.numbers():
        unit = unit_after(message, at)
        if unit is None:
            continue
        seconds = seconds_of(message, at, unit)
        tokens = value * (TOKENS_A_WORD if unit.label == "unit.word" else 1)
        if seconds >= SECONDS["h"] and tokens < LEAST_OF_A_PERIOD:
            continue  # "500-token summaries, weekly"
        if seconds or tokens > LEAST_VOLUME:
            found.append(Counted(at, tokens, unit.end, seconds))
    return with_partners(message, found)


def unit_after(message: Message, at: int) -> Tag | None:
    """The word "tokens", or "tok/s", within a few words after a number: "100 million synthetic output tokens"."""
    for place in range(at + 1, min(at + 1 + UNIT_FAR, message.sentence(at)[1])):
        for label in ("throughput", "unit.token", "unit.word"):
            if (unit := message.at(place, label)) is not None:
                return unit
        token = message.tokens[place]
        if (
            token.value is not None
            or token.name is not None
            or not token.text.isalpha()
            or message.at(place, "people")
        ):
            break
    if message.words(at - 1, at) in ([":"], ["="], ["of"]) and message.before(at - 1, "unit.token"):
        return Tag("unit.token", at, at + 1)
    period = period_at(message, at + 1)
    if period is not None and period[0] == 1 and message.within("unit.token", *message.clause(at)):
        return Tag("throughput", at + 1, period[1])
    return None


def seconds_of(message: Message, at: int, unit: Tag) -> float:
    """The period in which so many tokens come, in seconds; 0 where none is said."""
    if unit.label == "throughput.minute":
        return 60
    if unit.label == "throughput":
        return 1
    for place in range(unit.end, min(unit.end + PERIOD_FAR, message.sentence(at)[1])):
        if (period := period_at(message, place)) is not None:
            return period[0]
        if not between_unit_and_period(message, place):
            break
    large = (message.tokens[at].value or 0) > FASTEST_READER * UNIT_FAR
    return (period_of_none(message, message.clause(at)[0], at) or 0) if large else 0


def between_unit_and_period(message: Message, place: int) -> bool:
    """Whether a word may stand in "tokens (input and output together) a day"."""
    word = message.tokens[place].text
    labels = ("per", "people", "agentic", "each.of", "volume", "side", "total_rate", "class.batch")
    covered = any(tag.start <= place < tag.end for label in labels for tag in message.tagged(label))
    return word in SMALL or covered


def with_partners(message: Message, found: list[Counted]) -> list[Counted]:
    """Add the first half of "300M input and 50M output tokens a day"."""
    places = {one.at for one in found}
    added: list[Counted] = []
    for at, value in message.numbers():
        side = message.at(at + 1, "volume.input") or message.at(at + 1, "volume.output")
        later = [one for one in found if side and 0 < one.at - side.end <= 2 and one.seconds]
        if at not in places and side and later:
            added.append(Counted(at, value, side.end, later[0].seconds))
        elif at not in places and side and value > LEAST_VOLUME and found:
            added.append(Counted(at, value, side.end, found[0].seconds))
    return sorted([*found, *added], key=lambda one: one.at)


def of_a_stream(message: Message, one: Counted) -> bool:
    """Whether tokens a second are those of one answer: "25 tokens/s per user"; small numbers are, unless in total."""
    start, end = message.clause(one.at)
    if message.within("per_stream", start, end):
        return True
    total = message.within("total_rate", start, min(len(message.tokens), end + 4))
    return one.value <= FASTEST_READER and not total


def side_of(message: Message, one: Counted) -> str:
    """Of what tokens are: "in", "out" or "both"; tokens a second of a system are those that it writes."""
    start, _ = message.clause(one.at)
    near = (max(start, one.at - SIDE_FAR), min(len(message.tokens), one.end + SIDE_FAR))
    first = max(start, one.at - SIDE_FAR) if one.end == one.at + 1 else one.at
    close = message.within("volume.output", first, one.end), message.within("volume.input", first, one.end)
    if message.within("side.both", start, near[1]):
        return "both"
    written, read = (
        close
        if any(close)
        else (message.within("volume.output", *near), message.within("volume.input", *near))
    )
    if bool(written) != bool(read):
        return "out" if written else "in"
    return "out" if one.seconds == 1 and not (written and read) else "both"
