"""Counters, gauges and histograms in the Prometheus text format, as cheap as a token a microsecond needs.

`prometheus_client` costs about ten times as much an observation (locks, label lookups) and is therefore only
used by the tests, which parse this text with it.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

Labels = Mapping[str, str]


def label_text(labels: Labels) -> str:
    """`{name="value",...}`, quoted."""
    if not labels:
        return ""
    quoted = (f'{name}="{quote(value)}"' for name, value in labels.items())
    return "{" + ",".join(quoted) + "}"


def quote(value: str) -> str:
    """A label's value, escaped."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """A value as the Python client writes it: 1.0, +Inf."""
    return "+Inf" if value == float("inf") else repr(float(value))


class Counter:
    """A count that only rises."""

    kind = "counter"

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.value = 0.0
        self.created = time.time()

    def lines(self, name: str) -> Iterable[str]:
        """The sample; counters end in `_total`."""
        yield f"{name}_total{label_text(self.labels)} {number(self.value)}"

    def created_line(self, name: str) -> str:
        """When the series began."""
        return f"{name}_created{label_text(self.labels)} {number(self.created)}"


class Gauge:
    """A value that goes up and down."""

    kind = "gauge"

    def __init__(self, labels: Labels, value: float = 0.0) -> None:
        self.labels = labels
        self.value = value

    def lines(self, name: str) -> Iterable[str]:
        """The sample."""
        yield f"{name}{label_text(self.labels)} {number(self.value)}"


class Histogram:
    """Observations in buckets."""

    kind = "histogram"

    def __init__(self, labels: Labels, bounds: Sequence[float]) -> None:
        self.labels = labels
        self.bounds = [*bounds, float("inf")]
        self.counts = [0] * len(self.bounds)
        # A page is made while engines run: what never changes is written once.
        self._buckets = [f"_bucket{label_text({**labels, 'le': number(bound)})} " for bound in self.bounds]
        self.sum = 0.0
        self.created = time.time()

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value that was seen `times` times."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def lines(self, name: str) -> Iterable[str]:
        """Buckets (each includes the smaller ones), count and sum."""
        seen = 0
        for bucket, count in zip(self._buckets, self.counts, strict=True):
            seen += count
            yield f"{name}{bucket}{seen}.0"
        yield f"{name}_count{label_text(self.labels)} {number(seen)}"
        yield f"{name}_sum{label_text(self.labels)} {number(self.sum)}"

    def created_line(self, name: str) -> str:
        """When the series began."""
        return f"{name}_created{label_text(self.labels)} {number(self.created)}"


Metric = Counter | Gauge | Histogram


def family(name: str, text: str, series: Iterable[Metric]) -> Iterable[str]:
    """All series of one name, and for counters and histograms a second family of their start times."""
    series = list(series)
    if not series:
        return
    kind = series[0].kind
    shown = f"{name}_total" if kind == "counter" else name
    yield f"# HELP {shown} {text}"
    yield f"# TYPE {shown} {kind}"
    for one in series:
        yield from one.lines(name)
    started = [one.created_line(name) for one in series if not isinstance(one, Gauge)]
    if started:
        yield f"# HELP {name}_created {text}"
        yield f"# TYPE {name}_created gauge"
        yield from started
