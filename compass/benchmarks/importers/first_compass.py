"""Reads the three JSON files that the first Compass published, as a stream."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ijson

from compass.benchmarks.importers.checks import LoadReport, checked, percentile_doubts
from compass.benchmarks.importers.import_options import ImportOptions
from compass.benchmarks.runs import Run
from compass.catalog import catalog_id, find_gpu, load_catalog
from compass.core import InvalidInput

TAILS = ("p90", "p95", "p99")


def read_compass_json(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """Read a file of the first Compass: BLIS, estimated or interpolated.

    Raises:
        InvalidInput: no JSON, or no list of benchmarks.
    """
    found = False
    try:
        with path.open("rb") as file:
            for number, row in enumerate(ijson.items(file, "benchmarks.item", use_float=True)):
                found = True
                yield from checked(report, f"benchmarks[{number}]", partial(upstream_run, row, number))
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise InvalidInput("PATH", f"{path.name} is not JSON ({error}).") from error
    if not found:
        raise InvalidInput("PATH", f'{path.name}: no list "benchmarks". Is it a file of the first Compass?')


def upstream_run(row: dict[str, Any], number: int) -> Run:
    """One entry; the names of its fields differ between the three files."""
    model = row.get("model_hf_repo") or row["model_id"]
    size = int(row.get("tensor_parallel") or row.get("hardware_count") or row.get("gpu_count") or 1)
    return Run(
        label=f"entry-{number}",
        model=catalog_id(load_catalog(), str(model)),
        gpu=find_gpu(load_catalog(), str(row.get("gpu_type") or row["hardware"])).name,
        precision=str(row.get("precision") or "bf16"),
        engine_version=str(row.get("framework_version") or "").removeprefix("v"),
        gpus=size,
        tensor_parallel=size,
        data_parallel=1,
        expert_parallel=1,
        prompt_tokens=float(row["prompt_tokens"]),
        output_tokens=float(row["output_tokens"]),
        concurrency=None,
        request_rate=float(row["requests_per_second"]),
        ttft_ms=float(row["ttft_mean"]),
        itl_ms=float(row["itl_mean"]),
        e2e_ms=float(row["e2e_mean"]),
        flags=tuple(
            doubt
            for name in ("ttft", "itl", "e2e")
            for doubt in percentile_doubts({f"{name}_{at}": row.get(f"{name}_{at}") for at in TAILS})
        ),
    )
