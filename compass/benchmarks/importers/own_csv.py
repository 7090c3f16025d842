"""Reads CSV files with the columns of the shipped runs."""

import csv
import functools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from compass.benchmarks.importers.checks import LoadReport, checked
from compass.benchmarks.importers.import_options import ImportOptions
from compass.benchmarks.runs import Run
from compass.catalog import find_gpu, load_catalog
from compass.core import InvalidInput


def read_own_csv(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """Read a CSV file with the columns of the shipped runs.

    Raises:
        InvalidInput: no CSV, or columns missing.
    """
    needed = ("model", "gpu", "precision", "tensor_parallel", "prompt_tokens", "output_tokens", "concurrency")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [
                name for name in (*needed, "ttft_ms", "itl_ms") if name not in (reader.fieldnames or ())
            ]
            if missing:
                raise InvalidInput("PATH", f"{path.name}: columns missing: {', '.join(missing)}.")
            for line, row in enumerate(reader, start=2):
                yield from checked(report, f"line {line}", partial(own_run, row, line))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("PATH", f"{path.name} is not CSV ({error}).") from error


@functools.lru_cache(maxsize=1024)
def gpu_name(name: str) -> str:
    """The catalog's name of a GPU; a file of a million rows has a few.

    Raises:
        NotFound: an unknown GPU.
    """
    return find_gpu(load_catalog(), name).name


def own_run(row: dict[str, str], line: int) -> Run:
    """One line of our own CSV."""
    precision = "nvfp4" if row["precision"] == "fp4" else row["precision"]
    size = int(float(row["tensor_parallel"]))
    return Run(
        label=row.get("run") or f"line-{line}",
        model=row["model"],
        gpu=gpu_name(row["gpu"]),
        precision=precision,
        engine_version=row.get("engine_version") or "",
        gpus=int(float(row.get("gpus") or size)),
        tensor_parallel=size,
        data_parallel=int(float(row.get("data_parallel") or 1)),
        expert_parallel=int(float(row.get("expert_parallel") or 1)),
        prompt_tokens=float(row["prompt_tokens"]),
        output_tokens=float(row["output_tokens"]),
        concurrency=float(row["concurrency"]),
        request_rate=None,
        ttft_ms=float(row["ttft_ms"]),
        itl_ms=float(row["itl_ms"]),
        e2e_ms=None,
        measured=row.get("measured") or "",
    )
