"""A simulation as tables and sentences for a person."""

import math
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_wording import chances_words
from compass.planning import Chances
from compass.traffic import CurvePoint, Summary

BAR = 30


def simulation_text(
    runs: Sequence[Summary], curve: Sequence[CurvePoint], chances: Chances | None
) -> Iterator[RenderableType]:
    """Yield the percentiles of the first run, the range of the p95s of several, the curve and the chances."""
    yield percentiles(runs[0])
    yield Text(footer(runs[0]))
    if len(runs) > 1:
        for name, label in (("ttft_ms", "TTFT"), ("itl_ms", "ITL"), ("e2e_ms", "E2E")):
            tails = [getattr(summary, name).p95 for summary in runs]
            yield Text(f"{label} p95 over {len(tails)} runs: {min(tails):,.1f} to {max(tails):,.1f} ms")
    if curve:
        yield curve_chart(curve)
    if chances:
        words = chances_words(chances, runs[0].replicas)
        yield Text(f"chances: {words} ({chances.draws:,} draws, seed {chances.seed})")


def percentiles(summary: Summary) -> Table:
    """Return a table of the three latencies."""
    table = Table(box=None, header_style="dim")
    for heading in ("ms", "mean", "p50", "p90", "p95", "p99"):
        table.add_column(heading, justify="left" if heading == "ms" else "right")
    for name, values in (("TTFT", summary.ttft_ms), ("ITL", summary.itl_ms), ("E2E", summary.e2e_ms)):
        table.add_row(name, *(f"{values.at(key):,.1f}" for key in ("mean", "p50", "p90", "p95", "p99")))
    return table


def footer(summary: Summary) -> str:
    """Return a line on the load and on what the engines did."""
    return (
        f"simulated · {summary.requests:,} requests on {summary.replicas} "
        f"replica{'s' if summary.replicas > 1 else ''} in {summary.seconds:,.0f} virtual s · "
        f"{summary.requests_per_second:.2f}/s served · engines busy {summary.utilization:.0%} · "
        f"{summary.concurrency:.1f} requests a replica, {summary.waiting:.1f} waiting · "
        f"{summary.preemptions} preemptions"
    )


def curve_chart(points: Sequence[CurvePoint]) -> Table:
    """Return p95 by load, a line a load; bars on a log scale, as latency explodes near the end."""
    table = Table(box=None, header_style="dim", title="one replica, p95 by load (simulated)")
    for heading in ("requests/s", "inside", "TTFT ms", "", "ITL ms", "E2E ms"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    logs = [math.log(max(point.ttft_p95_ms, 1e-3)) for point in points]
    low, high = min(logs), max(logs)
    for point, log in zip(points, logs, strict=True):
        bar = "█" * max(1, round(BAR * (log - low) / max(1e-9, high - low)))
        table.add_row(
            f"{point.requests_per_second:.3g}", f"{point.concurrency:.1f}", f"{point.ttft_p95_ms:,.0f}", bar,
            f"{point.itl_p95_ms:.1f}", f"{point.e2e_p95_ms:,.0f}",
        )  # fmt: skip
    return table
