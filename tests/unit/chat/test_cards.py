"""Which results are shown as cards, what is said beside them, and what the charts show."""

import pytest

from agent import Conversation
from agent.events import Event, TextDelta, ToolFinished
from agent.offline import PREFACE
from chat.cards import (
    AnswerResults,
    capacity_props,
    cards_of,
    has_card,
    plan_charts,
    plan_document,
    shown_again,
)
from chat.charts import (
    capacity_curve,
    cost_against_latency,
    cost_of,
    lower_edge,
    tokens_against_concurrency,
)
from compass.comparison import Comparison
from compass.core import exact_milliseconds
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Plan, Specification, Wishes, make_plan, specify
from compass.serving import Deployment, Removed, Status
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


def drawn(events: list[Event]) -> tuple[str, AnswerResults]:
    """The text that is left beside the cards of an answer, and its results."""
    results, left = AnswerResults(), ""
    for event in events:
        if isinstance(event, ToolFinished):
            results.add(event)
        elif isinstance(event, TextDelta) and not results.replaces_text(event):
            left += event.text
    return left.strip(), results


async def test_a_plan_s_cards_say_it_all(toolbox: Toolbox) -> None:
    answer = await (await Conversation.open(toolbox)).say(NEED)

    text, results = drawn(answer.events)

    assert text == PREFACE.strip()
    assert [type(result) for result in results.shown(offline=True)] == [Specification, Plan]


async def test_a_plan_made_only_to_answer_why_not_is_told_and_not_shown(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox)
    await talk.say(NEED)
    answer = await talk.say("why not H200?")

    text, results = drawn(answer.events)

    assert "H200" in text and "| view |" in text
    assert answer.results and results.shown(offline=True) == []


async def test_a_question_stays_beside_the_cards(toolbox: Toolbox) -> None:
    answer = await (await Conversation.open(toolbox)).say("serve an LLM with p95 TTFT of 300 ms")

    text, results = drawn(answer.events)

    assert text.startswith(f"{PREFACE}**Question** ") and text.endswith("?")
    assert len(results.shown(offline=True)) == 2


def test_what_a_language_model_called_is_shown_whatever_it_writes(plan: Plan) -> None:
    text, results = drawn([ToolFinished("plan_replicas", plan, "1"), TextDelta("One H100 will do.")])

    assert text == "One H100 will do."
    assert results.shown(offline=False) == [plan]


def test_text_about_a_result_without_a_card_is_said() -> None:
    gone = Removed(deployment_id="dep-1", removed=True, note="")

    text, results = drawn([ToolFinished("undeploy", gone, "1"), TextDelta("It is removed.", about="1")])

    assert text == "It is removed."
    assert cards_of(results.shown(offline=True)) == []


def test_a_deployment_with_its_status_is_shown_once() -> None:
    made: Deployment = deployment(deployment_id="dep-1")

    assert shown_again(made, [status("dep-1")]) and shown_again(status("dep-1"), [status("dep-1")])
    assert not shown_again(made, [status("dep-2")]) and not shown_again(made, [])


def test_the_drawn_front_is_beaten_by_nothing(plan: Plan) -> None:
    everything = [*plan.pareto_front, *plan.options]
    edge = lower_edge(everything)

    assert [cost_of(o) for o in edge] == sorted(cost_of(o) for o in edge)
    for option in everything:
        assert any(
            cost_of(e) <= cost_of(option) and e.ttft_p95_ms.value <= option.ttft_p95_ms.value for e in edge
        )
    assert lower_edge([OPTION, OPTION]) == [OPTION]


def test_the_options_are_drawn_with_their_intervals(plan: Plan) -> None:
    traces = {trace["name"]: trace for trace in cost_against_latency(plan)["data"]}

    drawn = traces["options, 80 % interval"]
    assert drawn["x"] == [option.usd_per_month for option in plan.options]
    assert drawn["error_y"]["visible"] and all(reach >= 0 for reach in drawn["error_y"]["array"])
    target = plan.specification.ttft_p95_ms
    assert target is not None and f"target {exact_milliseconds(target)}" in traces


def test_the_capacity_curve_crosses_its_target_where_the_replica_is_full(plan: Plan) -> None:
    chart, option = capacity_curve(plan), plan.options[0]
    worst = [max(shares) for shares in zip(*(trace["y"] for trace in chart["data"]), strict=True)]

    below = [s for s, point in zip(worst, option.curve, strict=True) if point.holds]
    above = [s for s, point in zip(worst, option.curve, strict=True) if not point.holds]
    assert max(below) <= 1.0 and all(share > 1.0 for share in above)


async def test_a_job_s_card_has_hours_and_dollars_and_no_chart_of_latencies(toolbox: Toolbox) -> None:
    wishes = Wishes(batch_items=1_000_000, prompt_tokens=2000, use_case="data_extraction")
    made = make_plan(toolbox.search_space, specify(toolbox.catalog, wishes))

    option = plan_document(made)["options"][0]

    assert plan_charts(made) == []
    assert option["hours"] > 0 and option["gpu_hours"] > 0 and option["usd_per_job_on_demand"] > 0


async def test_without_prices_or_targets_charts_that_need_them_are_left_out(toolbox: Toolbox) -> None:
    owned = Wishes(user_count=100, preferred_gpu_types=("RTX-4090",))
    free = owned.changed(no_targets=("ttft", "itl", "e2e"), gpu_prices=("RTX-4090=0.5",))
    plans = [make_plan(toolbox.search_space, specify(toolbox.catalog, wishes)) for wishes in (owned, free)]

    names = [[name for name, _ in plan_charts(made)] for made in plans]

    assert names == [["capacity curve"], ["cost against latency"]]


async def test_what_is_out_of_the_usual_is_read_before_the_options(toolbox: Toolbox) -> None:
    made = make_plan(toolbox.search_space, specify(toolbox.catalog, Wishes(user_count=3)))

    document = plan_document(made)

    assert made.sense
    assert document["first_remarks"] == [check.sentence for check in made.sense]
    assert not set(document["first_remarks"]) & set(document["remarks"])


async def test_given_gpus_get_a_card_with_their_memory_and_a_curve_with_the_stated_load(
    toolbox: Toolbox,
) -> None:
    talk = await Conversation.open(toolbox)
    answer = await talk.say("will gpt-oss-120b fit on one RTX PRO 6000 for 20 users")
    text, results = drawn(answer.events)

    (made,) = results.shown(offline=True)
    assert isinstance(made, CapacityAnswer) and made.best and made.best.at_load
    assert text == PREFACE.strip(), "the card says it all"
    shown = capacity_props(made)
    assert shown["best"]["memory_gib"] == made.best.memory_gib.model_dump()
    assert shown["word"] == "Yes" and shown["best"]["evidence"]["words"].startswith(made.best.evidence.kind)
    assert shown["helps"] == [], "it fits and carries the users: nothing more is needed"
    stated = tokens_against_concurrency(made)["data"][-1]
    assert (stated["x"], stated["y"]) == ([20], [made.best.at_load.output_tokens_per_second])


async def test_alternatives_get_one_card_side_by_side(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox)
    answer = await talk.say("H100 or L40S for Qwen3-32B at 20 requests a second?")
    text, results = drawn(answer.events)

    (made,) = results.shown(offline=True)
    assert isinstance(made, Comparison) and has_card(made)
    assert text == PREFACE.strip()
    assert [plan.gpu for plan in made.plans] == ["H100-SXM", "L40S"]


def test_sessions_and_drafts_have_pictures_of_their_own(toolbox: Toolbox) -> None:
    wishes = Wishes(
        use_case="coding_agent", concurrent_sessions=40, context_tokens=32_000, speculation="auto",
        preferred_models=("Qwen3-32B",),
    )  # fmt: skip
    plan = make_plan(toolbox.search_space, specify(toolbox.catalog, wishes))

    names = [name for name, _ in plan_charts(plan)]
    assert {"sessions against cache", "speculative decoding"} <= set(names)
    # A larger cache finds more and carries more.
    found = [point.prefix_cache_hit_rate for point in plan.cache_curve]
    assert found[-1] >= found[0] and plan.cache_curve[-1].sessions > plan.cache_curve[0].sessions
    document = plan_document(plan)
    assert "prompt tokens found" in document["options"][0]["cached"]
