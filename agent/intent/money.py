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
FAR, LIMIT_FAR, SHORT_PRICE = 9, 4, 20
NOT_MORE = frozenset("above exceed over most maximal hochstens maximum massimo maximo".split())
EACH_ONE = (["a", "piece"], ["apiece"], ["each"], ["per", "piece"], ["stuck"], ["piece"])
CHOICE = frozenset("or vs versus oder ou o against".split())
HIGHEST_RATE = 20
HOURLY_WHY = "an amount an hour is taken as that of the whole deployment, 730 hours a month"
UNIT_PRICE = word_set("unit_price")


def read_budget(message: Message, found: Quantities) -> None:
    """US dollars a month; the period is a month when none is said. Other money is left unread."""
    for at, value in list(message.numbers()):
        span = with_currency(message, at)
        if span is None:
            continue
        if of_each_head(message, at, *span):
            message.take(at)
            found.budget_of_each = value
            continue
        if no_budget(message, *span):
            message.leave(at, *of_how_many(message, span[1]))
            continue
        at, value, span = larger(message, at, value, span)
        rate = 1.0 if in_dollars(message, span) else exchange_rate(message)
        if rate is None:
            message.leave(at)
            found.foreign_money = True
            continue
        message.take(at)
        take(message, found, at, value * rate, span, f"at {rate:g} dollars, as said" if rate != 1 else None)
        return
    for at, value in list(message.numbers()):
        if value >= LEAST_BARE and bare_amount(message, at, value) and not no_budget(message, at, at + 1):
            message.take(at)
            found.bare_budget = at
            take(message, found, at, value, (at, at + 1))
            return


def of_how_many(message: Message, end: int) -> list[int]:
    """The place of the number in "$0.40 per million tokens"."""
    per = message.at(end, "per")
    return (
        [per.end]
        if per and message.tokens[per.end : per.end + 1] and message.tokens[per.end].value is not None
        else []
    )


def in_dollars(message: Message, span: tuple[int, int]) -> bool:
    """Whether an amount is in US dollars."""
    return bool({token.text for token in message.tokens[span[0] : span[1]]} & DOLLARS)


def exchange_rate(message: Message) -> float | None:
    """The dollars of another currency's unit, where they are said: "1 EUR = 1.08 USD", "at a rate of 1.1"."""
    for at, value in message.numbers():
        if not 0 < value < HIGHEST_RATE:
            continue
        after = message.at(at + 1, "money.currency")
        dollars = after is not None and bool(set(message.words(after.start, after.end)) & DOLLARS)
        equal = (
            dollars
            and bool(message.within("money.currency", max(0, at - 3), at))
            and "=" in message.words(at - 2, at)
        )
        per = (
            dollars
            and after is not None
            and message.at(after.end, "per")
            and message.at(after.end + 1, "money.currency")
        )
        named = any(at - 4 <= tag.end <= at for tag in message.tagged("exchange_rate"))
        if equal or per or named:
            message.take(at)
            return value
    return None


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
            message.take(then)
            return then, second, other
    return at, value, span


def bare_amount(message: Message, at: int, value: float) -> bool:
    """An amount without a currency: "90k a year", "budget: 5000"; what it counts would stand after it."""
    _, end = message.clause(at)
    if (period := period_at(message, at + 1)) is not None and period[0] in LONG:
        return not any(
            period[1] <= tag.start <= period[1] + 2 and tag.end <= end for tag in message.tagged("people")
        )
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
    same = message.tagged("same_money") and period_at(message, end) is not None
    if message.within("money.other", *clause) and not message.within("money.budget", *clause) and not same:
        return True
    period = period_at(message, end)
    if period is None and of_choices(message, start, end):
        return True
    near = (
        max(message.sentence(start)[0], start - LIMIT_FAR),
        min(message.sentence(start)[1], end + FAR // 2),
    )
    bought = message.within("purchase", *clause) or message.within("purchase", *near)
    if period is None and bought and period_in(message, *clause) is None:
        return True
    if period is not None and price_of_a_gpu(message, period[1]):
        return True
    if message.words(end, end + 1) in EACH_ONE or message.words(end, end + 2) in EACH_ONE:
        return True
    if period is None and price_beside(message, start, end):
        return True
    if start > 1 and message.tokens[start - 1].text == "=" and message.tokens[start - 2].name:
        return True
    after = message.words(end, end + 5)
    if period is not None:
        # "$2.50 an hour for an H100" is a price.
        return period[0] == SECONDS["h"] and any(token.name for token in message.tokens[end : end + 5])
    each = len(after) > 1 and message.at(end, "per") is not None
    return each and (after[1] in UNIT_PRICE or message.tokens[end + 1].name is not None)


def of_choices(message: Message, start: int, end: int) -> bool:
    """Read "a desktop for $3000 or a laptop for $5000": what each of two things costs."""
    first, stop = message.sentence(start)
    others = [
        (min(start, span[0]), max(start, span[0]), min(end, span[1]))
        for at in range(first, stop)
        if message.tokens[at].value is not None
        and not start <= at < end
        and (span := with_currency(message, at)) is not None
    ]
    return any(
        CHOICE & set(words := message.words(left_end, right)) and len(words) > 1
        for _, right, left_end in others
    )


def price_beside(message: Message, start: int, end: int) -> bool:
    """Read "H100 at $2.50 on demand": so little without a period is the price of a GPU hour."""
    values = [token.value for token in message.tokens[start:end] if token.value is not None]
    named = any(token.name is not None for token in message.tokens)
    budgeted = message.within("money.budget", *message.clause(start))
    return bool(values) and values[0] < SHORT_PRICE and named and not budgeted


def of_each_head(message: Message, at: int, start: int, end: int) -> bool:
    """Read "max 35 dollars per seat and month": a limit for each of the users."""
    per = message.at(end, "per")
    head = per is not None and message.at(per.end, "people") is not None
    before = max(message.clause(at)[0], start - LIMIT_FAR)
    limited = message.within("each.budget", before, start) or NOT_MORE & set(message.words(start - 2, start))
    no_more = message.words(start - 3, start) in (["no", "more", "than"], ["not", "more", "than"])
    return head and bool(limited or no_more) and not message.within("money.other", *message.clause(at))


def price_of_a_gpu(message: Message, place: int) -> bool:
    """Read "212 a month for a T4": what a GPU costs, and no budget."""
    return message.words(place, place + 1) == ["for"] and any(
        token.name is not None and token.name.kind == "gpu" for token in message.tokens[place + 1 : place + 3]
    )


def take(
    message: Message, found: Quantities, at: int, value: float, span: tuple[int, int], why: str | None = None
) -> None:
    """Store an amount as an amount a month."""
    following = period_at(message, span[1])
    seconds = (
        following[0]
        if following
        else period_in(message, *message.clause(at)) or period_in(message, *message.sentence(at))
    )
    if seconds is None or (seconds < SECONDS["h"]):
        seconds = MONTH
    if seconds == SECONDS["h"]:
        why = HOURLY_WHY
    found.keep("budget_usd_per_month", round(value * MONTH / seconds, 2), why)
