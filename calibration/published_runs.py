"""Published runs as cases to simulate and compare with their measurements."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from calibration.vectors import names_of
from compass.capacity import Estimator, FloatArray, Generations, generation
from compass.catalog import Catalog
from compass.core import CompassError
from compass.estimates import EstimateRow, estimate_published, parse_row

USELESS = ("speculative decoding", "offline tool", "prefix cache likely hit")
"""Doubts that exclude a run: it does not measure a server's plain latency."""
FEW = 20.0
"""Most runs that a source counts as where intervals are fitted."""
FEWEST_OUTPUTS = 8
"""Output tokens below which ITL is not judged."""


@dataclass(frozen=True)
class Case:
    """One published run; latencies in ms, NaN where the run does not publish them."""

    source: str
    """The repository that published it, without the file's path."""
    line: EstimateRow
    load: str
    doubt: str
    ttft: float
    itl: float
    ttft_p95: float
    ttft_p99: float
    itl_p95: float

    @property
    def generation(self) -> str:
        """The generation of its GPU."""
        return generation(self.line.config.gpu)


@dataclass(frozen=True)
class Estimates:
    """Estimates of C cases in ms, arrays of shape (C,); NaN where a case was refused."""

    ttft: FloatArray
    itl: FloatArray
    ttft_p95: FloatArray
    ttft_p99: FloatArray
    itl_p95: FloatArray
    waiting: FloatArray
    """Share of TTFT spent waiting for a start."""


def read_cases(path: Path, catalog: Catalog, most: int | None = None) -> list[Case]:
    """Read the cases of a file, at most `most` of a source and doubt, evenly chosen.

    Rows that cannot be parsed or have a disqualifying doubt are left out.
    """
    with path.open(newline="", encoding="utf-8") as file:
        cases = [case for row in csv.DictReader(file) if (case := _case(row, catalog)) is not None]
    kept: list[Case] = []
    for key in dict.fromkeys((case.source, case.doubt) for case in cases):
        mine = [case for case in cases if (case.source, case.doubt) == key]
        kept += mine if most is None else mine[:: -(-len(mine) // most)]
    return kept


def _case(row: dict[str, str], catalog: Catalog) -> Case | None:
    if any(word in row["doubt"] for word in USELESS):
        return None
    try:
        line = parse_row(row, catalog)
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
    """Estimate all cases under some factors of GPU generations, on every core."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = list(pool.map(partial(_estimate, generations=generations), cases, chunksize=16))
    return Estimates(**{name: np.array([row[name] for row in rows], float) for name in names_of(Estimates)})


def _estimate(case: Case, generations: Generations) -> dict[str, float]:
    estimator = replace(Estimator.for_plans(), habits=generations)
    try:
        served = estimate_published(estimator, case.line)
    except CompassError:
        return dict.fromkeys(names_of(Estimates), np.nan)
    return {
        "ttft": float(served.prediction.ttft_ms[0, 0]),
        "itl": float(served.prediction.itl_ms[0, 0]),
        "ttft_p95": served.ttft_p95_ms,
        "ttft_p99": served.ttft_p99_ms,
        "itl_p95": served.itl_p95_ms,
        "waiting": served.waiting,
    }


def source_weights(cases: Sequence[Case], most: float) -> FloatArray:
    """Weight of each case, shape (C,): the cases of a source count as at most `most` together."""
    counts = Counter(case.source for case in cases)
    return np.array([min(1.0, most / counts[case.source]) for case in cases])
