"""Benchmark runs as the estimator's evidence: configurations, loads, latencies and their grade, in arrays."""

import logging
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from compass.benchmarks import SHIPPED_SOURCE, Run, shipped_runs
from compass.capacity.types import Configuration, FloatArray, IntArray
from compass.capacity.vllm_releases import release_on
from compass.catalog import Catalog, Precision, find_gpu, find_model, load_catalog
from compass.core import EvidenceKind, NotFound

log = logging.getLogger(__name__)

PRECISIONS: dict[str, Precision] = {"fp4": "nvfp4"}
"""The catalog's precision by the name that runs give it, where they differ."""

TUNED_UTILIZATION = 0.95
TUNED_SEQUENCES = 256
UNTUNED = "0.12.0"
"""Release of the shipped runs that were served with vLLM's defaults; InferenceMAX leaves the cache more
room. Neither says so: where caches filled up, with these their latencies agree with start-up logs to 2 %."""


@dataclass(frozen=True)
class Runs:
    """R operating points of G series; arrays of shape (R,).

    A series is what one configuration was measured at on one day.
    """

    ids: tuple[str, ...]
    series: tuple[Configuration, ...]
    """The configuration of each series, shape (G,)."""
    of_run: IntArray
    """The series of each run."""
    concurrency: FloatArray
    prompt_tokens: FloatArray
    output_tokens: FloatArray
    ttft_ms: FloatArray
    itl_ms: FloatArray
    kinds: tuple[EvidenceKind, ...]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def configs(self) -> tuple[Configuration, ...]:
        """The configuration of each run."""
        return tuple(self.series[at] for at in self.of_run)

    def take(self, index: Iterable[int]) -> "Runs":
        """Some of the runs, in the order of `index`."""
        at = [int(i) for i in index]
        kept = {int(series): place for place, series in enumerate(dict.fromkeys(self.of_run[at]))}
        return Runs(
            ids=tuple(self.ids[i] for i in at),
            series=tuple(self.series[i] for i in kept),
            of_run=np.array([kept[int(self.of_run[i])] for i in at], dtype=np.int64),
            concurrency=self.concurrency[at],
            prompt_tokens=self.prompt_tokens[at],
            output_tokens=self.output_tokens[at],
            ttft_ms=self.ttft_ms[at],
            itl_ms=self.itl_ms[at],
            kinds=tuple(self.kinds[i] for i in at),
            sources=tuple(self.sources[i] for i in at),
        )

    def without_outliers(self, outliers: Container[str]) -> "Runs":
        """All runs except the shipped outliers."""
        named = zip(self.ids, self.sources, strict=True)
        return self.take(
            at for at, (run, source) in enumerate(named) if source != SHIPPED_SOURCE or run not in outliers
        )

    @cached_property
    def doubt(self) -> dict[str, FloatArray]:
        """Standard deviation (log) that a run's grade adds to its noise, of "itl" and of "ttft".

        Shape (R + 1,): the last is that of no run at all, 0, which the index −1 finds.
        """
        return {
            latency: np.array([*(DOUBT[kind][latency] for kind in self.kinds), 0.0])
            for latency in ("itl", "ttft")
        }


MOST_RUNS = 2000
"""Most runs that are fitted: the time grows with their cube, to about a second for so many."""

DOUBT: dict[EvidenceKind, dict[str, float]] = {
    "measured": {"itl": 0.0, "ttft": 0.0},
    "simulated": {"itl": 0.17, "ttft": 0.44},
    "estimated": {"itl": 0.34, "ttft": 0.88},
}
"""Error of each grade of evidence, as the standard deviation of log latency. Simulated: the best public
estimator on 433 measured runs has median errors of 11.7 % (ITL) and 29.4 % (TTFT), which a normal error of so
much gives; estimated and interpolated rows say nothing of their method and are given twice that."""


def shipped_evidence() -> Runs:
    """The package's own measured runs."""
    return runs_of(shipped_runs(), load_catalog())


def runs_of(rows: Iterable[Run], catalog: Catalog) -> Runs:
    """Runs as evidence, best grade first; rows of unknown models or GPUs are left out, and logged."""
    kept: list[Run] = []
    series: list[Configuration] = []
    of_run: list[int] = []
    known: dict[tuple[object, ...], int | None] = {}
    for row in thinned(row for row in rows if row.ttft_ms and row.itl_ms and load_of(row)):
        key = tuple(getattr(row, name) for name in SERIES_FIELDS)
        if key not in known:
            config = _configuration(row, catalog)
            known[key] = None if config is None else len(series)
            series += [] if config is None else [config]
        if (at := known[key]) is not None:
            kept.append(row)
            of_run.append(at)

    def column(name: str) -> FloatArray:
        return np.array([getattr(row, name) for row in kept], dtype=np.float64)

    return Runs(
        ids=tuple(row.label for row in kept),
        series=tuple(series),
        of_run=np.array(of_run, dtype=np.int64),
        concurrency=np.array([load_of(row) for row in kept], dtype=np.float64),
        prompt_tokens=column("prompt_tokens"),
        output_tokens=column("output_tokens"),
        ttft_ms=column("ttft_ms"),
        itl_ms=column("itl_ms"),
        kinds=tuple(row.evidence for row in kept),
        sources=tuple(row.source for row in kept),
    )


def load_of(row: Run) -> float:
    """Concurrent requests of a run: as stated, or under open load by Little's law; 0 where not known."""
    if row.concurrency:
        return row.concurrency
    if not (row.request_rate and row.ttft_ms and row.itl_ms):
        return 0.0
    e2e_ms = row.ttft_ms + row.itl_ms * max(0.0, row.output_tokens - 1)
    return max(1.0, row.request_rate * e2e_ms / 1000)


def thinned(rows: Iterable[Run]) -> list[Run]:
    """At most `MOST_RUNS` rows: the best grades whole, every n-th of the lowest."""
    kept: list[Run] = []
    grades = sorted(rows, key=lambda row: list(DOUBT).index(row.evidence))
    for _, members in groupby(grades, key=lambda row: row.evidence):
        group = list(members)
        room = MOST_RUNS - len(kept)
        if len(group) > room:
            log.info("of %d %s runs %d are used", len(group), group[0].evidence, max(0, room))
            group = [group[len(group) * at // room] for at in range(room)]
        kept += group
    return kept


SERIES_FIELDS = (
    "model",
    "gpu",
    "precision",
    "gpus",
    "tensor_parallel",
    "data_parallel",
    "expert_parallel",
    "engine_version",
    "measured",
)


def _configuration(row: Run, catalog: Catalog) -> Configuration | None:
    try:
        return configuration_of(row, catalog)
    except NotFound as error:
        log.info("run %s is no evidence: %s", row.label, error)
        return None


def configuration_of(row: Run, catalog: Catalog) -> Configuration:
    """The configuration of a run; a release that is not named is the one current on its day.

    Raises:
        NotFound: the catalog has no such model or GPU.
    """
    model, gpu = find_model(catalog, row.model), find_gpu(catalog, row.gpu)
    precision: Precision = PRECISIONS.get(row.precision, row.precision)  # type: ignore[arg-type]  # importers check
    config = Configuration(
        model=model.id,
        architecture=model.architecture,
        parameters_b=model.parameters_b,
        active_parameters_b=model.active_parameters_b,
        precision=precision,
        gpu=gpu,
        tensor_parallel=row.tensor_parallel,
        pipeline_parallel=max(1, row.gpus // (row.tensor_parallel * row.data_parallel)),
        data_parallel=row.data_parallel,
        expert_parallel=row.expert_parallel,
        engine_version=row.engine_version or release_on(row.measured),
    )
    return as_measured(config)


def as_measured(config: Configuration) -> Configuration:
    """The configuration with the server flags that the shipped runs were measured with."""
    if config.engine_version == UNTUNED:
        return replace(config, cache=None)
    return replace(config, cache=None, utilization=TUNED_UTILIZATION, sequences=TUNED_SEQUENCES)
