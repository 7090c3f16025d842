"""Distance of a prediction to the nearest measured run, and the interval width that follows.

The distance is measured in units in which 0 is the same configuration and load, below 0.5 a near one and
above 2 another neighbourhood, where physics alone speaks.
"""

import numpy as np

from compass.capacity.fitted_kernel import IntervalWidths
from compass.capacity.gaussian_process import NODES, Groups
from compass.capacity.kernel import FAR_ENGINE, Features
from compass.capacity.types import FloatArray, IntArray
from compass.capacity.vllm_releases import UNSTATED

# Squared distances that differences add; those of logs are per squared unit. A model is like one of its
# family (dense, mixture of experts, latent attention, recurrent) and size before it is like any other.
MODEL, FAMILY, SIZE, GPU, GPU_CLASS, PRECISION, ENGINE, COPIES = 5.0, 2.0, 0.15, 0.5, 2.25, 0.64, 0.01, 0.04


def configuration_distance(a: Features, b: Features) -> FloatArray:
    """Squared distance of configurations, shape (len(a), len(b))."""
    engine = np.minimum(np.abs(a.engine[:, None] - b.engine[None, :]), FAR_ENGINE)
    engine[(a.engine[:, None] == UNSTATED) | (b.engine[None, :] == UNSTATED)] = 0.0
    total = (
        MODEL * (a.model[:, None] != b.model[None, :])
        + FAMILY * (a.family[:, None] != b.family[None, :])
        + SIZE * (a.size[:, None] - b.size[None, :]) ** 2
        + GPU * (a.gpu[:, None] != b.gpu[None, :])
        + GPU_CLASS * (a.gpu_class[:, None] != b.gpu_class[None, :])
        + PRECISION * (a.precision[:, None] != b.precision[None, :])
        + ENGINE * engine**2
        + (a.gpus[:, None] - b.gpus[None, :]) ** 2
        + COPIES * (a.data[:, None] - b.data[None, :]) ** 2
        + COPIES * (a.expert[:, None] - b.expert[None, :]) ** 2
    )
    return np.asarray(total, dtype=np.float64)


class LoadDistances:
    """Squared distances from one pair of prompt and output length, at each concurrency node, to the runs."""

    def __init__(self, groups: Groups, prompt: float, output: float) -> None:
        self.concurrency = groups.loads[:, 0]
        self.tokens = (groups.loads[:, 1] - np.log(prompt)) ** 2 + (groups.loads[:, 2] - np.log(output)) ** 2
        square = self.tokens[:, None] + (self.concurrency[:, None] - NODES[None, :]) ** 2
        self.best = np.full((groups.count, len(NODES)), np.inf)
        self.run = np.full((groups.count, len(NODES)), -1, dtype=np.int64)
        for run, group in enumerate(groups.of_run):
            nearer = square[run] < self.best[group]
            self.best[group, nearer] = square[run, nearer]
            self.run[group, nearer] = run

    def nearest(self, configurations: FloatArray, loads: FloatArray) -> tuple[FloatArray, IntArray]:
        """Distance of each configuration at each load to its nearest run, and that run, shape (N, B) each.

        `configurations` are squared distances to each group, (N, G); `loads` are logs of concurrency, (N, B).
        """
        count, groups = configurations.shape
        distance = np.full(loads.shape, np.inf)
        run = np.full(loads.shape, -1, dtype=np.int64)
        if not groups or not count:
            return distance, run
        nodes = np.rint((loads - NODES[0]) / (NODES[1] - NODES[0])).clip(0, len(NODES) - 1).astype(np.int64)
        shared = bool((nodes == nodes[:1]).all())
        for at in range(loads.shape[1]):
            node = nodes[:1, at] if shared else nodes[:, at]
            group = np.argmin(configurations + self.best[:, node].T, axis=1)
            run[:, at] = self.run[group, node]
            # The node only chose the run; the distance is that of the load itself.
            near = np.take_along_axis(configurations, group[:, None], axis=1)[:, 0]
            gap = (loads[:, at] - self.concurrency[run[:, at]]) ** 2
            distance[:, at] = np.sqrt(near + self.tokens[run[:, at]] + gap)
        return distance, run


def interval_half_width(spread: IntervalWidths, distance: FloatArray, waiting: FloatArray) -> FloatArray:
    """Half width (log) of the 80 % interval at a distance; the widest beyond the last.

    `waiting` is the share of TTFT that is waiting for KV cache: where the cache is nearly full, a few per
    cent more or less of it decide how long.
    """
    far = np.where(np.isfinite(distance), distance, 1e9)
    result: FloatArray = np.hypot(
        np.interp(far, spread.distance, spread.half_width), spread.waiting * waiting
    )
    return result
