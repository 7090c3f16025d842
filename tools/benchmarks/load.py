"""Loads a file of runs: all of it or nothing, the second time a no-op, with a report of what was left out."""

import csv
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from tools.benchmarks.runs import Run
from tools.benchmarks.table import write_runs
from tools.catalog import find_gpu, load_catalog, match_models
from tools.errors import InvalidInput, NotFound
from tools.evidence import EvidenceKind
from tools.store import Store

EXAMPLES = 3
SLOWEST_MS = 3_600_000.0


@dataclass
class Report:
    """What became of a file's rows."""

    source: str
    loaded: int = 0
    unchanged: bool = False
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, where: str) -> None:
        """Count a row that was left out."""
        self.skipped.setdefault(reason, []).append(where)

    @property
    def left_out(self) -> int:
        """Rows that were left out."""
        return sum(len(rows) for rows in self.skipped.values())


async def load_file(store: Store, kind: str, path: Path) -> Report:
    """Load one file of a known kind.

    Raises:
        InvalidInput: an unknown kind, or a file that is not of it; the store is unchanged.
    """
    if kind not in READERS:
        raise InvalidInput("KIND", f'"{kind}" is not one of {", ".join(READERS)}.')
    reader, evidence = READERS[kind]
    fingerprint = file_hash(path)
    report = Report(source=f"{kind}:{path.name}")
    runs = [replace(run, evidence=evidence, source=report.source) for run in reader(path, report)]
    if not runs:
        raise InvalidInput(
            "PATH", f"{path.name} holds no row that could be loaded as {kind}{first_reason(report)}."
        )
    async with store.connection() as connection:
        query = "SELECT content_hash FROM sources WHERE name = %s"
        row = await (await connection.execute(query, [report.source])).fetchone()
        if row is not None and row[0] == fingerprint:
            report.unchanged = True
            return report
        await connection.execute("DELETE FROM sources WHERE name = %s", [report.source])
        await write_runs(connection, report.source, evidence, fingerprint, runs)
    report.loaded = len(runs)
    return report


def file_hash(path: Path) -> str:
    """The file's SHA-256.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput("PATH", f"{path} cannot be read ({error.strerror}).") from error


def first_reason(report: Report) -> str:
    """Why the first row was left out, in brackets; nothing where there was none."""
    for reason, rows in report.skipped.items():
        return f" ({rows[0]}: {reason})"
    return ""


def read_own_csv(path: Path, report: Report) -> Iterator[Run]:
    """Files with the columns of the shipped runs.

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


def own_run(row: dict[str, str], line: int) -> Run:
    """One line of our own CSV."""
    precision = "nvfp4" if row["precision"] == "fp4" else row["precision"]
    size = int(float(row["tensor_parallel"]))
    return plausible(
        Run(
            label=row.get("run") or f"line-{line}",
            model=row["model"],
            gpu=find_gpu(load_catalog(), row["gpu"]).name,
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
    )


def read_compass_json(path: Path, report: Report) -> Iterator[Run]:
    """The three JSON files of the first Compass: BLIS, estimated, interpolated.

    Raises:
        InvalidInput: no JSON, or no list of benchmarks.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput("PATH", f"{path.name} is not JSON ({error}).") from error
    rows = document.get("benchmarks") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise InvalidInput("PATH", f'{path.name}: no list "benchmarks". Is it a file of the first Compass?')
    for number, row in enumerate(rows):
        yield from checked(report, f"benchmarks[{number}]", partial(upstream_run, row, number))


def upstream_run(row: dict[str, Any], number: int) -> Run:
    """One entry; the names of its fields differ between the three files."""
    model = row.get("model_hf_repo") or row["model_id"]
    known = match_models(load_catalog(), str(model))
    size = int(row.get("tensor_parallel") or row.get("hardware_count") or row.get("gpu_count") or 1)
    return plausible(
        Run(
            label=f"entry-{number}",
            model=known[0].id if len(known) == 1 else str(model),
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
        )
    )


def checked(report: Report, where: str, make: Callable[[], Run]) -> Iterator[Run]:
    """The row, or its reason in the report."""
    try:
        yield make()
    except NotFound as error:
        report.skip(str(error), where)
    except InvalidInput as error:
        report.skip(str(error), where)
    except KeyError as error:
        report.skip(f"{error.args[0]}: missing", where)
    except (TypeError, ValueError) as error:
        report.skip(f"not a number ({error})", where)


def plausible(run: Run) -> Run:
    """The run, if its figures can be.

    Raises:
        InvalidInput: names the field that cannot be.
    """
    for name in (
        "prompt_tokens",
        "output_tokens",
        "concurrency",
        "request_rate",
        "ttft_ms",
        "itl_ms",
        "e2e_ms",
    ):
        value = getattr(run, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InvalidInput(name, f"{value} cannot be")
    if max(run.ttft_ms or 0, run.itl_ms or 0) > SLOWEST_MS:
        raise InvalidInput("ttft_ms", "longer than an hour")
    if (run.ttft_ms or 1) < 0.5 and (run.itl_ms or 1) < 0.1:
        raise InvalidInput(
            "ttft_ms", f"{run.ttft_ms} and itl_ms {run.itl_ms} look like seconds, not milliseconds"
        )
    if run.e2e_ms is not None and run.ttft_ms is not None and run.e2e_ms < run.ttft_ms:
        raise InvalidInput("e2e_ms", f"{run.e2e_ms:g} is below ttft_ms {run.ttft_ms:g}")
    return run


Reader = Callable[[Path, Report], Iterator[Run]]
READERS: dict[str, tuple[Reader, EvidenceKind]] = {
    "csv": (read_own_csv, "measured"),
    "blis": (read_compass_json, "simulated"),
    "estimated": (read_compass_json, "estimated"),
    "interpolated": (read_compass_json, "estimated"),
}
