"""Figures from a metrics page, and what they say about a promise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.core import Interval
from compass.serving import LiveMetric, Verdict
from compass.serving.metrics_reading import (
    Histogram,
    MetricsReading,
    QuantileEstimate,
    mean,
    parse_metrics,
    quantile,
)
from compass.serving.verdict import bucket_bounds, judge, live_metric, overall, samples_needed
from simulator.exposition import Histogram as Exposed
from simulator.exposition import family

BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.3, 1.0)
PROMISED = Interval(value=40, low=30, high=60)
TTFT = "vllm:time_to_first_token_seconds"


def page(*values: float, engines: int = 1) -> str:
    shown = [Exposed({"engine": str(number)}, BOUNDS) for number in range(engines)]
    for position, value in enumerate(values):
        shown[position % engines].observe(value)
    lines = [*family(TTFT, "Time to first token.", shown)]
    for number in range(engines):
        lines.append(f'vllm:num_requests_running{{engine="{number}"}} 1.0')
        lines.append(f'vllm:kv_cache_usage_perc{{engine="{number}"}} 0.{number + 2}')
        for reason, count in (("stop", 2), ("length", 3), ("abort", 4)):
            labels = f'engine="{number}",finished_reason="{reason}"'
            lines.append(f"vllm:request_success_total{{{labels}}} {count}.0")
    return "\n".join([*lines, ""])


def read(*values: float, at: float = 1000.0, engines: int = 1) -> MetricsReading:
    return parse_metrics(page(*values, engines=engines), at)


def test_engines_are_summed_and_aborts_are_not_answers() -> None:
    reading = read(0.015, 0.03, engines=2)

    assert reading.engines == 2
    assert reading.running == 2
    assert reading.kv_cache_usage == pytest.approx(0.25)
    assert (reading.answered, reading.failed) == (10, 8)
    assert reading.histograms["ttft_p95_ms"].samples == 2
    assert reading.waiting is None


@given(st.lists(st.floats(0.0001, 3.0), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_quantile_lies_in_the_bucket_that_holds_it(values: list[float], share: float) -> None:
    estimate = quantile(read(*values).histograms["ttft_p95_ms"], share)

    # The smallest value with at least this share of the values at or below it.
    exact = min(v for v in values if sum(w <= v for w in values) >= share * len(values)) * 1000
    assert estimate is not None
    assert estimate.low <= exact * 1.0000001
    assert estimate.high is None or exact <= estimate.high * 1.0000001
    assert estimate.low <= estimate.value <= (estimate.high or estimate.value)


def test_fine_bounds_know_a_p95_to_a_few_percent() -> None:
    draw = random.Random(1)
    values = sorted(draw.lognormvariate(-3.3, 0.2) for _ in range(4000))
    exposed = Exposed({}, bucket_bounds(45.0))
    for value in values:
        exposed.observe(value)
    counts = [sum(exposed.counts[: position + 1]) for position in range(len(exposed.counts))]
    histogram = Histogram(bounds=tuple(exposed.bounds[:-1]), counts=tuple(counts), total=exposed.sum)

    estimate = quantile(histogram, 0.95)

    assert estimate is not None
    assert estimate.value == pytest.approx(values[3800] * 1000, rel=0.03)
    assert mean(histogram) == QuantileEstimate(
        value=exposed.sum / 4, low=exposed.sum / 4, high=exposed.sum / 4
    )


def test_nothing_seen_is_nothing_said() -> None:
    assert quantile(Histogram(), 0.95) is None
    assert mean(Histogram()) is None
    assert metric(None).measured is None
    assert metric(None).verdict == "not measured"


def metric(now: MetricsReading | None, *earlier: MetricsReading, target: float = 300.0) -> LiveMetric:
    return live_metric("ttft_p95_ms", PROMISED, target, "p95", now, earlier)


def test_few_samples_are_shown_and_not_judged() -> None:
    few = metric(read(*[0.03] * 19))
    enough = metric(read(*[0.03] * 20))

    assert few.measured is not None and few.verdict == "not measured"
    assert "19 samples, 20 are needed" in few.line()
    assert enough.verdict == "holds"


def test_the_recent_window_counts_when_it_has_enough() -> None:
    slow, fast = [0.9] * 50, [0.015] * 50

    recent = metric(read(*slow, *fast, at=1200.0), read(*slow, at=1100.0))
    too_old = metric(read(*slow, *fast, at=1500.0), read(*slow, at=1100.0))

    assert (recent.window_s, recent.samples, recent.verdict) == (100.0, 50, "holds")
    assert (too_old.window_s, too_old.samples, too_old.verdict) == (None, 100, "broken")


def test_a_server_that_began_anew_is_judged_by_itself() -> None:
    found = metric(read(*[0.015] * 30, at=1050.0), read(*[0.9] * 50, at=1000.0))

    assert (found.window_s, found.samples, found.verdict) == (None, 30, "holds")


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        (30, 35, 40, "holds"),
        (70, 75, 80, "at risk"),  # within the target, worse than promised
        (80, 92, 95, "at risk"),  # within a tenth of the target
        (80, 105, 120, "at risk"),  # the bucket lies across the target
        (100, 110, 120, "broken"),
        (500, 500, None, "broken"),
    ],
)
def test_judging(low: float, value: float, high: float | None, verdict: Verdict) -> None:
    assert judge(QuantileEstimate(value=value, low=low, high=high), PROMISED, 100.0) == verdict


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    holds = metric(read(*[0.03] * 30))
    broken = metric(read(*[0.9] * 30))

    assert overall([holds, broken]) == "broken"
    assert overall([holds, metric(None)]) == "not measured"
    assert overall([holds, holds]) == "holds"


def test_rarer_percentiles_need_more_samples() -> None:
    assert [samples_needed(name) for name in ("mean", "p50", "p90", "p95", "p99")] == [5, 2, 10, 20, 100]
