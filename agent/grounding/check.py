"""Finds figures in an answer that stand in no tool result and in no message of the person."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from agent.grounding.figures import MONEY, PLAIN, SHARE, Figure, in_source, in_text

MONTHS = 12
COUNTED_FROM = 10
"""Smaller whole numbers without a unit count things in a sentence ("3 options") and are let be."""
PRECISE = 0.01
"""A figure without a unit is taken for a source's where it is written with three digits or more."""
MOST_DERIVED_FROM = 60


def unsupported(text: str, sources: Iterable[str]) -> list[str]:
    """Figures of the text, as written, that neither a source holds nor honest arithmetic gives.

    A figure is supported where a source has one that counts the same and is it when rounded as it is written
    (to no fewer than two digits): "$2,700" is 2,715, and is not 2,800; 300 ms is no $300. Arithmetic starts
    from supported figures of the same answer only: a sum, a difference or a product of two, a difference in
    per cent; and a cost may be that of twelve months.
    """
    known = list({(f.value, f.unit): f for source in sources for f in in_source(source)}.values())
    open_: list[Figure] = []
    cited: list[Figure] = []
    for claim in filter(tells_something, in_text(text)):
        # Arithmetic is done on what was returned, not on what it was rounded to for the answer.
        sources_of = [other for other in known if same(claim, other)]
        if claim.unit or claim.step < PRECISE * claim.value:
            cited += [source for source in sources_of if source.unit]
        open_ += [] if sources_of else [claim]
    if not open_:
        return []
    cited = list(dict.fromkeys(cited))[:MOST_DERIVED_FROM]
    return list(dict.fromkeys(figure.written for figure in open_ if not derived(figure, cited, known)))


def tells_something(figure: Figure) -> bool:
    """Whether a figure is a claim, and not the count of a sentence's things."""
    return figure.unit != PLAIN or figure.value >= COUNTED_FROM or not figure.value.is_integer()


def same(figure: Figure, source: Figure) -> bool:
    """Whether a figure is the source's, as rounded as it is written; one without a unit is any."""
    if figure.unit != source.unit and PLAIN not in (figure.unit, source.unit):
        return False
    if figure.unit in (MONEY, SHARE) and source.unit != figure.unit:
        return False
    return near(figure, source.value)


def near(figure: Figure, value: float) -> bool:
    """Whether a value gives the figure when rounded."""
    return abs(figure.value - value) <= figure.step * 1.001 + 1e-9 * abs(value)


def derived(figure: Figure, cited: Sequence[Figure], known: Sequence[Figure]) -> bool:
    """Whether a figure follows from others by arithmetic that people do in their heads."""
    if figure.unit == MONEY and any(
        near(figure, MONTHS * other.value) for other in (*cited, *known) if other.unit == MONEY
    ):
        return True
    return any(near(figure, value) for value in consequences(figure, cited))


def consequences(figure: Figure, cited: Sequence[Figure]) -> Iterable[float]:
    """What two cited figures give that counts what the figure does."""
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
