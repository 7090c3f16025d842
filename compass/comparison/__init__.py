"""Named alternatives side by side at one load, with the differences that matter."""

from compass.comparison.compare import compare_alternatives
from compass.comparison.types import ALIKE, ComparedDifference, ComparedPlan, Comparison, Side, title_of

__all__ = [
    "ALIKE",
    "ComparedDifference",
    "ComparedPlan",
    "Comparison",
    "Side",
    "compare_alternatives",
    "title_of",
]
