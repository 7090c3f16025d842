"""How many requests arrive."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import SECONDS, period_at, period_of_none
from agent.intent.quantities import Items, Quantities
from agent.intent.vocabulary import beginning_in

LEAST_OF_A_YEAR = 1e-4
PEAK, EVERY = word_set("peak"), word_set("every")
MEAN_WHY = "the mean of a day and more; its peak is not said"
EACH = frozenset("each jeder jede jeweils chacun chacune ciascuno ognuno".split())
COUNTED_FAR = 4
DATA = frozenset("kb mb gb tb pb gib mib kib".split())
OF = (["of"], ["de"], ["di"], ["da"])
PERIOD_FAR, BUSY_FAR = 4, 7
BUSY = word_set("peak") | word_set("busy")


def read_rates(message: Message, found: Quantities) -> None:
    """Requests a second from any period; of a day and more it is a mean."""
    for at, value in sorted(message.numbers(), key=lambda pair: telling(message, pair[0])):
        if (seconds := interval(message, at, value)) is not None:
            message.take(at)
            if EACH & set(message.words(*message.clause(at))):
                found.rate_of_each = 1 / seconds
            else:
                found.keep("requests_per_second", float(f"{1 / seconds:.4g}"))
        elif (seconds := request_rate(message, at)) is not None:
            message.take(at)
            if message.within("per_head", *message.clause(at)) or EACH & set(message.words(at - 1, at)):
                found.rate_of_each = found.rate_of_each or value / seconds
            else:
                found.plain_rate = found.plain_rate or period_at(message, at + 1) is not None
                found.load_period = found.load_period or seconds
                keep_rate(found, at, value, seconds)


def keep_rate(found: Quantities, at: int, value: float, seconds: float) -> None:
    """Store a rate; the total of a day or more says nothing of its peak."""
    rate = value / seconds
    if seconds >= SECONDS["year"] and rate < LEAST_OF_A_YEAR:
        return
    if seconds >= SECONDS["day"]:
        found.keep("requests_per_second", float(f"{rate:.4g}"), MEAN_WHY)
        found.items = found.items or Items(value, at, seconds)
    else:
        found.keep("requests_per_second", float(f"{rate:.4g}"))


def telling(message: Message, at: int) -> tuple[bool, bool]:
    """How a number sorts: peaks first, then "25 rps", which is more explicit than "3 completions a second"."""
    start, end = message.clause(at)
    return not PEAK & set(message.words(start, end)), message.at(at + 1, "rate") is None


def interval(message: Message, at: int, value: float) -> float | None:
    """The seconds of "a request every 2 seconds", None where a number says something else."""
    unit = next((tag for tag in message.tagged("unit") if tag.start == at + 1), None)
    seconds = SECONDS.get(unit.label.rsplit(".", 1)[1]) if unit else None
    every = message.words(at - 1, at) and message.tokens[at - 1].text in EVERY
    if not (seconds and every and value > 0) or message.within("unit.token", at - 4, at):
        return None
    near = message.within("request", max(0, at - 5), at) or message.within("request", at + 2, at + 5)
    return value * seconds if near else None


def request_rate(message: Message, at: int) -> float | None:
    """The seconds of the period in which a number of requests comes; None where the number counts something else."""
    if (seconds := by_its_unit(message, at) or of_a_busy_period(message, at)) is not None:
        return seconds
    if (plain := period_at(message, at + 1)) is not None:
        if any(message.at(then, "people") for then in (plain[1], plain[1] + 1)):
            return None  # "6,000 daily users"
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
        if message.at(place, "people") and beginning_in(message.tokens[place].text, "en"):
            return None
    tokens = message.within("unit.token", start, at) or message.within("throughput", start, at)
    if tokens or not message.at(noun - 1, "request"):
        return None
    return period_of_none(message, start, at)


def by_its_unit(message: Message, at: int) -> float | None:
    """Read "25 rps", "qps=12", "rpm: 300": the seconds of the unit."""
    key = at - 1 if message.words(at - 1, at) in (["="], [":"]) else at
    rate = message.at(at + 1, "rate")
    if rate is None and not any(message.at(at + 1, label) for label in ("unit", "thing")):
        rate = message.before(key, "rate")
        if rate is not None and message.before(key, "rate.minute") is not None:
            return 60.0
    if rate is None:
        return None
    return 60.0 if rate.label == "rate.minute" else 1.0


def of_a_busy_period(message: Message, at: int) -> float | None:
    """Read "peak hour = 18k requests", "the worst minute had 540 chat messages": the seconds of that period."""
    noun = counted(message, at)
    if noun is None or not message.at(noun - 1, "request"):
        return None
    for unit in message.within("unit", max(message.clause(at)[0], at - BUSY_FAR), at):
        seconds = SECONDS.get(unit.label.rsplit(".", 1)[1])
        values = any(token.value is not None for token in message.tokens[unit.start : at])
        after = (
            message.words(unit.end, unit.end + 2) if message.words(unit.end, unit.end + 1)[:1] in OF else []
        )
        words = {*message.words(unit.start - 2, unit.start), *after}
        if seconds and not values and BUSY & words:
            return seconds
    return None


def counted(message: Message, at: int) -> int | None:
    """Where the noun ends that a number counts, if that may be requests: of no people, money, time or length."""
    last = None
    for place in range(at + 1, min(at + 1 + COUNTED_FAR, message.clause(at)[1])):
        if message.tokens[place].value is not None or message.tokens[place].name:
            break
        pages = message.at(place, "unit.page")
        if pages is not None and period_at(message, pages.end) is not None:
            return pages.end
        if message.tokens[place].text in DATA:
            return None
        sent = (people := message.at(place, "people")) is not None and message.at(
            people.end, "request"
        ) is not None
        if not sent and any(message.at(place, label) for label in ("people", "unit", "money.currency")):
            # "fichas técnicas": an adjective after its noun; "support agents": people.
            return last if last and not beginning_in(message.tokens[last - 1].text, "en") else None
        if (noun := message.at(place, "request")) is not None:
            last = noun.end
        elif period_at(message, place) is not None:
            return last or place
        elif message.at(place, "stop"):
            break
    return last
