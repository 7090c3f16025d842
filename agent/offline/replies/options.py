"""Words for one option, and for options side by side."""

from collections.abc import Sequence

from compass.core import chance, latency, milliseconds, money
from compass.planning import (
    Option,
    evidence_words,
    gpu_sum,
    gpu_words,
    model_words,
    view_words,
)


def option_words(option: Option) -> str:
    """Model, precision and GPUs: "Qwen3-8B fp8 on 2 × L40S"."""
    return f"{model_words(option)} on {gpu_words(option)}"


def headline(option: Option, label: str = "Balanced") -> str:
    """One option in four lines: what and how much, how fast, the sum, the evidence."""
    nearest = f" · nearest: {option.evidence.nearest}" if option.evidence.nearest else ""
    return "  \n".join(
        [
            f"**{label}: {model_words(option)} · {gpu_sum(option)} · {money(option.usd_per_month)} a month**",
            f"TTFT {latency(option.ttft_p95_ms)} · ITL {latency(option.itl_p95_ms)} · "
            f"E2E {latency(option.e2e_p95_ms)} · holds with {chance(option.slo_probability)}",
            f"replicas: {option.replica_arithmetic} · "
            f"{money(option.usd_per_million_output_tokens)} per million output tokens",
            f"{evidence_words(option.evidence)}{nearest}",
        ]
    )


def table(options: Sequence[Option], labels: Sequence[str] = ()) -> str:
    """Options side by side, under their views or under labels."""
    rows = [
        f"| {label} | {model_words(option)} | {gpu_words(option)} "
        f"| {money(option.usd_per_month)} | {milliseconds(option.ttft_p95_ms.value)} "
        f"| {milliseconds(option.itl_p95_ms.value)} | {quality_figure(option)} "
        f"| {chance(option.slo_probability)} |"
        for option, label in zip(options, labels or map(view_words, options), strict=True)
    ]
    head = (
        "| view | model | GPUs | a month | TTFT | ITL | quality | holds |\n|---|---|---|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *rows])


def quality_figure(option: Option) -> str:
    """The quality of 100, or a dash where no score is published."""
    return "–" if option.quality is None else f"{option.quality:.0f}"


def dearer_or_cheaper(option: Option, other: Option) -> str:
    """What `other` costs against `option`: "$328 a month more", or "the same price"."""
    more = other.usd_per_month - option.usd_per_month
    return f"{money(abs(more))} a month {'more' if more > 0 else 'less'}" if round(more) else "the same price"
