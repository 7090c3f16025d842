"""Published runs as cases that can be served in virtual time and compared with what was measured."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from compass.capacity import Estimator, FloatArray
from compass.capacity.constants import Generations, generation
from compass.core import CompassError
from compass.estimates.file import serve_published
from compass.estimates.row import Line, understand

USELESS = ("speculative decoding", "offline tool", "prefix cache likely hit")
"""Doubts that change what is measured: such a run says nothing of a server's latency."""
FEW = 20.0
"""Runs that a source is worth at most where intervals are learnt: their scatter is what counts."""
FEWEST_OUTPUTS = 8
"""Tokens below which an inter-token latency is that of the scheduler's few steps."""


@dataclass(frozen=True)
class Case:
    """One published run; latencies in ms, NaN where the run does not publish them."""

    source: str
    """Who published: the repository, without the file's own path."""
    line: Line
    load: str
    doubt: str
    ttft: float
    itl: float
    ttft_p95: float
    ttft_p99: float
    itl_p95: float

    @property
    def generation(self) -> str:
        """Of its GPU."""
        return generation(self.line.config.gpu)


@dataclass(frozen=True)
class Estimates:
    """Of C cases, arrays of shape (C,), ms; NaN where the case was refused, tails of steady loops."""

    ttft: FloatArray
    itl: FloatArray
    ttft_p95: FloatArray
    ttft_p99: FloatArray
    itl_p95: FloatArray
    waiting: FloatArray
    """Share of TTFT that is waiting to be started."""


def read_cases(path: Path, most: int | None = None) -> list[Case]:
    """Cases of a file of published runs, at most so many of a source and doubt, evenly chosen.

    Those that cannot be understood or say nothing are left out.
    """
    with path.open(newline="", encoding="utf-8") as file:
        cases = [case for row in csv.DictReader(file) if (case := _case(row)) is not None]
    kept: list[Case] = []
    for key in dict.fromkeys((case.source, case.doubt) for case in cases):
        mine = [case for case in cases if (case.source, case.doubt) == key]
        kept += mine if most is None else mine[:: -(-len(mine) // most)]
    return kept


def _case(row: dict[str, str]) -> Case | None:
    if any(word in row["doubt"] for word in USELESS):
        return None
    try:
        line = understand(row)
    except CompassError:
        return None
    return Case(
        source=row["source"].split(" ")[0].casefold(),
        line=line,
        load=row["load"],
        doubt=row["doubt"],
        ttft=_first(row, "median_ttft_ms", "mean_ttft_ms"),
        itl=_first(row, "median_tpot_ms", "mean_tpot_ms", "median_itl_ms", "mean_itl_ms")
        if line.output_tokens >= FEWEST_OUTPUTS
        else np.nan,
        ttft_p95=_first(row, "p95_ttft_ms"),
        ttft_p99=_first(row, "p99_ttft_ms"),
        itl_p95=_first(row, "p95_tpot_ms"),
    )


def _first(row: dict[str, str], *names: str) -> float:
    for name in names:
        text = row.get(name) or ""
        if text and float(text) > 0:
            return float(text)
    return np.nan


def estimate_cases(cases: Sequence[Case], generations: Generations) -> Estimates:
    """All cases under some factors of GPU generations, on every core."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(partial(_estimate, generations=generations), cases, chunksize=16))
    table = np.array(rows, dtype=np.float64).reshape(len(cases), 6)
    return Estimates(*table.T)


def _estimate(case: Case, generations: Generations) -> tuple[float, ...]:
    estimator = replace(Estimator.for_plans(), habits=generations)
    try:
        served = serve_published(estimator, case.line)
    except CompassError:
        return (np.nan,) * 6
    return (
        float(served.prediction.ttft_ms[0, 0]),
        float(served.prediction.itl_ms[0, 0]),
        served.ttft_p95_ms,
        served.ttft_p99_ms,
        served.itl_p95_ms,
        served.waiting,
    )


def voices(cases: Sequence[Case], most: float) -> FloatArray:
    """Weight of each case, shape (C,): those of a source are worth so many together."""
    counts = Counter(case.source for case in cases)
    return np.array([min(1.0, most / counts[case.source]) for case in cases])
