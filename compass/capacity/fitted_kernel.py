"""What calibration learnt beside the constants: likeness of configurations and width of intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from compass.capacity.constants import DATA
from compass.capacity.kernel import Component
from compass.capacity.types import FloatArray
from compass.core import parse_yaml


@dataclass(frozen=True)
class Spread:
    """Half width of the 80 % interval (log) at some distances of the nearest run; linear between them."""

    distance: tuple[float, ...]
    half_width: tuple[float, ...]
    waiting: float = 0.0
    """Half width (log) that waiting for KV cache adds, in quadrature, where it is all of TTFT."""


@dataclass(frozen=True)
class LearntLatency:
    """Of TTFT or of ITL: the covariance of log residuals, and the intervals."""

    components: tuple[Component, ...]
    noise: float
    """Standard deviation of a run's log latency."""
    spread: Spread
    doubtful: dict[str, float] = field(default_factory=dict)
    """Runs that their neighbours contradict: how many times the variance of the noise they are given."""

    def noise_of(self, ids: Sequence[str]) -> FloatArray:
        """Standard deviation of each run's log latency, shape (R,)."""
        return self.noise * np.sqrt([self.doubtful.get(run, 1.0) for run in ids])


@dataclass(frozen=True)
class Learnt:
    """Of both latencies."""

    itl: LearntLatency
    ttft: LearntLatency
    aside: dict[str, str] = field(default_factory=dict)
    """Shipped runs that no plan leans on, and why."""


@cache
def load_learnt(path: Path = DATA / "fitted_kernel.yaml") -> Learnt:
    """The shipped result of calibration."""
    content = parse_yaml(path.read_text(encoding="utf-8"))
    return Learnt(
        itl=_latency(content["itl"]), ttft=_latency(content["ttft"]), aside=content.get("aside") or {}
    )


def _latency(entry: dict[str, Any]) -> LearntLatency:
    names = [field.name for field in fields(Component)]
    return LearntLatency(
        components=tuple(Component(**{n: float(row[n]) for n in names}) for row in entry["components"]),
        noise=float(entry["noise"]),
        spread=Spread(
            distance=tuple(map(float, entry["spread"]["distance"])),
            half_width=tuple(map(float, entry["spread"]["half_width"])),
            waiting=float(entry["spread"]["waiting"]),
        ),
        doubtful={run: float(factor) for run, factor in (entry["doubtful"] or {}).items()},
    )
