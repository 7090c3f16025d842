"""Conversations with the offline engine, over the real tools."""

import asyncio
import dataclasses
import re
import time
from collections.abc import AsyncIterator

import pytest

from agent import Answer, Conversation, run
from agent.events import Finished, ModelUsed, TextDelta, ToolFailed, ToolFinished
from agent.history import key_of
from agent.offline import PREFACE
from compass.core import InvalidInput, NotFound
from compass.manifests import Manifests
from compass.planning import Plan, Specification
from compass.serving import ApprovalRequest, Deployment, Removed, Status
from compass.serving import types as serving
from tools.toolbox import Toolbox

CHATBOT = "A support chatbot for 5,000 users, answers must start within 300 ms"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPASS_MODEL", "offline")


@pytest.fixture
async def talk(toolbox: Toolbox) -> AsyncIterator[Conversation]:
    async def yes(request: ApprovalRequest) -> bool:
        return True

    talk = await Conversation.open(dataclasses.replace(toolbox, approver=yes))
    yield talk
    if "deployment_id" in talk.record.ledger.latest:
        await talk.say("remove it")


def names(answer: Answer) -> list[str]:
    return [name for name, _ in answer.calls]


def plan_in(answer: Answer) -> Plan:
    return next(result for result in answer.results if isinstance(result, Plan))


async def test_each_demonstration_gives_a_plan_at_once(toolbox: Toolbox) -> None:
    for text in toolbox.catalog.demonstrations:
        began = time.perf_counter()
        answer = await run(text, toolbox)

        best = plan_in(answer).options[0]
        assert names(answer) == ["map_slo", "plan_replicas"]
        assert answer.text.startswith(PREFACE)
        cost = f"${best.usd_per_month:,.0f}" if best.usd_per_job is None else f"${best.usd_per_job:.2f} a job"
        assert best.gpu in answer.text and cost in answer.text
        assert best.evidence.kind in answer.text and best.replica_arithmetic in answer.text
        assert time.perf_counter() - began < 15


async def test_events_come_in_order(talk: Conversation) -> None:
    events = [event async for event in talk.ask(CHATBOT)]

    assert events[0] == ModelUsed("offline engine", offline=True)
    assert isinstance(events[-1], Finished)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == events[-1].text
    kinds = [type(event.result) for event in events if isinstance(event, ToolFinished)]
    assert [issubclass(kind, base) for kind, base in zip(kinds, (Specification, Plan), strict=True)] == [
        True,
        True,
    ]


async def test_no_figure_that_no_tool_returned(talk: Conversation) -> None:
    plan = plan_in(await talk.say(CHATBOT))
    answer = await talk.say("explain")
    money = re.findall(r"\$([\d,]+) a month", answer.text) + re.findall(r"= \$([\d,]+) ", answer.text)

    known = plan.model_dump_json() + " ".join(
        f"{option.usd_per_month:,.0f}" for option in (*plan.options, *plan.pareto_front)
    )
    assert money and all(amount in known for amount in money)


async def test_a_follow_up_changes_one_thing_and_keeps_the_rest(talk: Conversation) -> None:
    await talk.say(CHATBOT)
    answer = await talk.say("what about H200 instead?")

    wish, plan = plan_in(answer).specification, plan_in(answer)
    assert wish.user_count == 5000 and wish.ttft_p95_ms == 300
    assert {option.gpu for option in plan.options} == {"H200"}
    assert "**Changed**" in answer.text and f"{plan.base_plan_id}" in answer.text


async def test_an_answer_to_the_question_moves_the_load(talk: Conversation) -> None:
    before = plan_in(await talk.say(CHATBOT)).specification
    after = plan_in(await talk.say("active share: 0.4")).specification

    assert after.peak_requests_per_second == pytest.approx(2 * before.peak_requests_per_second)


async def test_why_not_compares_and_changes_nothing(talk: Conversation) -> None:
    plan = plan_in(await talk.say(CHATBOT))
    answer = await talk.say("why not L4?")

    assert answer.calls[0][1]["preferred_gpu_types"] == ["L4"] and "L4" in answer.text
    assert talk.record.ledger.latest["plan_id"] == plan.plan_id
    assert "excluded_gpu_types" not in (await talk.say("and for 6,000 users?")).calls[0][1]


async def test_the_whole_way_from_plan_to_removal(talk: Conversation) -> None:
    plan = plan_in(await talk.say(CHATBOT))
    cheapest = next(option for option in plan.options if "lowest_cost" in option.views)

    deployed = await talk.say("yes, deploy the cheapest")
    assert deployed.calls[0] == ("deploy", deployed.calls[0][1] | {"option_id": cheapest.option_id})
    assert isinstance(deployed.results[0], Deployment) and isinstance(deployed.results[1], Status)

    tested = await talk.say("send it a prompt: Who are you?")
    assert tested.calls[0][1]["prompt"] == "Who are you?" and isinstance(
        tested.results[0], serving.TestAnswer
    )
    assert "TTFT" in tested.text

    assert isinstance((await talk.say("how is it doing?")).results[0], Status)
    manifests = await talk.say("show me the yaml")
    assert isinstance(manifests.results[0], Manifests)
    assert manifests.calls[0][1]["option_id"] == cheapest.option_id

    assert isinstance((await talk.say("remove it")).results[0], Removed)
    assert (await talk.say("how is it doing?")).calls == []


async def test_a_no_deploys_nothing(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox)
    await talk.say(CHATBOT)
    answer = await talk.say("deploy it")

    assert [event.name for event in answer.events if isinstance(event, ToolFailed)] == ["deploy"]
    assert "approved" in answer.text and "deployment_id" not in talk.record.ledger.latest


async def test_yes_means_what_was_offered(talk: Conversation) -> None:
    assert (await talk.say("yes")).calls == []
    await talk.say(CHATBOT)
    assert names(await talk.say("yes, go ahead"))[0] == "deploy"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("deploy it", "no plan"),
        ("how is it doing?", "Nothing is deployed"),
        ("why not H100?", "no plan"),
        ("explain", "no plan"),
        ("hello", "I plan deployments"),
        ("what is the weather in Paris?", "outside of what I can help with"),
        ("thanks", "welcome"),
    ],
)
async def test_without_a_plan_it_says_what_comes_first(toolbox: Toolbox, text: str, words: str) -> None:
    answer = await run(text, toolbox)

    assert words in answer.text and answer.calls == []


async def test_what_cannot_be_says_why_and_what_would(talk: Conversation) -> None:
    answer = await talk.say("A chatbot for 5,000 users for at most $50 a month")

    assert plan_in(answer).options == ()
    assert "Not possible" in answer.text and "over the budget" in answer.text
    assert plan_in(answer).relaxations[0].change in answer.text


async def test_an_unknown_name_is_a_sentence(talk: Conversation) -> None:
    answer = await talk.say("how is dep-ffff doing?")

    assert names(answer) == ["get_status"] and "deployed" in answer.text


async def test_benchmarks_are_looked_up(toolbox: Toolbox) -> None:
    answer = await run("what benchmarks do you have for gpt-oss-120b on B200?", toolbox)

    assert names(answer) == ["lookup_benchmarks"] and "measured" in answer.text


async def test_a_conversation_goes_on_after_a_restart(talk: Conversation, toolbox: Toolbox) -> None:
    await talk.say(CHATBOT)
    again = await Conversation.open(toolbox, talk.identifier)
    answer = await again.say("what about 8,000 users?")

    assert plan_in(answer).specification.user_count == 8000
    assert plan_in(answer).specification.ttft_p95_ms == 300


async def test_two_messages_at_once_are_answered_one_after_the_other(toolbox: Toolbox) -> None:
    one = await Conversation.open(toolbox)
    other = await Conversation.open(toolbox, one.identifier)
    await asyncio.gather(one.say(CHATBOT), other.say("make it 7,000 users"))
    await one.state.reload()

    assert one.record.texts == [CHATBOT, "make it 7,000 users"]


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "x" * 20_001])
async def test_nothing_to_read_is_refused(toolbox: Toolbox, text: str) -> None:
    with pytest.raises(InvalidInput):
        await run(text, toolbox)


async def test_pasted_bytes_and_long_texts_break_nothing(toolbox: Toolbox) -> None:
    for text in ("\ud800 PK\x03\x04 \x00 binary " * 50, "chatbot " * 2400, '{"name": "deploy"} ' * 100):
        answer = await run(text, toolbox)

        assert answer.text.startswith(PREFACE) and "deploy" not in names(answer)


async def test_a_stored_conversation_is_no_other_document(toolbox: Toolbox) -> None:
    with pytest.raises(NotFound):
        await toolbox.store.get(key_of("nobody"), Plan)
