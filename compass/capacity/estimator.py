"""Estimates latencies: physics corrected by near measured runs, with an interval and a label."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from compass.benchmarks import Run, fetch_runs
from compass.capacity import physics
from compass.capacity.coefficients import Coefficients, coefficients_of
from compass.capacity.constants import (
    Constants,
    Generations,
    efficiency_of,
    load_constants,
    load_generations,
    load_habits,
)
from compass.capacity.evidence_distance import LoadDistances, configuration_distance, interval_half_width
from compass.capacity.evidence_runs import Runs, runs_of, shipped_evidence
from compass.capacity.fitted_kernel import FittedKernel, load_fitted_kernel
from compass.capacity.gaussian_process import NODES, GaussianProcess, Groups, fit_gaussian_process
from compass.capacity.kernel import Features, configuration_parts, features
from compass.capacity.memory import memory_of
from compass.capacity.physics import held_tokens
from compass.capacity.shapes import NETWORK_DOUBT, Shapes, shapes_of, spans_machines
from compass.capacity.types import Configuration, FloatArray, IntArray, Memory, Prediction
from compass.catalog import Catalog
from compass.core import Evidence, InvalidInput

if TYPE_CHECKING:
    from compass.store import Store

Z80 = 1.2815515655446004
"""An 80 % interval reaches this many standard deviations to each side."""


@dataclass(frozen=True)
class Estimator:
    """Predicts latencies: constants, evidence, and the Gaussian processes fitted on its residuals."""

    constants: Constants
    kernel: FittedKernel
    runs: Runs
    groups: Groups
    itl: GaussianProcess
    ttft: GaussianProcess
    generations: Generations
    habits: Generations

    @staticmethod
    @cache
    def shipped() -> "Estimator":
        """The estimator with all shipped runs as its evidence."""
        return Estimator.of_runs(shipped_evidence())

    @staticmethod
    @cache
    def for_plans() -> "Estimator":
        """The estimator for plans: all shipped runs except the outliers."""
        return Estimator.of_runs(shipped_evidence().without_outliers(load_fitted_kernel().outliers))

    @staticmethod
    def from_runs(rows: Iterable[Run], catalog: Catalog) -> "Estimator":
        """The estimator for plans with some benchmark runs, shipped outliers excepted.

        Raises:
            InvalidInput: none of the runs is of a known model and GPU.
        """
        runs = runs_of(rows, catalog)
        if not len(runs):
            raise InvalidInput(
                "benchmarks",
                "no run in use is of a known model and GPU. `compass benchmarks list` shows the sources, "
                "`compass benchmarks use SOURCE` takes one in again.",
            )
        return Estimator.of_runs(runs.without_outliers(load_fitted_kernel().outliers))

    @staticmethod
    async def from_store(store: "Store", catalog: Catalog) -> "Estimator":
        """The estimator for plans with the store's runs: those of pinned sources, else of all sources in use.

        Raises:
            InvalidInput: no source in use has a run of a known model and GPU.
        """
        rows = await fetch_runs(store, for_planning=True)
        # A chat serves its page meanwhile.
        return await asyncio.to_thread(Estimator.from_runs, rows, catalog)

    @staticmethod
    def of_runs(
        runs: Runs, constants: Constants | None = None, kernel: FittedKernel | None = None
    ) -> "Estimator":
        """The estimator with some runs as its evidence."""
        constants, kernel, generations = (
            constants or load_constants(),
            kernel or load_fitted_kernel(),
            load_generations(),
        )
        configs, of_run = runs.series, runs.of_run
        counted = shapes_of(configs)
        base = coefficients_of(
            configs, counted, memory_of(counted), constants, efficiency_of(configs, generations)
        ).rows(of_run)
        latency = physics.latency(
            base,
            constants,
            runs.concurrency[:, None],
            runs.prompt_tokens[:, None],
            runs.output_tokens[:, None],
        )
        groups = Groups(
            features=features(configs, counted),
            of_run=of_run,
            loads=np.log(np.column_stack([runs.concurrency, runs.prompt_tokens, runs.output_tokens])),
            waiting=latency.waiting[:, 0],
        )
        itl = np.log(runs.itl_ms) - np.log(latency.itl_ms[:, 0])
        ttft = np.log(runs.ttft_ms) - np.log(latency.ttft_ms[:, 0])
        noise = {
            name: np.hypot(getattr(kernel, name).noise_of(runs.ids), doubt[:-1])
            for name, doubt in runs.doubt.items()
        }
        return Estimator(
            constants=constants,
            kernel=kernel,
            runs=runs,
            groups=groups,
            itl=fit_gaussian_process(kernel.itl.components, noise["itl"], groups, itl),
            ttft=fit_gaussian_process(
                kernel.ttft.components,
                noise["ttft"],
                groups,
                ttft,
            ),
            generations=generations,
            habits=load_habits(),
        )

    def with_habits(self) -> "Estimator":
        """The estimator for published runs, whose engines are less tuned."""
        return replace(self, generations=self.habits)

    def compile(self, configs: Sequence[Configuration]) -> "CompiledBatch":
        """Precomputes what does not depend on the load, for repeated predictions."""
        counted = shapes_of(configs)
        memory = memory_of(counted)
        seen = features(configs, counted)
        efficiency = efficiency_of(configs, self.generations)
        both = (*self.itl.components, *self.ttft.components)
        parts = list(configuration_parts(both, seen, self.groups.features))
        return CompiledBatch(
            estimator=self,
            configs=tuple(configs),
            shapes=counted,
            memory=memory,
            coefficients=coefficients_of(configs, counted, memory, self.constants, efficiency),
            features=seen,
            itl_parts=parts[: len(self.itl.components)],
            ttft_parts=parts[len(self.itl.components) :],
            distances=configuration_distance(seen, self.groups.features),
            doubt=np.hypot(efficiency.doubt, NETWORK_DOUBT * spans_machines(counted)),
        )

    def memory(self, configs: Sequence[Configuration]) -> Memory:
        """Memory of N configurations, per GPU in GiB."""
        return memory_of(shapes_of(configs))

    def predict(
        self,
        configs: Sequence[Configuration],
        concurrency: FloatArray,
        prompt_tokens: FloatArray | float,
        output_tokens: FloatArray | float,
    ) -> Prediction:
        """Typical TTFT and ITL of N configurations at B loads.

        `concurrency` has shape (B,) or (N, B); tokens are numbers or arrays of shape (N,).
        """
        return self.compile(configs).predict(concurrency, prompt_tokens, output_tokens)

    def evidence_of(self, index: int, distance: float | None = None) -> Evidence:
        """The evidence label of a prediction whose nearest run is `index` (−1: none)."""
        if index < 0:
            return Evidence(kind="estimated")
        config = self.runs.configs[index]
        version = f", vLLM {config.engine_version}" if config.engine_version else ""
        runs = self.runs
        nearest = (
            f"{runs.ids[index]}: {config.model} {config.precision} on {config.gpus} x {config.gpu.name}, "
            f"{runs.prompt_tokens[index]:.0f} to {runs.output_tokens[index]:.0f} tokens, "
            f"concurrency {runs.concurrency[index]:.0f}{version}"
        )
        grade = runs.kinds[index]
        if grade != "measured":
            nearest = f"{nearest} ({grade})"
        kind = grade if distance is not None and distance < MEASURED_BELOW else "estimated"
        return Evidence(kind=kind, nearest=nearest, nearest_source=runs.sources[index], distance=distance)


Tables = tuple[FloatArray, FloatArray]
"""Log corrections at the nodes, without and with waiting for KV cache."""

MEASURED_BELOW = 0.05
"""Distance below which a prediction counts as the run itself."""


@dataclass
class CompiledBatch:
    """N configurations with all that does not depend on the load."""

    estimator: Estimator
    configs: tuple[Configuration, ...]
    shapes: Shapes
    memory: Memory
    coefficients: Coefficients
    features: Features
    itl_parts: list[FloatArray]
    ttft_parts: list[FloatArray]
    distances: FloatArray
    """Squared distances to the configurations of the evidence, shape (N, G)."""
    doubt: FloatArray
    """Half width (log) that every interval grows by for an unmeasured GPU generation, shape (N, 1)."""
    tables: dict[tuple[float, float], tuple[Tables, Tables]] = field(default_factory=dict)
    load_distances: dict[tuple[float, float], LoadDistances] = field(default_factory=dict)

    def predict(
        self,
        concurrency: FloatArray,
        prompt_tokens: FloatArray | float,
        output_tokens: FloatArray | float,
    ) -> Prediction:
        """As `Estimator.predict`, for the compiled configurations."""
        loads = np.asarray(concurrency, dtype=np.float64)
        wide = np.broadcast_to(loads, (len(self.configs), loads.shape[-1]))
        prompt, output = (
            np.asarray(prompt_tokens, dtype=np.float64),
            np.asarray(output_tokens, dtype=np.float64),
        )
        if prompt.ndim == 0 and output.ndim == 0:
            return self._predict(wide, float(prompt), float(output))
        return self._predict_mixed(
            wide, np.broadcast_to(prompt, len(self.configs)), np.broadcast_to(output, len(self.configs))
        )

    def cache_tokens(self, prompt: float, output: float) -> FloatArray:
        """Tokens of like requests that the KV cache holds, shape (N,), by cache type, windows and states."""
        length = prompt + output
        result: FloatArray = self.coefficients.capacity * length / held_tokens(self.coefficients, length)
        return result[:, 0]

    def rows(self, index: IntArray) -> "CompiledBatch":
        """The batch of some of the configurations."""
        return replace(
            self,
            configs=tuple(self.configs[i] for i in index),
            shapes=self.shapes.rows(index),
            memory=self.memory.rows(index),
            coefficients=self.coefficients.rows(index),
            itl_parts=[part[index] for part in self.itl_parts],
            ttft_parts=[part[index] for part in self.ttft_parts],
            distances=self.distances[index],
            doubt=self.doubt[index],
            tables={},
        )

    def _predict_mixed(self, loads: FloatArray, prompt: FloatArray, output: FloatArray) -> Prediction:
        """Predicts each pair of prompt and output length on its own and restores the order."""
        pairs, which = np.unique(np.column_stack([prompt, output]), axis=0, return_inverse=True)
        order = [np.flatnonzero(which.ravel() == at) for at in range(len(pairs))]
        parts = [
            self.rows(index)._predict(loads[index], float(pair[0]), float(pair[1]))
            for pair, index in zip(pairs, order, strict=True)
        ]
        back = np.argsort(np.concatenate(order))

        def join(name: str) -> FloatArray:
            joined: FloatArray = np.concatenate([getattr(part, name) for part in parts])[back]
            return joined

        return Prediction(
            ttft_ms=join("ttft_ms"),
            itl_ms=join("itl_ms"),
            ttft_log_spread=join("ttft_log_spread"),
            itl_log_spread=join("itl_log_spread"),
            nearest_run=join("nearest_run").astype(np.int64),
            distance=join("distance"),
        )

    def _predict(self, loads: FloatArray, prompt: float, output: float) -> Prediction:
        base = physics.latency(self.coefficients, self.estimator.constants, loads, prompt, output)
        itl_tables, ttft_tables = self._tables(prompt, output)
        asked = np.log(np.maximum(loads, 1e-9))
        place = np.clip((asked - NODES[0]) / (NODES[1] - NODES[0]), 0.0, len(NODES) - 1.001)
        below = place.astype(np.int64)
        part = place - below
        row = np.arange(len(loads))[:, None]

        def corrected(value: FloatArray, tables: Tables) -> FloatArray:
            free, full = (table[row, below] * (1.0 - part) + table[row, below + 1] * part for table in tables)
            result: FloatArray = value * np.exp(free + base.waiting * (full - free))
            return result

        distance, run = self._distances_at(prompt, output).nearest(self.distances, asked)
        best = np.argmin(distance, axis=1)[:, None]
        spread = self.estimator.kernel
        doubt = {name: np.hypot(self.doubt, Z80 * of[run]) for name, of in self.estimator.runs.doubt.items()}
        return Prediction(
            ttft_ms=corrected(base.ttft_ms, ttft_tables),
            itl_ms=corrected(base.itl_ms, itl_tables),
            ttft_log_spread=np.hypot(
                interval_half_width(spread.ttft.spread, distance, base.waiting), doubt["ttft"]
            ),
            itl_log_spread=np.hypot(
                interval_half_width(spread.itl.spread, distance, base.waiting), doubt["itl"]
            ),
            nearest_run=np.take_along_axis(run, best, axis=1)[:, 0],
            distance=np.take_along_axis(distance, best, axis=1)[:, 0],
        )

    def _distances_at(self, prompt: float, output: float) -> LoadDistances:
        key = (prompt, output)
        if key not in self.load_distances:
            self.load_distances[key] = LoadDistances(self.estimator.groups, prompt, output)
        return self.load_distances[key]

    def _tables(self, prompt: float, output: float) -> tuple[Tables, Tables]:
        key = (prompt, output)
        if key not in self.tables:
            self.tables[key] = (
                self.estimator.itl.tables(self.itl_parts, prompt, output),
                self.estimator.ttft.tables(self.ttft_parts, prompt, output),
            )
        return self.tables[key]
