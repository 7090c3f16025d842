"""Words for one option, and for options side by side."""

from collections.abc import Sequence

from compass.core import NO_PRICE, chance, duration, latency, milliseconds, money, money_per
from compass.planning import (
    Option,
    cost_figure,
    cost_unit,
    cost_words,
    evidence_words,
    gpu_sum,
    gpu_words,
    job_words,
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
            f"**{label}: {model_words(option)} · {gpu_sum(option)} · {cost_words(option)}**",
            figures(option),
            f"replicas: {option.replica_arithmetic} · "
            f"{money_per(option.usd_per_million_output_tokens, 'per million output tokens')}",
            f"{evidence_words(option.evidence)}{nearest}",
        ]
    )


def figures(option: Option) -> str:
    """How fast and how sure: latencies, or hours and dollars of a batch job."""
    if option.hours is not None:
        return f"{job_words(option)} · in time with {chance(option.slo_probability)}"
    shown = [f"{name} {latency(value)}" for name, value in option.latencies]
    return " · ".join([*shown, f"holds with {chance(option.slo_probability)}"])


def table(options: Sequence[Option], labels: Sequence[str] = ()) -> str:
    """Options side by side, under their views or under labels."""
    rows = [
        f"| {label} | {model_words(option)} | {gpu_words(option)} "
        f"| {cost_figure(option)} | {' | '.join(speed_figures(option))} | {quality_figure(option)} "
        f"| {chance(option.slo_probability)} |"
        for option, label in zip(options, labels or map(view_words, options), strict=True)
    ]
    job = bool(options) and options[0].hours is not None
    speed, sure = ("time | spot", "in time") if job else ("TTFT | ITL", "holds")
    head = (
        f"| view | model | GPUs | {cost_unit(options)} | {speed} | quality | {sure} |\n"
        "|---|---|---|--:|--:|--:|--:|--:|"
    )
    return "\n".join([head, *rows])


def speed_figures(option: Option) -> tuple[str, str]:
    """TTFT and ITL, or the hours of a batch job and its spot price."""
    if option.hours is None:
        return milliseconds(option.ttft_p95_ms.value), milliseconds(option.itl_p95_ms.value)
    return duration(option.hours), "–" if option.usd_per_job_spot is None else money(option.usd_per_job_spot)


def quality_figure(option: Option) -> str:
    """The quality of 100, or a dash where no score is published."""
    return "–" if option.quality is None else f"{option.quality:.0f}"


def dearer_or_cheaper(option: Option, other: Option) -> str:
    """What `other` costs against `option`: "$328 a month more", or "the same price"."""
    if option.usd_per_month is None or other.usd_per_month is None:
        return NO_PRICE
    more = other.usd_per_month - option.usd_per_month
    return f"{money(abs(more))} a month {'more' if more > 0 else 'less'}" if round(more) else "the same price"
