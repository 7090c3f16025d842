"""Finds figures in an answer that stand in no tool result and in no message of the person."""

import re
from collections.abc import Iterable

FIGURE = re.compile(
    r"(?<![\w.-])(\$?\s?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(\s*(?:%|ms\b|s\b|k\b|seconds?\b)?)"
)
SMALLEST = 10
"""Smaller whole numbers count things ("2 replicas", "3 options") and are not worth a warning."""
TOLERANCE = 0.006
"""Rounding to three digits."""


def unsupported(text: str, sources: Iterable[str]) -> list[str]:
    """Figures of the text, as written, that no source holds, be it rounded or in another scale."""
    known = sorted({value for source in sources for value in figures(source).values()})
    return [
        written for written, value in figures(text).items() if not any(near(value, other) for other in known)
    ]


def figures(text: str) -> dict[str, float]:
    """Figures as they are written, with their values; names such as H100 and ids hold none."""
    found = {}
    for match in FIGURE.finditer(text):
        value = float(match[2].replace(",", ""))
        if value >= SMALLEST or match[1].strip() or match[3].strip() or not value.is_integer():
            found[match[0].strip()] = value
    return found


def near(value: float, other: float) -> bool:
    """Whether two figures are one: after rounding, as seconds for milliseconds, as percent for a share."""
    spellings = (other, other / 1000 if other >= 1000 else other, other * 100 if other <= 1 else other)
    return any(abs(value - spelling) <= TOLERANCE * max(abs(value), 1e-9) for spelling in spellings)
