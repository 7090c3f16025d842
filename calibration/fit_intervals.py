"""Fits the range of factors between estimates and published runs, for each kind of load."""

import numpy as np

from compass.capacity import FloatArray
from compass.estimates import LOAD_CLASSES, PublishedInterval

FEWEST = 30.0
"""Runs of a class that count as much as all runs together."""
COVERAGE = 0.82
"""Target when fitting 80 % intervals; above 0.80 because new runs are less alike than held-out ones."""
LEAST = 0.05
"""Smallest log half width: two runs of one server differ by as much."""


def fit_intervals(classes: list[str], left: FloatArray, weight: FloatArray) -> dict[str, PublishedInterval]:
    """Fit the range of each class to log residuals, shape (C,); small classes are shrunk towards all runs."""
    seen = np.isfinite(left)
    ends = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
    everyone = [weighted_quantile(left[seen], weight[seen], end) for end in ends]
    result = {}
    for name in LOAD_CLASSES:
        mine = seen & np.array([other == name for other in classes])
        count = float(mine.sum())
        own = [weighted_quantile(left[mine], weight[mine], end) if count else 0.0 for end in ends]
        low, high = (
            (count * here + FEWEST * there) / (count + FEWEST)
            for here, there in zip(own, everyone, strict=True)
        )
        factors = np.exp([min(low, -LEAST), max(high, LEAST)])
        result[name] = PublishedInterval(*(round(float(factor), 3) for factor in factors))
    return result


def weighted_quantile(values: FloatArray, weight: FloatArray, share: float) -> float:
    """The value below which a share of the weight lies."""
    order = np.argsort(values)
    reached = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    return float(np.interp(share, reached, values[order]))
