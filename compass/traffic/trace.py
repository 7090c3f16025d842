"""Replays of recorded traffic: CSV or JSON lines of arrival, prompt and output tokens."""

import csv
import json
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

import numpy as np

from compass.core import InvalidInput
from compass.traffic.arrivals import Requests

# Names of columns, lower case: our own first, then those of the public traces. Azure's LLM inference trace
# has TIMESTAMP, ContextTokens and GeneratedTokens; BurstGPT Timestamp, Request tokens and Response tokens.
COLUMNS = {
    "arrival": ("arrival", "arrival_s", "arrival_time", "timestamp", "time"),
    "prompt": ("prompt_tokens", "contexttokens", "request tokens", "input_tokens", "input_length"),
    "output": ("output_tokens", "generatedtokens", "response tokens", "completion_tokens", "output_length"),
}
MOST_REQUESTS = 2_000_000


def read_trace(path: Path) -> Requests:
    """The requests of a trace, arrivals counted from its first; failed requests (no output) are left out.

    The arrival is a number of seconds or a date with time, in ascending order.

    Raises:
        InvalidInput: names the line and the column.
    """
    arrivals: list[float] = []
    prompts: list[int] = []
    outputs: list[int] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for line, row in rows_of(file, path):
                second, prompt, output = request_of(row, line)
                if output == 0:
                    continue
                if arrivals and second < arrivals[-1]:
                    raise InvalidInput(
                        "--trace", f"line {line}: arrives before the line above it. Sort the file by arrival."
                    )
                if len(arrivals) >= MOST_REQUESTS:
                    raise InvalidInput("--trace", f"more than {MOST_REQUESTS:,} requests. Cut the file.")
                arrivals.append(second)
                prompts.append(prompt)
                outputs.append(output)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("--trace", f"{path.name} cannot be read ({error}).") from error
    if not arrivals:
        raise InvalidInput("--trace", f"{path.name} holds no request with an answer.")
    first = arrivals[0]
    return Requests(
        np.array([(at - first) * 1000.0 for at in arrivals]), np.array(prompts), np.array(outputs)
    )


def rows_of(file: TextIO, path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line number and columns of each request, names in lower case."""
    if path.suffix.lower() in {".jsonl", ".ndjson", ".json"}:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except json.JSONDecodeError as error:
                raise InvalidInput("--trace", f"line {line}: not JSON ({error.msg}).") from error
            if not isinstance(row, dict):
                raise InvalidInput("--trace", f"line {line}: must hold an object.")
            yield line, {str(name).strip().lower(): value for name, value in row.items()}
        return
    reader = csv.DictReader(file)
    named = {str(name).strip().lower() for name in reader.fieldnames or ()}
    for what, names in COLUMNS.items():
        if not named & set(names):
            raise InvalidInput(
                "--trace",
                f"line 1: no column for {what}. It may be called {', '.join(names)}; there are "
                f"{', '.join(sorted(named)) or 'none'}.",
            )
    for row in reader:
        yield reader.line_num, {str(name).strip().lower(): value for name, value in row.items()}


def request_of(row: dict[str, object], line: int) -> tuple[float, int, int]:
    """Arrival in seconds, prompt and output tokens of one line."""
    values = {}
    for what, names in COLUMNS.items():
        name = next((name for name in names if row.get(name) not in (None, "")), None)
        if name is None:
            raise InvalidInput("--trace", f"line {line}: {what}: is missing ({', '.join(names)}).")
        values[what] = (name, row[name])
    return (
        seconds(*values["arrival"], line),
        tokens(*values["prompt"], line, least=1),
        tokens(*values["output"], line, least=0),
    )


def seconds(name: str, value: object, line: int) -> float:
    """A number of seconds, or a date with time as seconds."""
    try:
        number = float(str(value))
    except ValueError:
        try:
            return datetime.fromisoformat(str(value).strip()[:26]).timestamp()
        except ValueError as error:
            raise InvalidInput(
                "--trace", f'line {line}: {name}: "{value}" is neither seconds nor a date with time.'
            ) from error
    if not math.isfinite(number):
        raise InvalidInput("--trace", f"line {line}: {name}: {value} is no time.")
    return number


def tokens(name: str, value: object, line: int, least: int) -> int:
    """A whole number of tokens."""
    try:
        number = float(str(value))
    except ValueError as error:
        raise InvalidInput("--trace", f'line {line}: {name}: "{value}" is no number of tokens.') from error
    if not least <= number < 1e7 or number != int(number):
        raise InvalidInput("--trace", f"line {line}: {name}: {value} is no number of tokens.")
    return int(number)
