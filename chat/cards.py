"""What each tool's result looks like, a card, a chart or a file, never raw JSON; and which are shown."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import chainlit as cl
from chainlit.element import Element, ElementType
from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from agent.events import TextDelta, ToolFinished
from chat.charts import (
    Figure,
    capacity_curve,
    cost_against_latency,
    itl_with_and_without_drafts,
    sessions_against_cache,
    tokens_against_concurrency,
)
from compass.comparison import ALIKE, Comparison
from compass.core import percent
from compass.deployment_capacity import (
    CapacityAnswer,
    arrangement_words,
    limit_words,
    measured_words,
    suggestion_words,
)
from compass.manifests import Manifests
from compass.planning import (
    Plan,
    Specification,
    assumption_words,
    difference_words,
    evidence_words,
    field_label,
    field_value,
    load_form_words,
    prefix_cache_words,
    relaxation_words,
    short_name,
    speculation_words,
    tipping_words,
    understood,
)
from compass.serving import Deployment, Status, TestAnswer
from tools.lookup_benchmarks import BenchmarkPage

TITLES = {
    "map_slo": "Targets",
    "lookup_benchmarks": "Benchmarks",
    "plan_replicas": "Plan",
    "estimate_capacity": "Capacity",
    "compare_alternatives": "Comparison",
    "render_yaml": "Manifests",
    "deploy": "Deploy",
    "get_status": "Status",
    "test_inference": "Test prompt",
    "undeploy": "Undeploy",
}

# A card shows figures to three digits or so: what it does not need would only slow the page down.
PLAN_FIELDS = {
    "plan_id", "specification", "options", "considered", "impossible", "rejected", "relaxations",
    "tipping_points", "assumptions", "remarks", "question", "base_plan_id", "differences",
}  # fmt: skip
OPTION_EXTRAS = ("curve", "simulated", "chances")


def custom(name: str, **props: Any) -> cl.CustomElement:
    """One of the elements in public/elements."""
    return cl.CustomElement(name=name, props=props, display="inline")


def of_specification(result: Specification) -> list[Element]:
    """Targets, load and the assumptions as chips."""
    document = result.model_dump(mode="json")
    for assumption in document["assumptions"]:
        field = assumption["field"]
        assumption |= {"label": field_label(field), "shown": field_value(field, assumption["value"])}
    load = load_form_words(result)
    return [custom("TargetsCard", specification=document, understood=understood(result), load=load)]


def of_plan(result: Plan) -> list[Element]:
    """The plan's card and its charts."""
    charts = [chart(name, drawn) for name, drawn in plan_charts(result)]
    return [custom("PlanCard", plan=plan_document(result)), *charts]


def plan_document(result: Plan) -> dict[str, Any]:
    """What the plan's card shows."""
    document = result.model_dump(mode="json", include=PLAN_FIELDS)
    for option, made in zip(document["options"], result.options, strict=True):
        for extra in OPTION_EXTRAS:
            option.pop(extra)
        option["evidence"]["words"] = evidence_words(made.evidence)
        option["cached"] = prefix_cache_words(made, result.specification)
        option["drafts"] = speculation_words(made)
    first = first_remarks(result)
    return document | {
        "first_remarks": first,
        "remarks": [
            *(remark for remark in result.remarks if remark not in first),
            *([result.speculation] if result.speculation else []),
        ],
        "assumptions": [assumption_words(assumption) for assumption in result.assumptions],
        "differences": [difference_words(difference) for difference in result.differences],
        "relaxations": [relaxation_words(relaxation) for relaxation in result.relaxations],
        "tipping_points": [tipping_words(point) for point in result.tipping_points],
    }


def plan_charts(result: Plan) -> list[tuple[str, Figure]]:
    """The charts of a plan; nobody waits for the single answers of a batch job, and it has none."""
    if not result.options or result.specification.load_form == "batch":
        return []
    charts = []
    if result.options[0].usd_per_month is not None:
        charts.append(("cost against latency", cost_against_latency(result)))
    if result.options[0].curve and has_targets(result.specification):
        charts.append(("capacity curve", capacity_curve(result)))
    if result.cache_curve:
        charts.append(("sessions against cache", sessions_against_cache(result)))
    if result.draft_curve and result.specification.speculation not in (None, "off"):
        charts.append(("speculative decoding", itl_with_and_without_drafts(result)))
    return charts


def first_remarks(plan: Plan) -> list[str]:
    """What is read before the other options: what gave way, what assumptions cost, what is unusual."""
    gave_way = [plan.specification.gave_way] if plan.specification.gave_way else []
    costs = [cost.sentence for cost in plan.assumption_costs]
    return [*gave_way, *costs, *(check.sentence for check in plan.sense)]


def has_targets(wish: Specification) -> bool:
    """True if there is a target that latencies can be shown against."""
    return any(target is not None for target in (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms))


@dataclass
class Chart(Element):
    """A chart as wide as the page allows: Chainlit's own takes figures of the Python library alone."""

    type: ClassVar[ElementType] = "plotly"


def chart(name: str, figure: Figure) -> Element:
    """A figure as an element of the answer."""
    return Chart(name=name, content=json.dumps(figure), mime="application/json", size="medium")


# Curves and every field of an arrangement would only slow the page down.
ARRANGEMENTS_SHOWN = 6


def of_capacity(result: CapacityAnswer) -> list[Element]:
    """What given GPUs carry: the card, and tokens a second and latency against requests at once."""
    elements: list[Element] = [custom("CapacityCard", answer=capacity_props(result))]
    if len(result.curve) > 1:
        elements.append(chart("capacity of given GPUs", tokens_against_concurrency(result)))
    return elements


def capacity_props(result: CapacityAnswer) -> dict[str, Any]:
    """What the capacity card shows."""
    document = result.model_dump(mode="json", exclude={"curve", "arrangements"})
    best = result.best
    if best:
        document["best"]["evidence"]["words"] = evidence_words(best.evidence)
    return document | {
        "title": capacity_title(result),
        "word": result.verdict_words,
        "keeps_targets": any(one.limit and one.limit.targets for one in result.arrangements),
        "limit": limit_words(best.limit) if best and best.limit else "",
        "bottleneck": bottleneck_words(result),
        "arrangements": [
            one.model_dump(mode="json") | {"words": arrangement_words(one)}
            for one in result.arrangements[:ARRANGEMENTS_SHOWN]
        ],
        "helps": [f"{help_.change}: {help_.effect}" for help_ in result.helps],
        "measured": [measured_words(run) for run in result.measured],
        "suggestions": [suggestion_words(one) for one in result.suggestions],
        "assumptions": [assumption_words(one) for one in result.assumptions],
    }


def capacity_title(result: CapacityAnswer) -> str:
    """Model, format and GPUs."""
    best = result.best
    precision = f" {best.precision}" if best else ""
    return f"{short_name(result.model or '')}{precision} · {result.gpu_count} × {result.gpu}"


def bottleneck_words(result: CapacityAnswer) -> str:
    """What takes most of a decode step."""
    found = result.bottleneck
    return f"{found.part}, {percent(found.share)} of a decode step" if found else ""


def of_comparison(result: Comparison) -> list[Element]:
    """Alternatives side by side, the differences above them."""
    document = result.document() | {
        "assumptions": [assumption_words(one) for one in result.assumptions],
        "alike": ALIKE if result.all_alike else "",
    }
    return [custom("ComparisonCard", comparison=document)]


def of_manifests(result: Manifests) -> list[Element]:
    """The YAML with its colours, each object folded, and the whole to copy or download."""
    return [custom("ManifestsCard", manifests=result.model_dump(mode="json"), text=result.text)]


def of_benchmarks(result: BenchmarkPage) -> list[Element]:
    """Runs as a table, each with its evidence."""
    return [custom("BenchmarksCard", page=result.model_dump(mode="json"))]


def of_status(result: Status) -> list[Element]:
    """Promised against measured, refreshed while it is looked at."""
    return [custom("StatusCard", status=result.model_dump(mode="json"))]


def of_answer(result: TestAnswer) -> list[Element]:
    """A test prompt's answer with its timing."""
    return [custom("TestCard", answer=result.model_dump(mode="json"))]


def of_deployment(result: Deployment) -> list[Element]:
    """Where it runs and what it costs, or what a dry run would make."""
    document = result.model_dump(mode="json", exclude={"receipt"})
    return [custom("DeploymentCard", deployment=document, option_id=result.receipt.option.option_id)]


CARDS: tuple[tuple[type[BaseModel], Callable[[Any], list[Element]]], ...] = (
    (Specification, of_specification),
    (Plan, of_plan),
    (CapacityAnswer, of_capacity),
    (Comparison, of_comparison),
    (Manifests, of_manifests),
    (BenchmarkPage, of_benchmarks),
    (Status, of_status),
    (TestAnswer, of_answer),
    (Deployment, of_deployment),
)


class AnswerResults:
    """The tool results of one answer, and which of them its text renders."""

    def __init__(self) -> None:
        self.by_call: dict[str, BaseModel] = {}
        self.rendered: set[str] = set()

    def add(self, event: ToolFinished) -> None:
        """Keep the result of a finished call."""
        self.by_call[event.call_id] = event.result

    def replaces_text(self, piece: TextDelta) -> bool:
        """True if a card shows what a piece of text says, so that the text can be left out."""
        if piece.about is None or not has_card(self.by_call.get(piece.about)):
            return False
        self.rendered.add(piece.about)
        return True

    def shown(self, offline: bool) -> list[BaseModel]:
        """The results to draw as cards, in the order of their calls.

        The offline engine says which results its text is about, and a plan that it made only to answer
        "why not?" is not among them. A language model does not say it: all its results are shown.
        """
        return [result for call, result in self.by_call.items() if not offline or call in self.rendered]


def has_card(result: BaseModel | None) -> bool:
    """True if there is a card for results of this kind."""
    return isinstance(result, tuple(kind for kind, _ in CARDS))


def cards_of(results: Sequence[BaseModel]) -> list[Element]:
    """The elements of an answer's results; none for a result that a later one shows again."""
    return [
        element
        for place, result in enumerate(results)
        if not shown_again(result, results[place + 1 :])
        for kind, build in CARDS
        if isinstance(result, kind)
        for element in build(result)
    ]


def shown_again(result: BaseModel, later: Sequence[BaseModel]) -> bool:
    """True if a later status shows the same deployment as this deployment or status."""
    same = {r.deployment_id for r in later if isinstance(r, Status)}
    return isinstance(result, Deployment | Status) and result.deployment_id in same
