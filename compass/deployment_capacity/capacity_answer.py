"""The answer to a capacity question."""

from typing import Any, Literal

from compass.core import Frozen, brief_of
from compass.deployment_capacity.types import (
    Arrangement,
    Bottleneck,
    Help,
    LoadPoint,
    MeasuredRun,
    StatedLoad,
    Suggestion,
    Verdict,
)
from compass.deployment_capacity.wording import (
    VERDICT_WORDS,
    cost_words,
    limit_words,
    line_of,
    measured_words,
    point_words,
    size_words,
    suggestion_words,
)
from compass.planning import Assumption, assumption_words


class CapacityAnswer(Frozen):
    """What given GPUs carry of a model: a verdict, every arrangement, the best one, what would help."""

    capacity_id: str = ""
    goal: Literal["capacity"] = "capacity"
    model: str | None = None
    gpu: str | None = None
    gpu_count: int | None = None
    verdict: Verdict | None = None
    """None where a question must be answered first."""
    why: str = ""
    arrangements: tuple[Arrangement, ...] = ()
    """Best first."""
    best: Arrangement | None = None
    choice: str = ""
    """Why this arrangement and none of the others."""
    curve: tuple[LoadPoint, ...] = ()
    """Of the best arrangement, from one request to all that fit, the stated load among them."""
    load: StatedLoad | None = None
    use_case: str = ""
    bottleneck: Bottleneck | None = None
    helps: tuple[Help, ...] = ()
    measured: tuple[MeasuredRun, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    remarks: tuple[str, ...] = ()
    """What is not known of the hardware or the model, and what is not taken into account."""
    unread: tuple[str, ...] = ()
    """Words of the request that no field took."""
    assumptions: tuple[Assumption, ...] = ()
    question: str | None = None

    @property
    def verdict_words(self) -> str:
        """Yes, no or partly; "For example" where no model was named and one that fits is shown."""
        if self.suggestions and self.verdict == "yes":
            return "For example"
        return VERDICT_WORDS[self.verdict] if self.verdict else ""

    def document(self) -> dict[str, Any]:
        """Return the answer as values that JSON knows."""
        return self.model_dump(mode="json")

    def brief(self) -> str:
        """The answer for a language model, under about 1,500 tokens."""
        lines = [f"not used: {'; '.join(self.unread)}"] if self.unread else []
        if self.question:
            lines.append(f"question: {self.question}")
        if self.verdict:
            lines.append(f"{self.capacity_id} · {self.verdict_words.lower()}: {self.why}")
        if self.best:
            lines += [f"{self.gpu_count} × {self.gpu}, best: {size_words(self.best)}", *figures(self.best)]
        lines += [f"chosen: {self.choice}"] if self.choice else []
        lines += [f"other: {line_of(one)}" for one in self.arrangements[1:6]]
        lines += [f"would help: {help_.change}: {help_.effect}" for help_ in self.helps]
        lines += [f"measured: {measured_words(run)}" for run in self.measured]
        lines += [f"fits: {suggestion_words(one)}" for one in self.suggestions]
        lines += [f"remark: {remark}" for remark in self.remarks]
        lines += [f"assumed: {assumption_words(one)}" for one in self.assumptions]
        return brief_of(lines, "the person sees them on the screen.")


def figures(best: Arrangement) -> list[str]:
    """Latencies, limit, cost and evidence of the best arrangement, a line each."""
    lines = [point_words(point) for point in (best.at_load, best.full_load) if point]
    lines += [f"limit: {limit_words(best.limit)}"] if best.limit else []
    nearest = best.evidence.nearest or "none"
    return [*lines, f"cost: {cost_words(best)} · {best.evidence.kind}, nearest run: {nearest}"]
