"""How near the nearest measured run is, and what that says about the width of an interval."""

import numpy as np

from tools.capacity.kernel import UNSTATED_ENGINE, Features
from tools.capacity.learnt import Spread
from tools.capacity.residuals import Groups
from tools.capacity.types import FloatArray

# Squared distances: 0 is the same configuration and load, below 0.5 near, above 2 another neighbourhood.
MODEL, GPU, GPU_CLASS, PRECISION, ENGINE = 6.25, 0.5, 2.25, 0.64, 0.0025


def configuration_distance(a: Features, b: Features) -> FloatArray:
    """Squared distance of configurations, shape (len(a), len(b))."""
    engine = np.abs(a.engine[:, None] - b.engine[None, :])
    engine[(a.engine[:, None] == UNSTATED_ENGINE) | (b.engine[None, :] == UNSTATED_ENGINE)] = 0.0
    total = (
        MODEL * (a.model[:, None] != b.model[None, :])
        + GPU * (a.gpu[:, None] != b.gpu[None, :])
        + GPU_CLASS * (a.gpu_class[:, None] != b.gpu_class[None, :])
        + PRECISION * (a.precision[:, None] != b.precision[None, :])
        + ENGINE * engine**2
        + (a.tensor[:, None] - b.tensor[None, :]) ** 2
        + 2.25 * (a.data[:, None] - b.data[None, :]) ** 2
        + 0.49 * (a.expert[:, None] - b.expert[None, :]) ** 2
    )
    return np.asarray(total, dtype=np.float64)


def load_distance(
    groups: Groups, configurations: FloatArray, loads: FloatArray, prompt: float, output: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], FloatArray]:
    """The nearest run of each configuration over its loads, and its distance; shapes (N,)."""
    count = len(configurations)
    if not len(groups.of_run) or not count:
        return np.full(count, -1, dtype=np.int64), np.full(count, np.inf)
    tokens = (groups.loads[:, 1] - np.log(prompt)) ** 2 + (groups.loads[:, 2] - np.log(output)) ** 2
    shared = np.all(loads == loads[:1])
    rows = loads[:1] if shared else loads
    best = np.stack([_nearest_load(groups.loads[:, 0], row) for row in np.log(np.maximum(rows, 1e-9))])
    square = configurations[:, groups.of_run] + (tokens + best)
    nearest = np.argmin(square, axis=1)
    return nearest.astype(np.int64), np.sqrt(square[np.arange(count), nearest])


def _nearest_load(measured: FloatArray, asked: FloatArray) -> FloatArray:
    """Squared log distance of each run's concurrency to the nearest of those asked for."""
    result: FloatArray = ((measured[:, None] - asked[None, :]) ** 2).min(axis=1)
    return result


def spread_at(spread: Spread, distance: FloatArray) -> FloatArray:
    """Half width (log) of the 80 % interval at a distance; the widest beyond the last."""
    far = np.where(np.isfinite(distance), distance, 1e9)
    return np.interp(far, spread.distance, spread.half_width)
