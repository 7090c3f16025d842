"""How many requests arrive, and how fast tokens come out."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import SECONDS, period_at, period_in
from agent.intent.quantities import Quantities

FASTEST_READER = 500
"""More tokens a second than these are the throughput of a system, not of an answer."""
WHOLE = word_set("whole")
COUNTED_FAR = 4
PERIOD_FAR = 4


def read_rates(message: Message, found: Quantities) -> None:
    """Tokens a second as ITL, requests a second from any period."""
    numbers = list(message.numbers())
    # "25 rps" is more explicit than "3 completions a second".
    for at, value in sorted(numbers, key=lambda pair: message.at(pair[0] + 1, "rate") is None):
        if token_rate(message, at):
            message.claimed.add(at)
            if 0 < value <= FASTEST_READER and not WHOLE & set(message.words(*message.clause(at))):
                found.keep("itl_ms", round(1000 / value, 2))
        elif at not in message.claimed and (seconds := request_rate(message, at)) is not None:
            message.claimed.add(at)
            if not message.within("per_head", *message.clause(at)):
                found.keep("requests_per_second", float(f"{value / seconds:.4g}"))


def token_rate(message: Message, at: int) -> bool:
    """Whether a number counts tokens a second, or is a volume of tokens."""
    if message.at(at + 1, "throughput"):
        return True
    token = next((tag for tag in message.tagged("unit.token") if at < tag.start <= at + 2), None)
    if token is not None and (of := period_at(message, token.end)) is not None:
        if of[0] > 1:
            # "2 million tokens a day" is a volume: no length, no speed.
            message.claimed.add(at)
            return False
        return True
    period = period_at(message, at + 1)
    return period is not None and period[0] == 1 and bool(message.within("unit.token", *message.clause(at)))


def request_rate(message: Message, at: int) -> float | None:
    """The seconds of the period in which a number of requests comes; None where the number counts something else."""
    if (rate := message.at(at + 1, "rate")) is not None:
        return 60.0 if rate.label == "rate.minute" else 1.0
    if (plain := period_at(message, at + 1)) is not None:
        return (
            plain[0]
            if plain[0] <= SECONDS["week"] and not message.within("money.budget", *message.clause(at))
            else None
        )
    noun = counted(message, at)
    if noun is None:
        return None
    start, end = message.clause(at)
    for place in range(noun, min(noun + PERIOD_FAR, end)):
        if (period := period_at(message, place)) is not None:
            # "250,000 monthly active users" are people.
            people = any(message.at(then, "people") for then in (period[1], period[1] + 1))
            return None if people else period[0]
        if message.at(place, "people"):
            return None
    if not message.at(noun - 1, "request"):
        return None
    return period_in(message, start, at)


def counted(message: Message, at: int) -> int | None:
    """Where the noun ends that a number counts, if that may be requests: of no people, money, time or length."""
    last = None
    for place in range(at + 1, min(at + 1 + COUNTED_FAR, message.clause(at)[1])):
        if message.tokens[place].value is not None or message.tokens[place].name:
            break
        if any(message.at(place, label) for label in ("people", "unit", "money.currency")):
            return None
        if (noun := message.at(place, "request")) is not None:
            last = noun.end
        elif period_at(message, place) is not None:
            return last or place
        elif message.at(place, "stop"):
            break
    return last
