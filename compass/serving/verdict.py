"""Compares measured latencies with the promised ones: holds, at risk, broken, or not measured."""

import math
from collections.abc import Sequence
from typing import Literal

from compass.core import Interval, Percentile
from compass.serving.metrics_reading import Histogram, MetricsReading, QuantileEstimate, mean, quantile
from compass.serving.types import LiveMetric, Receipt, Verdict

SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
NEAR = 0.9
"""From this share of the target on, a figure within it is at risk."""
WINDOW_S = 300.0
"""Readings older than this are no longer "recent"."""
WORST_FIRST: tuple[Verdict, ...] = ("broken", "at risk", "not measured", "holds")

Name = Literal["ttft_p95_ms", "itl_p95_ms", "e2e_p95_ms"]


def samples_needed(percentile: Percentile) -> int:
    """Return the fewest samples in which a percentile is not just the largest one: 20 for p95."""
    return 5 if percentile == "mean" else math.ceil(round(1 / (1 - SHARES[percentile]), 6))


def live_metrics(
    receipt: Receipt, now: MetricsReading | None, earlier: Sequence[MetricsReading]
) -> tuple[LiveMetric, ...]:
    """Compare each promised latency that has a target with the latest measurement.

    `earlier` are readings of the same server, oldest first. The recent window (at most five minutes) counts
    when it has enough requests, else everything since the deployment.
    """
    option, wanted = receipt.option, receipt.specification
    promises: tuple[tuple[Name, Interval, float | None], ...] = (
        ("ttft_p95_ms", option.ttft_p95_ms, wanted.ttft_p95_ms),
        ("itl_p95_ms", option.itl_p95_ms, wanted.itl_p95_ms),
        ("e2e_p95_ms", option.e2e_p95_ms, wanted.e2e_p95_ms),
    )
    return tuple(
        live_metric(name, promised, target, wanted.percentile, now, earlier)
        for name, promised, target in promises
        if target is not None
    )


def live_metric(
    name: Name,
    promised: Interval,
    target: float,
    percentile: Percentile,
    now: MetricsReading | None,
    earlier: Sequence[MetricsReading],
) -> LiveMetric:
    """Compare one promised latency with its histogram."""
    needed = samples_needed(percentile)
    histogram, window = histogram_to_judge(name, now, earlier, needed)
    measured = mean(histogram) if percentile == "mean" else quantile(histogram, SHARES[percentile])
    enough = measured is not None and histogram.samples >= needed
    return LiveMetric(
        name=name,
        promised=promised,
        target=target,
        measured=measured.value if measured else None,
        measured_low=measured.low if measured else None,
        measured_high=measured.high if measured else None,
        samples=histogram.samples,
        samples_needed=needed,
        window_s=window,
        verdict=judge(measured, promised, target) if enough and measured else "not measured",
    )


def histogram_to_judge(
    name: Name, now: MetricsReading | None, earlier: Sequence[MetricsReading], needed: int
) -> tuple[Histogram, float | None]:
    """The histogram to judge by, and the seconds it covers when it is the recent one."""
    if now is None:
        return Histogram(), None
    whole = now.histograms[name]
    for reading in earlier:
        if now.at - reading.at > WINDOW_S:
            continue
        recent = whole.since(reading.histograms[name])
        if recent is not None and recent.samples >= needed:
            return recent, now.at - reading.at
    return whole, None


def judge(measured: QuantileEstimate, promised: Interval, target: float) -> Verdict:
    """Judge a quantile of which only the bucket is known; a bucket across the target is at risk."""
    if measured.low >= target:
        return "broken"
    if measured.value > NEAR * target or measured.low > promised.high:
        return "at risk"
    return "holds"


def overall(metrics: Sequence[LiveMetric]) -> Verdict:
    """Return the worst verdict; one that is not measured keeps the whole from holding."""
    verdicts = {metric.verdict for metric in metrics}
    return next((verdict for verdict in WORST_FIRST if verdict in verdicts), "not measured")


def bucket_bounds(target_ms: float) -> tuple[float, ...]:
    """Bounds in seconds, 12 % apart around a target, so that a percentile is known to a few percent.

    vLLM's own are too coarse for ITL (0.01, 0.025, 0.05); its `--custom-histogram-buckets` replaces them.
    """
    target = target_ms / 1000
    fine = (target * 1.12**step for step in range(-27, 10))
    coarse = (target * 1.12**9 * 3**step for step in range(1, 5))
    return tuple(round(bound, 7) for bound in (*fine, *coarse))
