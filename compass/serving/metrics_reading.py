"""Reads a server's `/metrics`: gauges, counts and histograms, summed over its engines."""

import math
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

HISTOGRAMS = {
    "ttft_p95_ms": "vllm:time_to_first_token_seconds",
    # The mean gap of each request: what ITL means in Compass. `inter_token_latency_seconds` counts each gap.
    "itl_p95_ms": "vllm:request_time_per_output_token_seconds",
    "e2e_p95_ms": "vllm:e2e_request_latency_seconds",
}
WANTED = (
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:request_success",
    "vllm:request_prompt_tokens_",
    "vllm:request_generation_tokens_",
    "simulator_late_seconds",
    *HISTOGRAMS.values(),
)
"""How the lines that we use begin."""
ANSWERED = ("stop", "length")
"""`finished_reason` of requests that got their answer; the counter also counts aborts and errors."""


class Histogram(BaseModel):
    """Cumulative counts by upper bound in seconds; the last count has no bound (JSON knows no infinity)."""

    model_config = ConfigDict(frozen=True)

    bounds: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()
    total: float = 0.0
    """Sum of all observations."""

    @property
    def samples(self) -> int:
        """Observations."""
        return int(self.counts[-1]) if self.counts else 0

    def since(self, earlier: "Histogram") -> "Histogram | None":
        """Return the observations after an earlier reading; None if the server restarted in between."""
        if not earlier.counts:
            return self
        if earlier.bounds != self.bounds or earlier.samples > self.samples:
            return None
        counts = tuple(now - then for now, then in zip(self.counts, earlier.counts, strict=True))
        return Histogram(bounds=self.bounds, counts=counts, total=self.total - earlier.total)


class MetricsReading(BaseModel):
    """A server's metrics at one moment."""

    model_config = ConfigDict(frozen=True)

    at: float
    """Unix time."""
    engines: int
    running: float | None
    waiting: float | None
    kv_cache_usage: float | None
    """Mean over the engines, 0 to 1."""
    answered: float | None
    failed: float
    prompt_tokens: float | None
    """Mean of the finished requests; None before the first."""
    output_tokens: float | None
    late_s: float
    """Seconds by which a simulator could not keep its pace; 0 for a real server."""
    histograms: dict[str, Histogram]


class QuantileEstimate(BaseModel):
    """A quantile from buckets: interpolated, and the bounds of its bucket; milliseconds."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float | None
    """None above the last finite bound."""


def quantile(histogram: Histogram, share: float) -> QuantileEstimate | None:
    """The value below which a share of the observations lies, linear within its bucket.

    As Prometheus' `histogram_quantile`. None without observations.
    """
    if not histogram.samples:
        return None
    rank = share * histogram.counts[-1]
    edges = [0.0, *histogram.bounds, math.inf]
    counts = [0.0, *histogram.counts]
    for (low, high), (below, upto) in zip(pairwise(edges), pairwise(counts), strict=True):
        if upto >= rank and upto > below:
            if high == math.inf:
                return QuantileEstimate(value=low * 1000, low=low * 1000, high=None)
            value = low + (high - low) * (rank - below) / (upto - below)
            return QuantileEstimate(value=value * 1000, low=low * 1000, high=high * 1000)
    return None


def mean(histogram: Histogram) -> QuantileEstimate | None:
    """The exact mean; None without observations."""
    if not histogram.samples:
        return None
    value = histogram.total / histogram.samples * 1000
    return QuantileEstimate(value=value, low=value, high=value)


async def read_metrics(base_url: str) -> MetricsReading | None:
    """Read a server's metrics; None when it does not answer."""
    # Late: httpx takes a fifth of a second to import, and planning asks no server.
    import httpx

    try:
        async with httpx.AsyncClient(base_url=base_url, timeout=5, trust_env=False) as client:
            answer = await client.get("/metrics")
            answer.raise_for_status()
    except httpx.HTTPError:
        return None
    return parse_metrics(answer.text, time.time())


def parse_metrics(text: str, at: float) -> MetricsReading:
    """Parse a page of the Prometheus text format, summed over engines."""
    sums: dict[str, float] = defaultdict(float)
    buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    engines: set[str] = set()
    for name, labels, value in parse_samples(text):
        if name.endswith("_bucket"):
            buckets[name.removesuffix("_bucket")][float(labels["le"])] += value
        elif name == "vllm:request_success_total":
            reason = labels.get("finished_reason", "")
            sums["answered" if reason in ANSWERED else "failed"] += value
        else:
            sums[name] += value
            if name == "vllm:num_requests_running":
                engines.add(labels.get("engine", "0"))
    usage = sums.get("vllm:kv_cache_usage_perc")
    return MetricsReading(
        at=at,
        engines=len(engines),
        running=sums.get("vllm:num_requests_running"),
        waiting=sums.get("vllm:num_requests_waiting"),
        kv_cache_usage=None if usage is None else usage / max(1, len(engines)),
        answered=sums.get("answered"),
        failed=sums.get("failed", 0.0),
        prompt_tokens=mean_by_name(sums, "vllm:request_prompt_tokens"),
        output_tokens=mean_by_name(sums, "vllm:request_generation_tokens"),
        late_s=sums.get("simulator_late_seconds_total", 0.0),
        histograms={
            key: make_histogram(buckets[name], sums.get(f"{name}_sum", 0.0))
            for key, name in HISTOGRAMS.items()
        },
    )


def make_histogram(buckets: dict[float, float], total: float) -> Histogram:
    """Buckets in the order of their bounds, of which the format makes the last one infinite."""
    bounds = tuple(sorted(buckets))
    counts = tuple(buckets[bound] for bound in bounds)
    return Histogram(bounds=bounds[:-1], counts=counts, total=total)


def mean_by_name(sums: dict[str, float], name: str) -> float | None:
    """Mean of a histogram by its sum and count."""
    count = sums.get(f"{name}_count", 0.0)
    return sums[f"{name}_sum"] / count if count else None


def parse_samples(text: str) -> Iterable[tuple[str, dict[str, str], float]]:
    """Name, labels and value of each sample that we use."""
    from prometheus_client.parser import text_string_to_metric_families

    # A fleet's page has megabytes; parsing only what is used takes a tenth of the time.
    kept = (line for line in text.splitlines() if line.removeprefix("# TYPE ").startswith(WANTED))
    for family in text_string_to_metric_families("\n".join(kept)):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield sample.name, sample.labels, sample.value
