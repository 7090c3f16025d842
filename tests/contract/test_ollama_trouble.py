"""Ollama breaks off, falls silent, loads for minutes, fails: there is an answer, nothing is done twice."""

import asyncio
import dataclasses

import pytest
from pydantic_ai.settings import ModelSettings

from agent import Conversation
from agent.events import ModelUsed, Notice, PullOffered, TextDelta, TextReset
from agent.offline import PREFACE
from compass.core import Unavailable
from compass.serving import ApprovalRequest
from tests.contract.ollama_server import FakeOllama, Reply
from tests.contract.ollama_talk import PLAN, SENTENCE, SLO, asked, names, of_kind
from tools.toolbox import Toolbox


async def test_ollama_stops_midway_then_returns(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await Conversation.open(toolbox)
    ollama.plays(Reply("I am in the middle of a sen", break_after=2))

    broken = await talk.say(SENTENCE)
    assert broken.model == "offline engine" and broken.text.startswith(PREFACE)
    assert of_kind(broken, TextReset) and "stopped answering" in of_kind(broken, ModelUsed)[-1].reason

    sticky = await talk.say("explain")
    assert sticky.model == "offline engine" and len(ollama.questions()) == 1

    monkeypatch.setattr("agent.answering.COOL_DOWN_S", 0.0)
    ollama.plays(Reply("Here I am."))
    back = await talk.say("explain it again")
    assert back.model == "qwen2.5:7b (Ollama)" and "answers again" in of_kind(back, Notice)[0].text


@pytest.mark.parametrize(
    "broken",
    [
        Reply("I am in the middle of a sen", end_after=2),
        Reply("I am in the middle of a sen", error_after=2),
        Reply(calls=[("map_slo", {})], break_after=0),
        Reply("", break_after=0),
    ],
    ids=["ends", "error", "call", "first"],
)
async def test_half_an_answer_is_never_taken_for_a_whole_one(
    toolbox: Toolbox, ollama: FakeOllama, broken: Reply
) -> None:
    answer = await asked(toolbox, ollama, broken)

    assert answer.text.startswith(PREFACE) and answer.model == "offline engine"
    assert "qwen2.5:7b (Ollama) stopped answering" in of_kind(answer, ModelUsed)[-1].reason
    assert names(answer) == ["map_slo", "plan_replicas"]


async def test_a_server_error_falls_back(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply(status=500))

    assert "HTTP 500" in of_kind(answer, ModelUsed)[-1].reason and answer.text.startswith(PREFACE)


async def test_nothing_is_deployed_twice_when_the_model_falls_silent(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    requests: list[ApprovalRequest] = []

    async def yes(request: ApprovalRequest) -> bool:
        requests.append(request)
        return True

    box = dataclasses.replace(toolbox, approver=yes)
    talk = await Conversation.open(box)
    ollama.plays(SLO, PLAN, Reply("Planned."))
    await talk.say(SENTENCE)
    ollama.plays(Reply(calls=[("deploy", {})]), Reply("It is ru", break_after=1))
    answer = await talk.say("deploy it")
    try:
        assert names(answer).count("deploy") == 1 and len(requests) == 1
        assert "Deployed" in answer.text and answer.model == "offline engine"
    finally:
        ollama.plays(Reply(calls=[("undeploy", {})]), Reply("Removed."))
        await talk.say("remove it")
    assert [request.action for request in requests] == ["deploy", "undeploy"]


async def test_a_slow_start_is_announced(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.llm.repaired_model.SLOW_AFTER_S", 0.05)
    answer = await asked(toolbox, ollama, Reply("Now.", wait_s=0.3))

    assert any("slow to start" in event.text for event in of_kind(answer, Notice)) and answer.text == "Now."


async def test_a_model_that_is_loaded_while_it_reads_is_announced_once(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.llm.repaired_model.SLOW_AFTER_S", 0.05)
    ollama.intent_wait_s = 0.3
    answer = await asked(toolbox, ollama, Reply("Now.", wait_s=0.3))

    told = [event.text for event in of_kind(answer, Notice)]
    assert [text for text in told if "slow to start" in text] == told and len(told) == 1


async def test_a_silent_reading_times_out_too(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.llm.intent_reader.PATIENCE_S", 0.2)
    ollama.intent_wait_s = 5
    answer = await asked(toolbox, ollama)

    assert "too long" in of_kind(answer, ModelUsed)[-1].reason and answer.text.startswith(PREFACE)
    assert ollama.questions() == []


async def test_a_reading_that_makes_no_sense_is_left_to_the_rules(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    ollama.intent = lambda said: {"use_case": "world domination", "user_count": "many"}
    answer = await asked(toolbox, ollama, Reply(calls=[("map_slo", {})]), Reply("Done."))

    assert answer.intent is not None and answer.intent.use_case == "chatbot_conversational"
    assert answer.calls[0][1]["user_count"] == 5000 and answer.model == "qwen2.5:7b (Ollama)"


async def test_a_silent_model_times_out(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.llm.runner.SETTINGS", ModelSettings(first_event_timeout=0.2))
    answer = await asked(toolbox, ollama, Reply("Too late.", wait_s=5))

    assert "too long" in of_kind(answer, ModelUsed)[-1].reason and answer.text.startswith(PREFACE)


async def test_stopping_closes_the_stream_and_keeps_what_was_said(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    talk = await Conversation.open(toolbox)

    async def listen() -> None:
        async for event in talk.ask(SENTENCE):
            if isinstance(event, TextDelta):
                await asyncio.sleep(5)

    ollama.plays(Reply("word " * 200, stall_s=60), Reply("Go on."))
    task = asyncio.create_task(listen())
    while not (ollama.questions() and ollama.open_streams):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(100):
        if not ollama.open_streams:
            break
        await asyncio.sleep(0.02)

    assert ollama.open_streams == 0
    again = await Conversation.open(toolbox, talk.identifier)
    assert again.record.texts == [SENTENCE]
    assert (await again.say("go on")).text == "Go on."


async def test_not_pulled_is_said_and_offered(toolbox: Toolbox, ollama: FakeOllama) -> None:
    ollama.models = ["llama3.2:3b"]
    answer = await asked(toolbox, ollama)

    assert of_kind(answer, PullOffered) == [PullOffered("qwen2.5:7b")]
    assert "has no qwen2.5:7b" in of_kind(answer, ModelUsed)[0].reason and answer.text.startswith(PREFACE)


async def test_a_lost_database_costs_the_memory_and_not_the_answer(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(identifier: str, body: object) -> None:
        raise Unavailable("PostgreSQL does not answer.")

    talk = await Conversation.open(toolbox)
    monkeypatch.setattr(toolbox.store, "put_as", lost)
    ollama.plays(Reply("Hello."))
    answer = await talk.say("hello")

    assert answer.text == "Hello."
    assert "could not be stored" in of_kind(answer, Notice)[-1].text
