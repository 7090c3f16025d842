"""Finds figures in an answer that stand in no tool result and in no message of the person."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from agent.grounding.figures import MONEY, PLAIN, SHARE, WrittenFigure, figures_in_source, figures_in_text

MONTHS = 12
SMALLEST_CLAIM = 10
"""Smaller whole numbers without a unit count things in a sentence ("3 options") and are not checked."""
PRECISE = 0.01
"""A figure without a unit is taken for a source's where it is written with three digits or more."""
MOST_DERIVED_FROM = 60


def unsupported_figures(text: str, sources: Iterable[str]) -> list[str]:
    """Return the figures of a text, as written, that neither a source holds nor simple arithmetic gives.

    A figure is supported where a source has one that counts the same and is it when rounded as it is written
    (to no fewer than two digits): "$2,700" is 2,715, and is not 2,800; 300 ms is no $300. Arithmetic starts
    from supported figures of the same answer only: a sum, a difference or a product of two, a difference in
    per cent; and a cost may be that of twelve months.
    """
    known = list({(f.value, f.unit): f for source in sources for f in figures_in_source(source)}.values())
    open_: list[WrittenFigure] = []
    cited: list[WrittenFigure] = []
    for claim in filter(is_claim, figures_in_text(text)):
        # Arithmetic is done on what was returned, not on what it was rounded to for the answer.
        sources_of = [other for other in known if matches(claim, other)]
        if claim.unit or claim.step < PRECISE * claim.value:
            cited += [source for source in sources_of if source.unit]
        open_ += [] if sources_of else [claim]
    if not open_:
        return []
    cited = list(dict.fromkeys(cited))[:MOST_DERIVED_FROM]
    return list(dict.fromkeys(figure.written for figure in open_ if not is_derived(figure, cited, known)))


def is_claim(figure: WrittenFigure) -> bool:
    """True if a figure is a claim, and not a small count of things in a sentence."""
    return figure.unit != PLAIN or figure.value >= SMALLEST_CLAIM or not figure.value.is_integer()


def matches(figure: WrittenFigure, source: WrittenFigure) -> bool:
    """True if a figure equals the source's when rounded as written; one without a unit matches any unit."""
    if figure.unit != source.unit and PLAIN not in (figure.unit, source.unit):
        return False
    if figure.unit in (MONEY, SHARE) and source.unit != figure.unit:
        return False
    return rounds_to(figure, source.value)


def rounds_to(figure: WrittenFigure, value: float) -> bool:
    """True if a value, rounded as the figure is written, gives the figure."""
    return abs(figure.value - value) <= figure.step * 1.001 + 1e-9 * abs(value)


def is_derived(figure: WrittenFigure, cited: Sequence[WrittenFigure], known: Sequence[WrittenFigure]) -> bool:
    """True if a figure is twelve times a cost, or a sum, difference or product of two cited figures."""
    if figure.unit == MONEY and any(
        rounds_to(figure, MONTHS * other.value) for other in (*cited, *known) if other.unit == MONEY
    ):
        return True
    return any(rounds_to(figure, value) for value in derived_values(figure, cited))


def derived_values(figure: WrittenFigure, cited: Sequence[WrittenFigure]) -> Iterable[float]:
    """Yield the values that two cited figures give in the figure's unit."""
    for one, other in permutations(cited, 2):
        if one.unit != other.unit:
            continue
        if figure.unit == SHARE and other.value and one.unit != SHARE:
            yield abs(one.value - other.value) / other.value * 100
        if figure.unit == one.unit != PLAIN:
            yield one.value + other.value
            yield abs(one.value - other.value)
    counts = [f for f in cited if f.unit in ("gpus", "replicas")]
    if figure.unit == "gpus":
        yield from (one.value * other.value for one, other in permutations(counts, 2))
