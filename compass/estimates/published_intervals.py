"""80 % intervals of published runs, by kind of load."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from compass.core import parse_yaml

DATA = Path(__file__).parent / "data"

Latency = Literal["ttft", "itl"]
WAITING = 0.5
"""Share of TTFT spent waiting for a start, from which a run counts as queueing."""


CELLS = tuple(f"{load} {state}" for load in ("closed", "open", "burst") for state in ("calm", "queue"))
"""Classes of runs with an interval each: kind of load, and whether requests queue."""


@dataclass(frozen=True)
class Range:
    """Factors on an estimate between which 80 % of published runs lie."""

    low: float
    high: float


def cell(load: str, waiting: float) -> str:
    """The class of a run by its kind of load and the share of TTFT spent waiting."""
    return f"{load if load in ('open', 'burst') else 'closed'} {'queue' if waiting >= WAITING else 'calm'}"


@functools.cache
def load_ranges(path: Path = DATA / "published_intervals.yaml") -> dict[Latency, dict[str, Range]]:
    """The shipped intervals by latency and class."""
    content: dict[Latency, dict[str, Any]] = parse_yaml(path.read_text(encoding="utf-8"))
    return {name: {key: Range(**row) for key, row in cells.items()} for name, cells in content.items()}
