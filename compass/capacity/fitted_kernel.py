"""The fitted covariance of log residuals, the noise of runs and the width of intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from compass.capacity.constants import FITTED_DATA
from compass.capacity.kernel import Component
from compass.capacity.types import FloatArray
from compass.core import parse_yaml


@dataclass(frozen=True)
class IntervalWidths:
    """Half widths (log) of the 80 % interval by distance to the nearest run; linear between them."""

    distance: tuple[float, ...]
    half_width: tuple[float, ...]
    waiting: float = 0.0
    """Half width (log) added in quadrature where all of TTFT is waiting for KV cache."""


@dataclass(frozen=True)
class FittedLatency:
    """Covariance, noise and intervals of TTFT or of ITL."""

    components: tuple[Component, ...]
    noise: float
    """Standard deviation of a run's log latency."""
    spread: IntervalWidths
    doubtful: dict[str, float] = field(default_factory=dict)
    """Factor on the noise variance of runs that their neighbours contradict."""

    def noise_of(self, ids: Sequence[str]) -> FloatArray:
        """Standard deviation of each run's log latency, shape (R,)."""
        return self.noise * np.sqrt([self.doubtful.get(run, 1.0) for run in ids])


@dataclass(frozen=True)
class FittedKernel:
    """The fit of both latencies."""

    itl: FittedLatency
    ttft: FittedLatency
    outliers: dict[str, str] = field(default_factory=dict)
    """Shipped runs excluded from planning, with the reason."""


@cache
def load_fitted_kernel(path: Path = FITTED_DATA / "fitted_kernel.yaml") -> FittedKernel:
    """Reads the shipped fit."""
    content = parse_yaml(path.read_text(encoding="utf-8"))
    return FittedKernel(
        itl=_latency(content["itl"]), ttft=_latency(content["ttft"]), outliers=content["outliers"] or {}
    )


def _latency(entry: dict[str, Any]) -> FittedLatency:
    names = [field.name for field in fields(Component)]
    return FittedLatency(
        components=tuple(Component(**{n: float(row[n]) for n in names}) for row in entry["components"]),
        noise=float(entry["noise"]),
        spread=IntervalWidths(
            distance=tuple(map(float, entry["spread"]["distance"])),
            half_width=tuple(map(float, entry["spread"]["half_width"])),
            waiting=float(entry["spread"]["waiting"]),
        ),
        doubtful={run: float(factor) for run, factor in (entry["doubtful"] or {}).items()},
    )
