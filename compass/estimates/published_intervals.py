"""How far published runs lie from their estimates: the intervals of runs with habits of their own."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from compass.capacity import FloatArray
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data"

Latency = Literal["ttft", "itl"]
WAITING = 0.5
"""Share of TTFT that is waiting to be started, from which a run is one of queues."""
FEWEST = 30.0
"""Runs of a cell that weigh as much as all runs together."""
COVERAGE = 0.82
LEAST = 0.05
"""Log half width below which nobody's server repeats itself."""


CELLS = tuple(f"{load} {state}" for load in ("closed", "open", "burst") for state in ("calm", "queue"))
"""What runs are compared with: their kind of load, and whether requests queue."""


@dataclass(frozen=True)
class Range:
    """Of a latency, the factors on an estimate between which 80 % of published runs lie."""

    low: float
    high: float


def cell(load: str, waiting: float) -> str:
    """The cell of a run."""
    return f"{load if load in ('open', 'burst') else 'closed'} {'queue' if waiting >= WAITING else 'calm'}"


@functools.cache
def load_ranges(path: Path = DATA / "published_intervals.yaml") -> dict[Latency, dict[str, Range]]:
    """The data file."""
    content: dict[Latency, dict[str, Any]] = parse_yaml(path.read_text(encoding="utf-8"))
    return {name: {key: Range(**row) for key, row in cells.items()} for name, cells in content.items()}


def fit_ranges(cells: list[str], left: FloatArray, weight: FloatArray) -> dict[str, Range]:
    """Ranges of each cell from the log residuals of runs, shape (C,); small cells lean on all runs."""
    seen = np.isfinite(left)
    ends = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
    everyone = [weighted_quantile(left[seen], weight[seen], end) for end in ends]
    result = {}
    for name in CELLS:
        mine = seen & np.array([other == name for other in cells])
        count = float(mine.sum())
        own = [weighted_quantile(left[mine], weight[mine], end) if count else 0.0 for end in ends]
        low, high = (
            (count * here + FEWEST * there) / (count + FEWEST)
            for here, there in zip(own, everyone, strict=True)
        )
        factors = np.exp([min(low, -LEAST), max(high, LEAST)])
        result[name] = Range(*(round(float(factor), 3) for factor in factors))
    return result


def weighted_quantile(values: FloatArray, weight: FloatArray, share: float) -> float:
    """The value below which a share of the weight lies."""
    order = np.argsort(values)
    reached = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    return float(np.interp(share, reached, values[order]))
