"""Figures and pieces of text as the offline engine writes them."""

from collections.abc import Sequence

from compass.core import Interval


def money(amount: float) -> str:
    """US dollars, cents only below ten."""
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"


def span(figure: Interval) -> str:
    """A latency with its interval; in seconds from two of them."""
    if figure.value >= 2000:
        return f"{figure.value / 1000:,.3g} s [{figure.low / 1000:,.3g}–{figure.high / 1000:,.3g}]"
    return f"{figure.value:,.4g} ms [{figure.low:,.4g}–{figure.high:,.4g}]"


def duration(ms: float) -> str:
    """Milliseconds, or seconds from two of them."""
    return f"{ms / 1000:,.4g} s" if ms >= 2000 else f"{ms:,.4g} ms"


def number(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:,.4g}"


def paragraphs(*parts: str) -> str:
    """The parts that say something, an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def quoted(lines: Sequence[str]) -> str:
    """Sentences set apart, each once."""
    return "\n>\n".join(f"> {line}" for line in dict.fromkeys(lines))
