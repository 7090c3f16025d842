"""80 % intervals of published runs, by kind of load."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from compass.core import parse_yaml

INTERVALS_FILE = Path(__file__).parent / "data" / "published_intervals.yaml"

Latency = Literal["ttft", "itl"]
WAITING = 0.5
"""Share of TTFT spent waiting for a start, from which a run counts as queueing."""


LOAD_CLASSES = tuple(f"{load} {state}" for load in ("closed", "open", "burst") for state in ("calm", "queue"))
"""Classes of runs with an interval each: kind of load, and whether requests queue."""


@dataclass(frozen=True)
class PublishedInterval:
    """Factors on an estimate between which 80 % of published runs lie."""

    low: float
    high: float


def load_class(load: str, waiting: float) -> str:
    """The class of a run by its kind of load and the share of TTFT spent waiting."""
    return f"{load if load in ('open', 'burst') else 'closed'} {'queue' if waiting >= WAITING else 'calm'}"


@functools.cache
def load_published_intervals(path: Path = INTERVALS_FILE) -> dict[Latency, dict[str, PublishedInterval]]:
    """The shipped intervals by latency and class."""
    content: dict[Latency, dict[str, Any]] = parse_yaml(path.read_text(encoding="utf-8"))
    return {
        name: {key: PublishedInterval(**row) for key, row in rows.items()} for name, rows in content.items()
    }
