"""A Gaussian process over log residuals corrects physics by measured runs.

Rasmussen and Williams, Gaussian Processes for Machine Learning, ch. 2: the correction at a point is
k(point, runs) · (K + noise)^-1 · residuals. A measured neighbourhood becomes nearly exact, an unknown one
falls back to physics. For a batch of configurations and one shape of traffic the correction is tabulated
over log concurrency, so that an operating point costs one interpolation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity.kernel import Component, Features, configuration_parts, load_part
from compass.capacity.types import FloatArray, IntArray

NODES = np.linspace(np.log(0.5), np.log(16384.0), 53)
"""Log concurrencies where corrections are tabulated; their step, a fifth, is well below any length scale."""


@dataclass(frozen=True)
class Groups:
    """Runs gathered by configuration: G distinct configurations and the group of each run."""

    features: Features
    of_run: IntArray
    loads: FloatArray
    """Shape (R, 3): log concurrency, log prompt, log output."""
    waiting: FloatArray
    """Shape (R,): share of TTFT that is waiting for KV cache, by physics."""

    @property
    def count(self) -> int:
        """Distinct configurations."""
        return len(self.features.size)

    def gather(self, per_run: FloatArray) -> FloatArray:
        """Sums over the runs of each group: (R, T) → (G, T)."""
        order = np.argsort(self.of_run, kind="stable")
        starts = np.searchsorted(self.of_run[order], np.arange(self.count))
        sums: FloatArray = np.add.reduceat(per_run[order], starts, axis=0)
        return sums


@dataclass(frozen=True)
class GaussianProcess:
    """A fitted process: its components and the weights of the runs.

    What a full KV cache does to one configuration says nothing about those whose cache is not full: the last
    component is that of waiting, and joins runs by how much they wait; the others by how much they do not.
    """

    components: tuple[Component, ...]
    groups: Groups
    weights: FloatArray
    """Shape (R,)."""

    def tables(
        self, parts: Sequence[FloatArray], prompt: float, output: float
    ) -> tuple[FloatArray, FloatArray]:
        """Log correction of N configurations at the nodes without and with waiting, shape (N, nodes) each."""
        loads = np.column_stack(
            [NODES, np.full(len(NODES), np.log(prompt)), np.full(len(NODES), np.log(output))]
        )
        free = np.zeros((len(parts[0]), len(NODES)))
        full = free
        for component, part, share in zip(self.components, parts, self._shares(), strict=True):
            spread = load_part(component, self.groups.loads, loads) * (self.weights * share)[:, None]
            total = component.variance * (part @ self.groups.gather(spread))
            free, full = (free, full + total) if component is self.components[-1] else (free + total, full)
        return free, full

    def _shares(self) -> list[FloatArray]:
        return shares(len(self.components), self.groups.waiting)


def shares(components: int, waiting: FloatArray) -> list[FloatArray]:
    """Share of each run that each component explains: the last one the waiting, the others the rest."""
    return [1.0 - waiting] * (components - 1) + [waiting]


def covariance(components: Sequence[Component], groups: Groups) -> FloatArray:
    """Covariance of the runs with each other, without noise."""
    total = np.zeros((len(groups.of_run), len(groups.of_run)))
    # Benchmarks are run at the same few loads: each pair of loads is compared once.
    loads, of_run = np.unique(groups.loads, axis=0, return_inverse=True)
    same_configs, same_loads = np.ix_(groups.of_run, groups.of_run), np.ix_(of_run.ravel(), of_run.ravel())
    parts = configuration_parts(components, groups.features, groups.features)
    for component, share, part in zip(
        components, shares(len(components), groups.waiting), parts, strict=True
    ):
        spread = component.variance * np.outer(share, share)
        total += spread * part[same_configs] * load_part(component, loads, loads)[same_loads]
    return total


def fit_gaussian_process(
    components: Sequence[Component], noise: FloatArray, groups: Groups, residuals: FloatArray
) -> GaussianProcess:
    """The process that explains `residuals` (logs) with a noise of standard deviation `noise`, shape (R,)."""
    matrix = covariance(components, groups)
    matrix[np.diag_indices_from(matrix)] += noise**2
    weights: FloatArray = np.asarray(np.linalg.solve(matrix, residuals), dtype=np.float64)
    return GaussianProcess(tuple(components), groups, weights)
