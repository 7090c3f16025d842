"""How much it may cost a month."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import MONTH, SECONDS, period_at, period_in
from agent.intent.quantities import Quantities

RANGE = word_set("range")
DOLLARS = word_set("dollars")
LEAST_BARE = 50
"""Fewer than these without a currency are no budget."""
YEARS = range(1990, 2050)
LONG = {SECONDS["month"], SECONDS["quarter"], SECONDS["year"]}
FAR = 9
UNIT_PRICE = word_set("unit_price")


def read_budget(message: Message, found: Quantities) -> None:
    """Money a month; the period is a month when none is said."""
    for at, value in message.numbers():
        span = with_currency(message, at)
        if span is not None:
            message.claimed.add(at)
            if no_budget(message, *span):
                continue
            at, value, span = larger(message, at, value, span)
            take(message, found, at, value, span)
            if not {token.text for token in message.tokens[span[0] : span[1]]} & DOLLARS:
                found.notes.append(("budget_usd_per_month", "1:1", "another currency is taken as US dollars"))
            return
    for at, value in message.numbers():
        if value >= LEAST_BARE and bare_amount(message, at, value) and not no_budget(message, at, at + 1):
            message.claimed.add(at)
            take(message, found, at, value, (at, at + 1))
            return


def with_currency(message: Message, at: int) -> tuple[int, int] | None:
    """The span of an amount with its currency, before or after it."""
    if (after := message.at(at + 1, "money.currency")) is not None:
        return at, after.end
    if (before := message.before(at, "money.currency")) is not None and not (
        before.start and message.tokens[before.start - 1].value is not None
    ):
        return before.start, at + 1
    return None


def larger(
    message: Message, at: int, value: float, span: tuple[int, int]
) -> tuple[int, float, tuple[int, int]]:
    """The larger end of "between $30,000 and $36,000"."""
    for then, second in message.numbers():
        other = with_currency(message, then)
        if (
            other
            and then > at
            and second > value
            and set(message.words(span[1], other[0])) <= RANGE
            and other[0] - span[1] == 1
        ):
            message.claimed.add(then)
            return then, second, other
    return at, value, span


def bare_amount(message: Message, at: int, value: float) -> bool:
    """An amount without a currency: "90k a year", "budget: 5000"; what it counts would stand after it."""
    _start, end = message.clause(at)
    if (period := period_at(message, at + 1)) is not None and period[0] in LONG:
        return not any(period[1] <= tag.start <= period[1] + 2 for tag in message.tagged("people"))
    named = [
        tag for tag in message.within("money.budget", message.sentence(at)[0], at) if at - tag.end <= FAR
    ]
    nouns = any(
        message.at(at + 1, label) for label in ("people", "unit", "request", "rate", "thing", "throughput")
    )
    crossed = named and any(token.text in (",", "(") for token in message.tokens[named[-1].end : at])
    return bool(named) and not nouns and not crossed and int(value) not in YEARS and at < end


def no_budget(message: Message, start: int, end: int) -> bool:
    """Money of another kind: a price of one thing, or what was earned, raised or paid."""
    clause = message.clause(start)
    if message.within("money.other", *clause) and not message.within("money.budget", *clause):
        return True
    if start > 1 and message.tokens[start - 1].text == "=" and message.tokens[start - 2].name:
        return True
    after = message.words(end, end + 5)
    if (period := period_at(message, end)) is not None:
        # "$2.50 an hour for an H100" is a price.
        return period[0] == SECONDS["h"] and any(token.name for token in message.tokens[end : end + 5])
    each = len(after) > 1 and message.at(end, "per") is not None
    return each and (after[1] in UNIT_PRICE or message.tokens[end + 1].name is not None)


def take(message: Message, found: Quantities, at: int, value: float, span: tuple[int, int]) -> None:
    """Store an amount as an amount a month."""
    following = period_at(message, span[1])
    seconds = (
        following[0]
        if following
        else period_in(message, *message.clause(at)) or period_in(message, *message.sentence(at))
    )
    if seconds is None or (seconds < SECONDS["h"]):
        seconds = MONTH
    found.budget_usd_per_month = round(value * MONTH / seconds, 2)
