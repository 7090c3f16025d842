"""Reads CSV files of published runs: a source, a load and mean or median latencies a line."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from compass.benchmarks.importers.checks import LoadReport, checked
from compass.benchmarks.importers.import_options import ImportOptions, gpu_of, model_of, precision_of
from compass.benchmarks.runs import Run
from compass.core import InvalidInput

NEEDED = ("source", "model", "gpu", "precision", "load", "prompt_tokens", "output_tokens", "doubt")


def read_published(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """Read the lines; those that state a doubt are left out with it.

    Raises:
        InvalidInput: no CSV, or columns missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput("PATH", f"{path.name}: columns missing: {', '.join(missing)}.")
            for row in reader:
                yield from checked(report, f"line {reader.line_num}", partial(published_run, row, options))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("PATH", f"{path.name} is not CSV ({error}).") from error


def published_run(row: dict[str, str], options: ImportOptions) -> Run:
    """The run of one line; its load is divided by the number of replicas.

    Raises:
        InvalidInput: the line says itself that it is doubtful.
    """
    if row["doubt"]:
        raise InvalidInput("doubt", row["doubt"].split(";")[0][:60])
    size, copies = int(float(row["tensor_parallel"] or 1)), int(float(row["data_parallel"] or 1))
    itl = first_of(row, "mean_tpot_ms", "median_tpot_ms", "mean_itl_ms", "median_itl_ms")
    ttft = first_of(row, "mean_ttft_ms", "median_ttft_ms")
    concurrency, rate = optional(row, "concurrency"), optional(row, "request_rate")
    return Run(
        label=row.get("field_run") or row["source"],
        model=model_of(options, row["model"]),
        gpu=gpu_of(options, row["gpu"]),
        precision=precision_of(options, row["precision"] or row["model"]),
        engine_version=row.get("engine_version") or "",
        gpus=size,
        tensor_parallel=size,
        data_parallel=1,
        expert_parallel=1,
        prompt_tokens=float(row["prompt_tokens"]),
        output_tokens=float(row["output_tokens"]),
        concurrency=None if concurrency is None else max(1.0, concurrency / copies),
        request_rate=None if rate is None else rate / copies,
        ttft_ms=ttft,
        itl_ms=itl,
        e2e_ms=None,
        measured=row.get("published") or "",
    )


def first_of(row: dict[str, str], *names: str) -> float | None:
    """The first of some cells that is not empty."""
    return next((float(row[name]) for name in names if row.get(name)), None)


def optional(row: dict[str, str], name: str) -> float | None:
    """A number, None where the cell is empty."""
    return float(row[name]) if row.get(name) else None
