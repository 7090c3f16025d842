"""What each tool's result looks like: a card, a chart or a file, never raw JSON."""

from collections.abc import Callable
from typing import Any

import chainlit as cl
from chainlit.element import Element
from pydantic import BaseModel

from chat.charts import capacity_curve, cost_against_latency
from tools.planning.types import Plan, Specification
from tools.serving.types import Deployment, Manifests, Status, TestAnswer

TITLES = {
    "map_slo": "Targets",
    "lookup_benchmarks": "Benchmarks",
    "plan_replicas": "Plan",
    "render_yaml": "Manifests",
    "deploy": "Deploy",
    "get_status": "Status",
    "test_inference": "Test prompt",
    "undeploy": "Undeploy",
}

# A card shows figures to three digits or so: what it does not need would only slow the page down.
PLAN_FIELDS = {
    "plan_id", "specification", "options", "considered", "rejected", "relaxations", "tipping_points",
    "assumptions", "remarks", "question", "base_plan_id", "differences",
}  # fmt: skip


def custom(name: str, **props: Any) -> cl.CustomElement:
    """One of the elements in public/elements."""
    return cl.CustomElement(name=name, props=props, display="inline")


def of_specification(result: Specification) -> list[Element]:
    """Targets, load and the assumptions as chips."""
    return [custom("TargetsCard", specification=result.model_dump(mode="json"))]


def of_plan(result: Plan) -> list[Element]:
    """The plan's card and its two charts."""
    document = result.model_dump(mode="json", include=PLAN_FIELDS)
    for option in document["options"]:
        option.pop("curve")
    elements: list[Element] = [custom("PlanCard", plan=document)]
    if result.options:
        elements.append(
            cl.Plotly(name="cost against latency", figure=cost_against_latency(result), display="inline")
        )
        if result.options[0].curve:
            curve = capacity_curve(result.options[0])
            elements.append(cl.Plotly(name="capacity curve", figure=curve, display="inline"))
    return elements


def of_manifests(result: Manifests) -> list[Element]:
    """The YAML with its colours, and the same as a file to keep."""
    parts: list[Element] = [
        cl.Text(
            name=f"{manifest.kind} {manifest.name}", content=manifest.yaml, language="yaml", display="inline"
        )
        for manifest in result.manifests
    ]
    whole = cl.File(
        name=f"{result.option_id or 'manifests'}.yaml", content=result.text.encode(), mime="application/yaml"
    )
    return [whole, *parts]


def of_status(result: Status) -> list[Element]:
    """Promised against measured, refreshed while it is looked at."""
    card = custom("StatusCard", status=result.model_dump(mode="json"), history={})
    card.props["card"] = card.id
    cards = cl.user_session.get("status_cards") or {}
    cl.user_session.set("status_cards", cards | {card.id: card})
    return [custom_again(card)]


def custom_again(card: cl.CustomElement) -> cl.CustomElement:
    """The same element with its content made anew, after its props changed."""
    card.__post_init__()
    return card


def of_answer(result: TestAnswer) -> list[Element]:
    """A test prompt's answer with its timing."""
    return [cl.Text(name="answer", content=result.text, display="inline")]


def of_deployment(result: Deployment) -> list[Element]:
    """A deployment says itself in its brief; the status card follows from get_status."""
    return []


CARDS: tuple[tuple[type[BaseModel], Callable[[Any], list[Element]]], ...] = (
    (Specification, of_specification),
    (Plan, of_plan),
    (Manifests, of_manifests),
    (Status, of_status),
    (TestAnswer, of_answer),
    (Deployment, of_deployment),
)


def cards_of(result: BaseModel) -> list[Element]:
    """The elements of a tool's result; none for a result that its brief text says whole."""
    for kind, build in CARDS:
        if isinstance(result, kind):
            return build(result)
    return []
