"""Recording rules and burn-rate alerts for a deployment's targets, on vLLM's metrics.

Multi-window burn rates: Google, The Site Reliability Workbook, chapter 5 ("Alerting on SLOs").
"""

from dataclasses import dataclass
from typing import Any

from compass.planning import Option, Specification

Rule = dict[str, Any]


@dataclass(frozen=True)
class Family:
    """A latency histogram of vLLM: what it counts, its metric, key and buckets (bounds in s), our target."""

    short: str
    counts: str
    metric: str
    buckets: str
    field: str
    bounds: tuple[float, ...]


# Bounds of vLLM 0.33.0 (v1/metrics/buckets.py).
BOUNDS = (
    Family(
        "ttft", "requests", "vllm:time_to_first_token_seconds", "time_to_first_token", "ttft_p95_ms",
        (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
         160, 640, 2560),
    ),
    Family(
        "itl", "gaps between tokens", "vllm:inter_token_latency_seconds", "inter_token_latency", "itl_p95_ms",
        (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80),
    ),
    Family(
        "e2e", "requests", "vllm:e2e_request_latency_seconds", "request_latency", "e2e_p95_ms",
        (0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680),
    ),
)  # fmt: skip
OBJECTIVES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
# Severity, long and short window, factor on the share of slow requests that the objective allows.
BURN = (
    ("page", "1h", "5m", 14.4),
    ("page", "6h", "30m", 6.0),
    ("ticket", "1d", "2h", 3.0),
    ("ticket", "3d", "6h", 1.0),
)
MOST_SLOW = 0.9
"""A share that can be exceeded: 14.4 times a tenth could not."""
FEWEST = 30
"""Requests in the long window below which a share says nothing."""


def target_seconds(specification: Specification, family: Family) -> float | None:
    """The target of a histogram, in its unit; None where there is none."""
    target: float | None = getattr(specification, family.field)
    return None if target is None else round(target / 1000, 6)


def as_exposed(seconds: float) -> str:
    """A bound as the Python client writes it in the label `le`: 1.0, 0.025."""
    from prometheus_client.utils import floatToGoString

    text: str = floatToGoString(seconds)  # type: ignore[no-untyped-call]  # the client has no annotation there
    return text


def selector(name: str, namespace: str) -> str:
    """Return the PromQL selector of one deployment's series."""
    return f'namespace="{namespace}",model_name="{name}"'


def rule_groups(
    option: Option, specification: Specification, name: str, namespace: str, exact: bool
) -> tuple[Rule, ...]:
    """Groups of a PrometheusRule; `exact` where the engine's buckets hold the targets as bounds."""
    series, labels = selector(name, namespace), {"service": name, "namespace": namespace}
    slo: list[Rule] = []
    for family in BOUNDS:
        target = target_seconds(specification, family)
        if target is None:
            continue
        if specification.percentile == "mean":
            slo += mean_rules(family, target, series, labels)
        else:
            slo += share_rules(family, target, specification.percentile, series, labels, exact)
    engine = {"name": f"compass-{name}-engine", "rules": engine_rules(option, series, labels)}
    return ({"name": f"compass-{name}-slo", "rules": slo}, engine) if slo else (engine,)


def share_rules(
    family: Family, target: float, percentile: str, series: str, labels: dict[str, str], exact: bool
) -> list[Rule]:
    """Return rules that record the share of slow requests in each window, and an alert for each pair."""
    bound = target if exact else next((b for b in family.bounds if b >= target), family.bounds[-1])
    record = f"compass:{family.short}_slow:ratio_rate"
    rules: list[Rule] = [
        {
            "record": f"{record}{window}",
            "expr": (
                f'1 - sum(rate({family.metric}_bucket{{{series},le="{as_exposed(bound)}"}}[{window}]))'
                f" / sum(rate({family.metric}_count{{{series}}}[{window}]))"
            ),
            "labels": labels,
        }
        for window in WINDOWS
    ]
    allowed = 1 - OBJECTIVES[percentile]
    own = ",".join(f'{key}="{value}"' for key, value in labels.items())
    for severity, long, brief, factor in BURN:
        limit = min(MOST_SLOW, factor * allowed)
        slow = f"{record}{long}{{{own}}} > {limit:.3g} and {record}{brief}{{{own}}} > {limit:.3g}"
        summary = (
            f"{labels['service']}: more than {limit:.0%} of {family.counts} above "
            f"{bound * 1000:g} ms {family.short.upper()} for {long}; "
            f"promised {target * 1000:g} ms at {percentile}"
        )
        rules.append(
            alert(
                f"{family.short.upper()}Burn{long}",
                slow + enough(family, series, long),
                severity,
                labels,
                summary,
            )
        )
    return rules


def mean_rules(family: Family, target: float, series: str, labels: dict[str, str]) -> list[Rule]:
    """Return an alert on the mean itself, over an hour and five minutes, for a target of the mean."""
    mean = " and ".join(
        f"sum(rate({family.metric}_sum{{{series}}}[{window}]))"
        f" / sum(rate({family.metric}_count{{{series}}}[{window}])) > {as_exposed(target)}"
        for window in ("1h", "5m")
    )
    summary = f"{labels['service']}: mean {family.short.upper()} above {target * 1000:g} ms for an hour"
    return [
        alert(f"{family.short.upper()}Mean1h", mean + enough(family, series, "1h"), "page", labels, summary)
    ]


def enough(family: Family, series: str, window: str) -> str:
    """Return the condition that enough requests came in a window for a share to mean something."""
    return f" and on() sum(increase({family.metric}_count{{{series}}}[{window}])) >= {FEWEST}"


def engine_rules(option: Option, series: str, labels: dict[str, str]) -> list[Rule]:
    """Return alerts on a missing engine, a queue that stays, a full cache and failing requests."""
    name = labels["service"]
    failed = f'sum(rate(vllm:request_success_total{{{series},finished_reason="error"}}[10m]))'
    every = f"sum(rate(vllm:request_success_total{{{series}}}[10m]))"
    return [
        alert(
            "EngineAbsent", f"absent(vllm:num_requests_running{{{series}}})", "page", labels,
            f"{name}: no engine reports metrics", "10m",
        ),
        alert(
            "QueueNotEmpty", f"min_over_time(sum(vllm:num_requests_waiting{{{series}}})[10m:1m]) > 0", "page",
            labels, f"{name}: requests have waited for ten minutes without a break; planned are "
            f"{option.concurrency_per_replica:.3g} at once in each of {option.replicas} replicas",
        ),
        alert(
            "CacheFull", f"max(vllm:kv_cache_usage_perc{{{series}}}) > 0.95", "ticket", labels,
            f"{name}: KV cache above 95 %, requests will be preempted", "10m",
        ),
        alert(
            "RequestsFail", f"{failed} / {every} > 0.01", "page", labels,
            f"{name}: more than 1 % of requests fail", "5m",
        ),
    ]  # fmt: skip


def alert(
    name: str, expression: str, severity: str, labels: dict[str, str], summary: str, wait: str = ""
) -> Rule:
    """An alerting rule; `wait` is how long it must hold."""
    held = {"for": wait} if wait else {}
    return {
        "alert": f"Compass{name}",
        "expr": expression,
        **held,
        "labels": {"severity": severity, **labels},
        "annotations": {"summary": summary},
    }
