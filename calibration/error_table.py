"""A table of errors and of intervals that held, as both accuracy reports print it."""

from collections.abc import Sequence

import numpy as np

from compass.capacity import BoolArray, FloatArray

HEAD = (
    "| | runs | ITL median | ITL p90 | ITL in interval | TTFT median | TTFT p90 | TTFT in interval |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
)
Judged = tuple[FloatArray, BoolArray]
"""Relative errors of the runs of a line that publish a latency, and whether the interval held each."""


def row(name: str, runs: int, latencies: Sequence[Judged]) -> str:
    """A line of the table, of ITL, then of TTFT; empty cells where no run publishes the latency."""
    cells = [name, str(runs)]
    for errors, inside in latencies:
        cells += (
            [
                percent(np.median(errors)),
                percent(np.quantile(errors, 0.9)),
                f"{100 * inside.mean():.0f} %",
            ]
            if errors.size
            else ["", "", ""]
        )
    return "| " + " | ".join(cells) + " |"


def percent(value: float | np.floating) -> str:
    """A share as a percentage with one decimal."""
    return f"{100 * float(value):.1f} %"
