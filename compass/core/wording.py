"""Figures in words: chances, shares, money, times, counts, written the same wherever a person reads them.

`chat/app/public/compass.js` writes the figures of the chat's cards by the same rules.
"""

import math

from compass.core.evidence import Interval


def chance(probability: float) -> str:
    """A probability in whole per cent, rounded down, that never claims certainty: "93 %", "> 99 %"."""
    if probability > 0.99:
        return "> 99 %"
    return "< 1 %" if probability < 0.01 else f"{math.floor(100 * probability + 1e-9)} %"


def percent(share: float) -> str:
    """A share in whole per cent: 0.374 is "37 %"."""
    return f"{100 * share:.0f} %"


NO_PRICE = "no listed price"


def money(usd: float | None) -> str:
    """US dollars: whole ones from ten up, cents below, two digits below ten cents; None is no price."""
    if usd is None:
        return NO_PRICE
    if usd >= 9.995:
        return f"${usd:,.0f}"
    return f"${usd:.2f}" if usd >= 0.1 or usd == 0 else f"${usd:.2g}"


def price(usd: float | None) -> str:
    """A price that somebody lists, in dollars and cents: "$14.24"; None is no price."""
    return NO_PRICE if usd is None else f"${usd:,.2f}"


def money_per(usd: float | None, what: str) -> str:
    """US dollars of something: "$2,715 a month", "no listed price"."""
    return NO_PRICE if usd is None else f"{money(usd)} {what}"


def price_per(usd: float | None, what: str) -> str:
    """A price of something in dollars and cents: "$14.24 an hour", "no listed price"."""
    return NO_PRICE if usd is None else f"{price(usd)} {what}"


def rounded(value: float) -> str:
    """Two significant digits below a hundred, whole numbers above: as much as a prediction knows."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}"


def number(value: float) -> str:
    """Three significant digits below a thousand, whole numbers above."""
    return f"{value:,.0f}" if value >= 999.5 else f"{value:.3g}"


def milliseconds(ms: float) -> str:
    """A measured or predicted time, rounded: "6.8 ms", "118 ms", from a second up "1.9 s"."""
    return f"{rounded(ms)} ms" if ms < 999.5 else f"{rounded(ms / 1000)} s"


def duration(hours: float) -> str:
    """A time in hours: "12 seconds", "2.6 minutes", "7.41 hours", from three days up "4.2 days"."""
    if hours < 1 / 60:
        value, unit = hours * 3600, "second"
    elif hours < 1:
        value, unit = hours * 60, "minute"
    else:
        value, unit = (hours, "hour") if hours < 72 else (hours / 24, "day")
    text = number(value)
    return f"{text} {unit}{'' if text == '1' else 's'}"


def exact_milliseconds(ms: float) -> str:
    """A time that somebody stated, unrounded: "300 ms", from a second up "1.25 s"."""
    return f"{ms:,.10g} ms" if ms < 1000 else f"{ms / 1000:,.10g} s"


def latency(figure: Interval) -> str:
    """A latency in milliseconds with its interval, all three in the unit of the first: "1.9 s [0.93–3.9]"."""
    unit, scale = ("ms", 1) if figure.value < 999.5 else ("s", 1000)
    low, value, high = (rounded(part / scale) for part in (figure.low, figure.value, figure.high))
    return f"{value} {unit} [{low}–{high}]"


def counted(count: float, noun: str) -> str:
    """A count with its noun: "1 GPU", "5,000 users"."""
    return f"{count:,.0f} {noun}{'' if count == 1 else 's'}"
