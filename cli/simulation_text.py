"""A simulation as tables and sentences for a person."""

import math
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_wording import chances_words
from compass.core import counted, milliseconds, number, percent
from compass.planning import Chances
from compass.traffic import CurvePoint, Summary

BAR = 30


def simulation_text(
    runs: Sequence[Summary], curve: Sequence[CurvePoint], chances: Chances | None, note: str = ""
) -> Iterator[RenderableType]:
    """Yield the percentiles of the first run, the range of the p95s of several, the curve and the chances.

    `note`: what was sent, where it is not a plan's open load.
    """
    if note:
        yield Text(note)
    yield percentiles(runs[0])
    yield Text(footer(runs[0]))
    if len(runs) > 1:
        for name, label in (("ttft_ms", "TTFT"), ("itl_ms", "ITL"), ("e2e_ms", "E2E")):
            tails = [getattr(summary, name).p95 for summary in runs]
            low, high = milliseconds(min(tails)), milliseconds(max(tails))
            yield Text(f"{label} p95 over {len(tails)} runs: {low} to {high}")
    if curve:
        yield curve_chart(curve)
    if chances:
        words = chances_words(chances, runs[0].replicas)
        yield Text(f"chances: {words} ({chances.draws:,} draws, seed {chances.seed})")


def percentiles(summary: Summary) -> Table:
    """Return a table of the three latencies."""
    table = Table(box=None, header_style="dim")
    for heading in ("", "mean", "p50", "p90", "p95", "p99"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, values in (("TTFT", summary.ttft_ms), ("ITL", summary.itl_ms), ("E2E", summary.e2e_ms)):
        table.add_row(name, *(milliseconds(values.at(key)) for key in ("mean", "p50", "p90", "p95", "p99")))
    return table


def footer(summary: Summary) -> str:
    """Return a line on the load and on what the engines did."""
    return (
        f"simulated · {summary.requests:,} requests on {counted(summary.replicas, 'replica')} "
        f"in {summary.seconds:,.0f} virtual s · "
        f"{summary.requests_per_second:.2f}/s served · engines busy {percent(summary.utilization)} · "
        f"{summary.concurrency:.1f} requests a replica, {summary.waiting:.1f} waiting · "
        f"{summary.preemptions} preemptions"
    )


def curve_chart(points: Sequence[CurvePoint]) -> Table:
    """Return p95 by load, a line a load; bars on a log scale, as latency explodes near the end."""
    table = Table(box=None, header_style="dim", title="one replica, p95 by load (simulated)")
    for heading in ("requests/s", "inside", "TTFT", "", "ITL", "E2E"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    logs = [math.log(max(point.ttft_p95_ms, 1e-3)) for point in points]
    low, high = min(logs), max(logs)
    for point, log in zip(points, logs, strict=True):
        bar = "█" * max(1, round(BAR * (log - low) / max(1e-9, high - low)))
        table.add_row(
            number(point.requests_per_second),
            number(point.concurrency),
            milliseconds(point.ttft_p95_ms),
            bar,
            milliseconds(point.itl_p95_ms),
            milliseconds(point.e2e_p95_ms),
        )
    return table
