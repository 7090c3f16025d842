"""Value objects of a comparison: its sides, what each of them gives, and the differences that matter."""

from typing import Any, Literal

from compass.core import Evidence, Frozen, Interval, brief_of, latency, money, number
from compass.deployment_capacity import MemoryOfGpu, TargetLimit
from compass.planning import Assumption, assumption_words, short_name

DifferenceKind = Literal[
    "fits", "holds", "gpus", "cost", "cost_per_token", "throughput", "throughput_per_gpu", "ttft", "itl",
    "context", "room", "quality",
]  # fmt: skip


ALIKE = "No figure differs by more than 5 %."


class Side(Frozen):
    """One side of a comparison; None means unsaid, or the same for all sides."""

    gpu: str | None = None
    gpu_count: int | None = None
    model: str | None = None
    precision: str | None = None
    engine: str | None = None
    tensor_parallel: int | None = None
    provider: str | None = None
    pricing: str | None = None
    usd_per_gpu_hour: float | None = None
    usd_per_month: float | None = None


class ComparedPlan(Frozen):
    """What one side gives at the common load; latencies in ms, None where it does not fit."""

    label: str
    model: str | None = None
    precision: str | None = None
    gpu: str | None = None
    gpus: int | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    replicas: int | None = None
    fits: bool = False
    holds: bool = False
    """Whether it carries the stated load inside the stated targets."""
    why: str = ""
    concurrent_requests: float | None = None
    requests_per_second: float | None = None
    output_tokens_per_second: Interval | None = None
    output_tokens_per_second_per_gpu: float | None = None
    """At full load."""
    ttft_ms: Interval | None = None
    itl_ms: Interval | None = None
    e2e_ms: Interval | None = None
    limit_requests_per_second: float | None = None
    limit_breaks: str = ""
    limit_targets: tuple[TargetLimit, ...] = ()
    memory_gib: MemoryOfGpu | None = None
    max_context_tokens: int | None = None
    max_concurrent_requests: int | None = None
    usd_per_month: float | None = None
    price_source: str = ""
    usd_per_million_output_tokens: float | None = None
    """At full load: what the hardware costs over what it can write."""
    quality: float | None = None
    evidence: Evidence | None = None
    remarks: tuple[str, ...] = ()

    def line(self) -> str:
        """The side in a line, for a language model."""
        if not self.fits or self.ttft_ms is None or self.itl_ms is None:
            return f"{self.label}: {self.why}"
        tokens = self.output_tokens_per_second
        parts = [
            f"{self.replicas} × TP{self.tensor_parallel}",
            f"{number(tokens.value)} tokens/s" if tokens else "",
            f"TTFT {latency(self.ttft_ms)}",
            f"ITL {latency(self.itl_ms)}",
            f"at most {number(self.limit_requests_per_second or 0)} requests/s ({self.limit_breaks})",
            "no price is listed" if self.usd_per_month is None else f"{money(self.usd_per_month)} a month",
        ]
        if (million := self.usd_per_million_output_tokens) is not None:
            parts.append(f"{money(million)} per million output tokens at full load")
        return f"{self.label}: {', '.join(filter(None, parts))}; {'holds' if self.holds else self.why}"


class ComparedDifference(Frozen):
    """A figure in which one side is better than another by more than a trifle."""

    kind: DifferenceKind
    better: str
    """Label of the side that is best in it."""
    worse: str
    """Label of the side that is worst in it."""
    value: float | None
    other: float | None
    words: str


class Comparison(Frozen):
    """Named alternatives side by side at one load."""

    comparison_id: str = ""
    goal: Literal["compare"] = "compare"
    load: str = ""
    """The common load in words."""
    plans: tuple[ComparedPlan, ...] = ()
    differences: tuple[ComparedDifference, ...] = ()
    remarks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    question: str | None = None

    @property
    def all_alike(self) -> bool:
        """Whether the sides differ in nothing by more than a trifle."""
        return len(self.plans) > 1 and not self.differences and all(plan.fits for plan in self.plans)

    def document(self) -> dict[str, Any]:
        """Return the comparison as values that JSON knows."""
        return self.model_dump(mode="json")

    def brief(self) -> str:
        """The comparison for a language model, under about 1,500 tokens."""
        lines = [f"{self.comparison_id} · {self.load}"]
        lines += [f"question: {self.question}"] if self.question else []
        lines += [plan.line() for plan in self.plans]
        lines += [f"difference: {difference.words}" for difference in self.differences]
        lines += [f"remark: {remark}" for remark in self.remarks]
        lines += [f"assumed: {assumption_words(one)}" for one in self.assumptions]
        return brief_of(lines, "the person sees them on the screen.")


def title_of(plan: ComparedPlan) -> str:
    """Model and format of a side: "Qwen3-32B fp8"."""
    return f"{short_name(plan.model or '')} {plan.precision or ''}".strip()
