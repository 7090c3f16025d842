"""Estimates every line of a CSV file, for `compass estimate --batch`."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from compass.capacity import MEASURED_BELOW, Estimator
from compass.catalog import Catalog
from compass.core import CompassError, InvalidInput
from compass.estimates.published_intervals import load_class, load_published_intervals
from compass.estimates.row import EstimateRow, parse_row, refuse_weights_beyond_memory
from compass.estimates.run_conditions import is_published, run_conditions
from compass.estimates.simulated_load import LatencyEstimate, ReplicaLoad, serve_load

OUT_COLUMNS = (
    "ttft_ms", "itl_ms", "e2e_ms", "ttft_p95_ms", "itl_p95_ms", "ttft_p99_ms", "ttft_low", "ttft_high",
    "itl_low", "itl_high", "evidence", "reason",
)  # fmt: skip
REQUIRED = ("model", "gpu", "prompt_tokens", "output_tokens")
CHUNK = 500
"""Lines that are estimated at once."""


@dataclass(frozen=True)
class EstimateCounts:
    """Numbers of lines with an estimate and of lines refused."""

    answered: int
    refused: int


def estimate_file(source: Path, target: Path, catalog: Catalog) -> EstimateCounts:
    """Write an estimate or a reason for every line; the target appears whole or not at all.

    Raises:
        InvalidInput: no such file, no CSV, or a missing column; names it.
    """
    answered = refused = 0
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, OUT_COLUMNS)
            writer.writeheader()
            rows = read_rows(source)
            while chunk := list(islice(rows, CHUNK)):
                results = rows_of(chunk, catalog)
                refused += sum(bool(result["reason"]) for result in results)
                answered += sum(not result["reason"] for result in results)
                writer.writerows(results)
        partial.replace(target)
    except OSError as error:
        raise InvalidInput("--out", f"{target} cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)
    return EstimateCounts(answered, refused)


def read_rows(source: Path) -> Iterator[dict[str, str]]:
    """Lines of the source as dictionaries.

    Raises:
        InvalidInput: names the file and what is wrong with it.
    """
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput("--batch", f"{source.name}: columns missing: {', '.join(missing)}.")
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("--batch", f"{source.name} cannot be read as CSV ({error}).") from error


def rows_of(rows: Sequence[dict[str, str]], catalog: Catalog) -> list[dict[str, str]]:
    """An output line for every input line: figures, or the reason why there are none.

    A closed loop may be part of a measured batch: all shipped runs are its evidence. Published runs are of
    other engines: outliers are left out.
    """
    parsed = [parsed_or_error(row, catalog) for row in rows]
    lines = [line for line in parsed if isinstance(line, EstimateRow) and not is_published(line.row)]
    steady = iter(closed_loop_steady_state(Estimator.shipped(), lines))
    results = []
    for line in parsed:
        empty = dict.fromkeys(OUT_COLUMNS, "")
        if isinstance(line, CompassError):
            results.append(empty | {"reason": str(line)})
            continue
        try:
            published = is_published(line.row)
            found = estimate_published(Estimator.for_plans(), line) if published else next(steady)
            results.append(empty | figures_of(found, line))
        except CompassError as error:
            results.append(empty | {"reason": str(error)})
    return results


def parsed_or_error(row: dict[str, str], catalog: Catalog) -> EstimateRow | CompassError:
    """Parse a row; an error is returned, not raised."""
    try:
        line = parse_row(row, catalog)
        refuse_weights_beyond_memory(line)
    except CompassError as error:
        return error
    return line


def closed_loop_steady_state(estimator: Estimator, lines: Sequence[EstimateRow]) -> list[LatencyEstimate]:
    """Estimates of closed loops in steady state, in one batch."""
    if not lines:
        return []
    at = estimator.predict(
        [line.config for line in lines],
        np.array([[line.concurrency] for line in lines], dtype=np.float64),
        np.array([line.prompt_tokens for line in lines]),
        np.array([line.output_tokens for line in lines]),
    )
    return [LatencyEstimate(at.row(index)) for index in range(len(lines))]


def estimate_published(estimator: Estimator, line: EstimateRow) -> LatencyEstimate:
    """Estimate a published run by simulating its load."""
    load = ReplicaLoad(
        prompt_tokens=line.prompt_tokens,
        output_tokens=line.output_tokens,
        rate_per_s=None if line.concurrency else line.request_rate,
        concurrency=line.concurrency,
        num_prompts=line.num_prompts,
    )
    return serve_load(estimator.with_habits(), line.config, load, run_conditions(line.row))


def figures_of(found: LatencyEstimate, line: EstimateRow) -> dict[str, str]:
    """The output columns of an estimated line, in ms."""
    at = found.prediction
    ttft, itl = float(at.ttft_ms[0, 0]), float(at.itl_ms[0, 0])
    (ttft_low, ttft_high), (itl_low, itl_high) = intervals(found, line)
    values = {
        "ttft_ms": ttft, "itl_ms": itl, "e2e_ms": ttft + itl * (line.output_tokens - 1),
        "ttft_p95_ms": found.ttft_p95_ms, "itl_p95_ms": found.itl_p95_ms, "ttft_p99_ms": found.ttft_p99_ms,
        "ttft_low": ttft * ttft_low, "ttft_high": ttft * ttft_high,
        "itl_low": itl * itl_low, "itl_high": itl * itl_high,
    }  # fmt: skip
    written = {name: "" if np.isnan(value) else f"{value:.3f}" for name, value in values.items()}
    read_back = not is_published(line.row) and float(at.distance[0]) < MEASURED_BELOW
    return written | {"evidence": "measured" if read_back else "estimated"}


def intervals(found: LatencyEstimate, line: EstimateRow) -> tuple[tuple[float, float], tuple[float, float]]:
    """Factors of the 80 % intervals of TTFT and of ITL.

    A published run's are those of published runs; any other's come from the nearest measured run.
    """
    at = found.prediction
    if not is_published(line.row):
        widths = (float(np.exp(at.ttft_log_spread[0, 0])), float(np.exp(at.itl_log_spread[0, 0])))
        return (1.0 / widths[0], widths[0]), (1.0 / widths[1], widths[1])
    kind = load_class(line.row.get("load", ""), found.waiting)
    ttft, itl = load_published_intervals()["ttft"][kind], load_published_intervals()["itl"][kind]
    return (ttft.low, ttft.high), (itl.low, itl.high)
