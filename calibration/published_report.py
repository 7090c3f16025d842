"""Builds `docs/accuracy-published.md`: errors on published runs, each source held out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calibration.error_table import HEAD, percent, row
from calibration.fit_intervals import fit_intervals
from calibration.published_runs import FEW, Case, Estimates, source_weights
from compass.capacity import BoolArray, FloatArray
from compass.estimates import PublishedInterval

REPORT = Path(__file__).parents[1] / "docs" / "accuracy-published.md"
TAIL_HEAD = ("| source | runs | TTFT p95 | TTFT p99 | ITL p95 |", "|---|---:|---:|---:|---:|")
INTRODUCTION = (
    "# How far off the estimates are on published runs",
    "",
    "Written by `python -m calibration.fit_published RUNS.csv`. The runs are those that people published of",
    "vLLM on 25 kinds of GPU: blog posts, result files, reports, of mixed releases and habits; without those",
    "whose notes raise a doubt (prefix cache likely hit, power limited, in process without HTTP, an old",
    "engine), and at most 40 of a source. Every source is estimated with factors of GPU generations from",
    "the other sources alone (to first order), and its intervals come from the other sources as well; the",
    "physical constants are those of the shipped runs. Each run is served in virtual time as its source",
    "says that it was sent: closed loop, open load or burst, with its number of requests. The error is",
    "|estimate / measured − 1| of the median. ITL is not judged where answers have fewer than 8 tokens.",
    "The factors start from round figures that were chosen with all sources in sight, so that a source that",
    "nobody has seen yet may fare somewhat worse. A run is calm where it hardly waits to be started: loads",
    "that a deployment is sized for; in a queue, an error of the capacity becomes a multiple of itself.",
)
SCATTER = (
    "",
    "## What is left within sources",
    "",
    "Median errors if somebody told by what factor each source is off as a whole, and each of its GPUs. What",
    "remains is between models and settings of one source: no factor of hardware can mend it.",
    "",
    "| known | ITL | TTFT |",
    "|---|---:|---:|",
)


def report(
    cases: Sequence[Case], estimates: Estimates, itl: FloatArray, ttft: FloatArray, kinds: list[str]
) -> list[str]:
    """The lines: `itl` and `ttft` are log residuals by others' factors, shape (C,), `kinds` their cells."""
    clear = np.array([not case.doubt for case in cases])
    inside = {"itl": covered(cases, itl, kinds, clear), "ttft": covered(cases, ttft, kinds, clear)}
    lines = [*INTRODUCTION]

    def table(title: str, names: list[str]) -> None:
        lines.extend(["", f"## By {title}", "", *HEAD])
        for name in sorted(set(names)):
            mine = clear & np.array([other == name for other in names])
            if mine.any():
                lines.append(line(name, mine, itl, ttft, inside))

    lines += ["", "## All", "", *HEAD, line("all", clear, itl, ttft, inside)]
    table("load", [case.load for case in cases])
    table("load and queueing, as estimated", kinds)
    table("generation of the GPU", [case.generation for case in cases])
    table("precision of the weights", [case.line.config.precision for case in cases])
    table("source", [case.source for case in cases])
    lines += [*SCATTER, *scatter(cases, itl, ttft, clear)]
    lines += ["", "## Tails under open load and bursts, median error by source", "", *TAIL_HEAD]
    return [*lines, *tails(cases, estimates, clear)]


def scatter(cases: Sequence[Case], itl: FloatArray, ttft: FloatArray, clear: BoolArray) -> list[str]:
    """Table of median errors without the median of each group."""
    groups = {
        "nothing": [""] * len(cases),
        "the source's own factor": [case.source for case in cases],
        "one for each of its GPUs": [f"{case.source} {case.line.config.gpu.name}" for case in cases],
    }
    lines = []
    for name, group in groups.items():
        errors = [percent(np.median(np.abs(np.expm1(-centred(left[clear], group, clear)))))
                  for left in (itl, ttft)]  # fmt: skip
        lines.append(f"| {name} | {errors[0]} | {errors[1]} |")
    return lines


def centred(left: FloatArray, group: list[str], clear: BoolArray) -> FloatArray:
    """Log residuals without the median of their group; as they are where all are one group."""
    names = np.array(group)[clear]
    seen = np.isfinite(left)
    result = left.copy()
    for name in np.unique(names[names != ""]):
        mine = names == name
        if (mine & seen).any():
            result[mine] -= np.median(left[mine & seen])
    return result[seen]


def covered(cases: Sequence[Case], left: FloatArray, kinds: list[str], clear: BoolArray) -> BoolArray:
    """Whether the interval fitted on other sources covers each run, shape (C,)."""
    sources = np.array([case.source for case in cases])
    weight = source_weights(cases, FEW) * clear
    result = np.zeros(len(cases), dtype=np.bool_)
    for source in np.unique(sources):
        others = np.where(sources == source, np.nan, left)
        ranges = fit_intervals(kinds, np.where(clear, others, np.nan), weight)
        for at in np.flatnonzero(sources == source):
            result[at] = holds(ranges[kinds[at]], float(left[at]))
    return result


def holds(of: PublishedInterval, residual: float) -> bool:
    """Whether a log residual lies in a range."""
    return bool(np.log(of.low) <= residual <= np.log(of.high))


def line(name: str, mine: BoolArray, itl: FloatArray, ttft: FloatArray, inside: dict[str, BoolArray]) -> str:
    """The table's line of some of the runs."""
    latencies = []
    for left, key in ((itl, "itl"), (ttft, "ttft")):
        seen = mine & np.isfinite(left)
        latencies.append((np.abs(np.expm1(-left[seen])), inside[key][seen]))
    return row(name, int(mine.sum()), latencies)


def tails(cases: Sequence[Case], estimates: Estimates, clear: BoolArray) -> list[str]:
    """Median errors of the tails, by source."""
    lines = []
    opened = clear & np.array([case.load != "closed" for case in cases])
    for source in sorted({case.source for case in cases}):
        mine = opened & np.array([case.source == source for case in cases])
        found = [
            tail_error(estimates.ttft_p95, [case.ttft_p95 for case in cases], mine),
            tail_error(estimates.ttft_p99, [case.ttft_p99 for case in cases], mine),
            tail_error(estimates.itl_p95, [case.itl_p95 for case in cases], mine),
        ]
        if any(found):
            lines.append(f"| {source} | {int(mine.sum())} | " + " | ".join(found) + " |")
    return lines


def tail_error(estimated: FloatArray, measured: list[float], mine: BoolArray) -> str:
    """Median error where both are known, empty where nothing is."""
    seen = mine & np.isfinite(estimated) & np.isfinite(measured)
    if not seen.any():
        return ""
    return percent(np.median(np.abs(estimated[seen] / np.array(measured)[seen] - 1.0)))
