"""Words for one option, and for options side by side."""

from collections.abc import Sequence

from agent.offline.replies.figures import money, span
from compass.planning import Option, View

VIEW_NAMES: dict[View, str] = {
    "balanced": "balanced",
    "best_accuracy": "best accuracy",
    "lowest_cost": "lowest cost",
    "lowest_latency": "lowest latency",
    "simplest": "simplest",
}


def name_of(option: Option) -> str:
    """Model and precision."""
    return f"{option.model.rsplit('/', 1)[-1]} {option.precision}"


def size_of(option: Option) -> str:
    """Replicas, GPUs a replica, GPU: "2 × (4 × H100-SXM)"."""
    each = option.gpus // option.replicas
    inner = f"({each} × {option.gpu})" if each > 1 else option.gpu
    return f"{option.replicas} × {inner}"


def holds(option: Option) -> str:
    """The probability that the targets hold."""
    return "> 99 %" if option.slo_probability > 0.99 else f"{option.slo_probability:.0%}".replace("%", " %")


def headline(option: Option, label: str = "Balanced") -> str:
    """One option in three lines."""
    gpus = f"{option.gpus} GPU{'s' if option.gpus > 1 else ''}"
    month, million = money(option.usd_per_month), money(option.usd_per_million_output_tokens)
    nearest = f" · nearest run: {option.evidence.nearest}" if option.evidence.nearest else ""
    return "  \n".join(
        [
            f"**{label}: {name_of(option)} · {size_of(option)} = {gpus} · {month} a month**",
            f"TTFT {span(option.ttft_p95_ms)} · ITL {span(option.itl_p95_ms)} · "
            f"E2E {span(option.e2e_p95_ms)} · holds with {holds(option)}",
            f"{option.replica_arithmetic} · {million} per million output tokens",
            f"{option.evidence.kind}{nearest}",
        ]
    )


def table(options: Sequence[Option]) -> str:
    """Options side by side."""
    rows = [
        f"| {', '.join(VIEW_NAMES[view] for view in option.views) or 'also'} "
        f"| {name_of(option)} | {size_of(option)} | {option.usd_per_month:,.0f} "
        f"| {option.ttft_p95_ms.value:,.4g} | {option.itl_p95_ms.value:,.3g} "
        f"| {holds(option)} |"
        for option in options
    ]
    head = "| view | model | GPUs | $ a month | TTFT ms | ITL ms | holds |\n|---|---|---|--:|--:|--:|--:|"
    return "\n".join([head, *rows])


def points(option: Option) -> str:
    """Quality for the use case."""
    return "no score" if option.quality is None else f"{option.quality:.3g} of 100"
