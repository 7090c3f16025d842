"""What is said beside the cards, which cards are shown, and what the charts show."""

import pytest

from agent import Conversation
from agent.offline.replies import plans
from chat.cards import said_again
from chat.charts import capacity_curve, cost_against_latency, lower_edge
from chat.words import beside_cards
from compass.planning import Plan
from compass.serving import Deployment, Status
from tests.unit.compass.serving.example import OPTION, deployment
from tools.toolbox import Toolbox

NEED = "a support chatbot for 2000 users"


@pytest.fixture(scope="module")
async def plan(toolbox: Toolbox) -> Plan:
    answer = await (await Conversation.open(toolbox)).say(NEED)
    return next(result for result in answer.results if isinstance(result, Plan))


def status(identifier: str) -> Status:
    unknown = dict.fromkeys(("requests_running", "requests_waiting", "requests_total", "kv_cache_usage"))
    return Status.model_validate(
        unknown
        | {
            "deployment_id": identifier,
            "target": "local",
            "ready": True,
            "replicas_ready": 1,
            "replicas_wanted": 1,
        }
        | {"endpoint": None, "model": "m", "simulated": True, "metrics": (), "verdict": "not measured"}
    )


async def test_a_plan_s_card_says_it_all(toolbox: Toolbox) -> None:
    answer = await (await Conversation.open(toolbox)).say(NEED)

    text, shown = beside_cards(answer.text, answer.results)

    assert text == "*Offline engine: no language model was used.*"
    assert shown == answer.results


async def test_a_plan_made_only_to_answer_why_not_is_told_and_not_shown(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox)
    await talk.say(NEED)
    answer = await talk.say("why not H200?")

    text, shown = beside_cards(answer.text, answer.results)

    assert "H200" in text and "| view |" in text
    assert not any(isinstance(result, Plan) for result in shown)


def test_what_no_card_shows_stays(plan: Plan) -> None:
    text = f"Preface.\n\n**Question** which one?\n\n{plans.planned(plan)}"

    assert beside_cards(text, [plan])[0] == "Preface.\n\n**Question** which one?"


def test_a_deployment_with_its_status_is_shown_once() -> None:
    made: Deployment = deployment(deployment_id="dep-1")

    assert said_again(made, [status("dep-1")]) and said_again(status("dep-1"), [status("dep-1")])
    assert not said_again(made, [status("dep-2")]) and not said_again(made, [])


def test_the_drawn_front_is_beaten_by_nothing(plan: Plan) -> None:
    everything = [*plan.pareto_front, *plan.options]
    edge = lower_edge(everything)

    assert [o.usd_per_month for o in edge] == sorted(o.usd_per_month for o in edge)
    for option in everything:
        assert any(
            e.usd_per_month <= option.usd_per_month and e.ttft_p95_ms.value <= option.ttft_p95_ms.value
            for e in edge
        )
    assert lower_edge([OPTION, OPTION]) == [OPTION]


def test_the_options_are_drawn_with_their_intervals(plan: Plan) -> None:
    traces = {trace["name"]: trace for trace in cost_against_latency(plan)["data"]}

    drawn = traces["options, 80 % interval"]
    assert drawn["x"] == [option.usd_per_month for option in plan.options]
    assert drawn["error_y"]["visible"] and all(reach >= 0 for reach in drawn["error_y"]["array"])
    assert f"target {plan.specification.ttft_p95_ms:g} ms" in traces


def test_the_capacity_curve_crosses_its_target_where_the_replica_is_full(plan: Plan) -> None:
    chart, option = capacity_curve(plan), plan.options[0]
    worst = [max(shares) for shares in zip(*(trace["y"] for trace in chart["data"]), strict=True)]

    below = [s for s, point in zip(worst, option.curve, strict=True) if point.holds]
    above = [s for s, point in zip(worst, option.curve, strict=True) if not point.holds]
    assert max(below) <= 1.0 and all(share > 1.0 for share in above)
