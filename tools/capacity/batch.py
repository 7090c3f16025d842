"""`compass estimate --batch`: a line of estimates, or a reason, for every line of a CSV file."""

import csv
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.capacity.conduct import conduct_of, is_published, release_of, served_as
from tools.capacity.estimator import MEASURED_BELOW, Estimator
from tools.capacity.field import cell, load_ranges
from tools.capacity.names import Resolved, resolve_gpu, resolve_model, resolve_precision
from tools.capacity.open_load import Load, Served, serve_load
from tools.capacity.types import Configuration
from tools.errors import CompassError, InvalidInput

OUT_COLUMNS = (
    "ttft_ms", "itl_ms", "e2e_ms", "ttft_p95_ms", "itl_p95_ms", "ttft_p99_ms", "ttft_low", "ttft_high",
    "itl_low", "itl_high", "evidence", "reason",
)  # fmt: skip
REQUIRED = ("model", "gpu", "prompt_tokens", "output_tokens")


@dataclass(frozen=True)
class Report:
    """Lines with an estimate, and lines refused with a reason."""

    answered: int
    refused: int


@dataclass(frozen=True)
class Line:
    """One line, understood: a configuration of one replica and its load."""

    config: Configuration
    resolved: Resolved
    prompt_tokens: float
    output_tokens: float
    concurrency: float | None
    request_rate: float | None
    """Requests a second of one replica."""
    num_prompts: int | None
    row: dict[str, str]


def estimate_file(source: Path, target: Path) -> Report:
    """Estimate every line; the target appears whole or not at all.

    Raises:
        InvalidInput: no such file, no CSV, or a missing column; names it.
    """
    estimator = Estimator.shipped()
    answered = refused = 0
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, OUT_COLUMNS)
            writer.writeheader()
            for row in read_rows(source):
                result = estimate_row(estimator, row)
                refused += bool(result["reason"])
                answered += not result["reason"]
                writer.writerow(result)
        partial.replace(target)
    except OSError as error:
        raise InvalidInput("--out", f"{target} cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)
    return Report(answered, refused)


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


def estimate_row(estimator: Estimator, row: dict[str, str]) -> dict[str, str]:
    """The line's estimates, or its reason."""
    empty = dict.fromkeys(OUT_COLUMNS, "")
    try:
        line = understand(row)
        refuse_what_does_not_fit(estimator, line)
        return empty | estimates(estimator, line)
    except CompassError as error:
        return empty | {"reason": str(error)}


def understand(row: dict[str, str]) -> Line:
    """The line as a configuration of one replica and its share of the load.

    Raises:
        CompassError: what cannot be read, by field.
    """
    resolved = resolve_model(row["model"])
    copies = max(1, whole(row, "data_parallel", 1))
    # Published runs count independent copies as data parallel; spread experts share one engine.
    joined = whole(row, "expert_parallel", 0) > 1 or not is_published(row)
    tensor = max(1, whole(row, "tensor_parallel", 0) or whole(row, "gpus", 1) // copies)
    pipeline = whole(row, "pipeline_parallel", 0) or max(1, whole(row, "gpus", tensor) // (tensor * copies))
    share = 1 if joined else copies
    concurrency, rate = number(row, "concurrency"), number(row, "request_rate")
    if concurrency is None and rate is None:
        raise InvalidInput("concurrency", "is empty, and so is request_rate. Give one of them.")
    prompts = number(row, "num_prompts")
    return Line(
        config=served_as(
            Configuration(
                model=resolved.name,
                architecture=resolved.architecture,
                parameters_b=resolved.parameters_b,
                active_parameters_b=resolved.active_parameters_b,
                precision=resolve_precision(row.get("precision", ""), row["model"]),
                gpu=resolve_gpu(row["gpu"]),
                tensor_parallel=tensor,
                pipeline_parallel=pipeline,
                data_parallel=copies if joined else 1,
                expert_parallel=max(1, whole(row, "expert_parallel", 1)),
                engine_version=release_of(row),
            ),
            row,
        ),
        resolved=resolved,
        prompt_tokens=positive(row, "prompt_tokens"),
        output_tokens=positive(row, "output_tokens"),
        concurrency=concurrency / share if concurrency else None,
        request_rate=rate / share if rate else None,
        num_prompts=int(prompts / share) if prompts else None,
        row=row,
    )


def number(row: dict[str, str], name: str) -> float | None:
    """A positive number, None for an empty cell.

    Raises:
        InvalidInput: not a positive number.
    """
    text = (row.get(name) or "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInput(name, f'"{text}" is not a number.') from error
    if not 0 < value < 1e9:
        raise InvalidInput(name, f"{text} cannot be. Give a positive number.")
    return value


def positive(row: dict[str, str], name: str) -> float:
    """A positive number.

    Raises:
        InvalidInput: empty, or not a positive number.
    """
    value = number(row, name)
    if value is None:
        raise InvalidInput(name, "is empty. Give a positive number.")
    return value


def whole(row: dict[str, str], name: str, default: int) -> int:
    """A whole number, the default for an empty cell or a word."""
    text = (row.get(name) or "").strip()
    return int(float(text)) if text.replace(".", "", 1).isdigit() else default


def refuse_what_does_not_fit(estimator: Estimator, line: Line) -> None:
    """Refuse what exceeds the memory by more than the estimate of memory may be off.

    Raises:
        InvalidInput: says by how much it does not fit.
    """
    memory = estimator.memory([line.config])
    needed = float(memory.weights_gib[0])
    # A tenth of slack: published runs raise gpu-memory-utilization, and weights are right to about 5 %.
    if needed > line.config.gpu.memory_gib * 1.1:
        raise InvalidInput(
            "gpu",
            f"does not fit: {needed:.1f} GiB of weights a GPU, {line.config.gpu.name} has "
            f"{line.config.gpu.memory_gib:.1f}. More GPUs or a smaller precision would.",
        )


def estimates(estimator: Estimator, line: Line) -> dict[str, str]:
    """All figures of an answered line, in ms."""
    served = served_or_steady(estimator, line)
    at = served.prediction
    ttft, itl = float(at.ttft_ms[0, 0]), float(at.itl_ms[0, 0])
    (ttft_low, ttft_high), (itl_low, itl_high) = intervals(served, line)
    figures = {
        "ttft_ms": ttft, "itl_ms": itl, "e2e_ms": ttft + itl * (line.output_tokens - 1),
        "ttft_p95_ms": served.ttft_p95_ms, "itl_p95_ms": served.itl_p95_ms, "ttft_p99_ms": served.ttft_p99_ms,
        "ttft_low": ttft * ttft_low, "ttft_high": ttft * ttft_high,
        "itl_low": itl * itl_low, "itl_high": itl * itl_high,
    }  # fmt: skip
    written = {name: "" if np.isnan(value) else f"{value:.3f}" for name, value in figures.items()}
    read_back = not is_published(line.row) and float(at.distance[0]) < MEASURED_BELOW
    return written | {"evidence": "measured" if read_back else "estimated"}


def intervals(served: Served, line: Line) -> tuple[tuple[float, float], tuple[float, float]]:
    """Factors of the 80 % intervals of TTFT and of ITL.

    A published run's are those of published runs; any other's come from the nearest measured run.
    """
    at = served.prediction
    if not is_published(line.row):
        widths = (float(np.exp(at.ttft_log_spread[0, 0])), float(np.exp(at.itl_log_spread[0, 0])))
        return (1.0 / widths[0], widths[0]), (1.0 / widths[1], widths[1])
    kind = cell(line.row.get("load", ""), served.waiting)
    ttft, itl = load_ranges()["ttft"][kind], load_ranges()["itl"][kind]
    return (ttft.low, ttft.high), (itl.low, itl.high)


def served_or_steady(estimator: Estimator, line: Line) -> Served:
    """A published run as it was sent, in virtual time; a closed loop in its stride by the closed form."""
    if not is_published(line.row):
        at = estimator.predict(
            [line.config], np.array([line.concurrency]), line.prompt_tokens, line.output_tokens
        )
        return Served(at, np.nan, np.nan, np.nan, 0.0)
    load = Load(
        prompt_tokens=line.prompt_tokens,
        output_tokens=line.output_tokens,
        rate_per_s=None if line.concurrency else line.request_rate,
        concurrency=line.concurrency,
        num_prompts=line.num_prompts,
    )
    return serve_load(estimator.with_habits(), line.config, load, conduct_of(line.row, line.config.gpu))


def rows_of(lines: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Estimates of rows that are already read."""
    estimator = Estimator.shipped()
    return [estimate_row(estimator, row) for row in lines]
