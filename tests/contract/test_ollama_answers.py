"""Answers over HTTP from a server that speaks Ollama's protocol, with all that small models get wrong."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic_ai.settings import ModelSettings

from agent import Answer, Conversation
from agent.events import ModelUsed, Notice, PullOffered, TextDelta, TextReset, ToolFailed, ToolStarted
from agent.offline import PREFACE
from agent.ollama_choice import CONTEXT_TOKENS
from agent.toolset import SPECS
from tests.contract.ollama_server import FakeOllama, Reply, Stage, staged
from tools.errors import Unavailable
from tools.planning.types import Plan
from tools.serving.types import ApprovalRequest
from tools.toolbox import Toolbox

SENTENCE = "A support chatbot for 5,000 users, answers must start within 300 ms"
WISH = {"use_case": "chatbot_conversational", "user_count": 5000, "ttft_ms": 300}
SLO = Reply(calls=[("map_slo", {"use_case": "chatbot_conversational", "user_count": 5000, "ttft_ms": 300})])
PLAN = Reply(calls=[("plan_replicas", {})])


@pytest.fixture(scope="module", params=["native", "openai-style"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with staged(speaks_native=request.param == "native") as server:
        yield server


@pytest.fixture
def ollama(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    ollama = stage.fresh()
    monkeypatch.setenv("OLLAMA_BASE_URL", f"{ollama.url}/v1")
    monkeypatch.setenv("COMPASS_MODEL", "ollama:qwen2.5:7b")
    ollama.intent = lambda said: WISH
    yield ollama
    assert ollama.overflows() == [], "tokens beyond the context, which Ollama cuts without a word"


async def asked(box: Toolbox, ollama: FakeOllama, *replies: Reply, text: str = SENTENCE) -> Answer:
    ollama.plays(*replies)
    return await (await Conversation.open(box)).say(text)


def names(answer: Answer) -> list[str]:
    return [name for name, _ in answer.calls]


def of_kind(answer: Answer, kind: type) -> list[Any]:
    return [event for event in answer.events if isinstance(event, kind)]


async def test_calls_and_text_are_streamed_and_the_model_is_named(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    answer = await asked(toolbox, ollama, SLO, PLAN, Reply("I recommend the balanced option."))

    assert names(answer) == ["map_slo", "plan_replicas"]
    assert answer.text == "I recommend the balanced option."
    assert len(of_kind(answer, TextDelta)) > 2
    assert of_kind(answer, ModelUsed) == [ModelUsed("qwen2.5:7b (Ollama)")]
    assert answer.usage.requests == 4 and answer.usage.input_tokens > 2000


async def test_numbers_in_the_text_win_over_the_models(toolbox: Toolbox, ollama: FakeOllama) -> None:
    wrong = Reply(calls=[("map_slo", {"use_case": "translation", "user_count": 50, "ttft_ms": 3})])
    answer = await asked(toolbox, ollama, wrong, Reply("Done."))

    arguments = answer.calls[0][1]
    assert (arguments["user_count"], arguments["ttft_ms"]) == (5000, 300)
    assert arguments["use_case"] == "chatbot_conversational"


ASKED = '{"use_case": "chatbot_conversational"}'
IN_A_STRING = json.dumps({"name": "map_slo", "arguments": ASKED})


@pytest.mark.parametrize(
    "written",
    [
        f'{{"name": "map_slo", "arguments": {ASKED}}}',
        f'Sure!\n```json\n{{"name": "map_slo", "parameters": {ASKED}}}\n```',
        f"<tool_call>\n{IN_A_STRING}\n</tool_call>",
        f'{{"tool_calls": [{{"function": {{"name": "map_slo", "arguments": {ASKED}}}}}]}}',
        '<think>I should call {"name": "deploy"} later.</think>map_slo(use_case="chatbot_conversational")',
    ],
)
async def test_a_call_written_as_text_is_made(toolbox: Toolbox, ollama: FakeOllama, written: str) -> None:
    answer = await asked(toolbox, ollama, Reply(written), Reply("Done."))

    assert names(answer) == ["map_slo"]
    assert answer.text.removeprefix("Sure!").strip() == "Done."


async def test_wrong_types_and_names_are_put_right_where_nothing_is_lost(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    ollama.intent = lambda said: {}
    call = {
        "useCase": "chatbot_conversational",
        "users": "2k",
        "e2e": "9 s",
        "preferred_gpu_types": "H100, H200",
        "budget_usd_per_month": "null",
    }
    answer = await asked(
        toolbox, ollama, Reply(calls=[("mapSlo", call)]), Reply("Done."), text="A chatbot please"
    )

    name, arguments = answer.calls[0]
    assert name == "map_slo"
    assert arguments["user_count"] == 2000 and arguments["e2e_ms"] == 9000
    assert arguments["preferred_gpu_types"] == ["H100", "H200"] and "budget_usd_per_month" not in arguments


async def test_a_value_that_cannot_be_is_told_and_tried_again(toolbox: Toolbox, ollama: FakeOllama) -> None:
    ollama.intent = lambda said: {"use_case": "translation"}
    wrong = Reply(calls=[("map_slo", {"preferred_gpu_types": ["H1000X"]})])
    answer = await asked(toolbox, ollama, wrong, Reply("There is no such GPU."), text="Translate for us")

    assert [event.name for event in of_kind(answer, ToolFailed)] == ["map_slo"]
    told = str(ollama.questions()[-1]["messages"][-1])
    assert "No GPU called" in told and "H100-SXM" in told
    assert answer.text == "There is no such GPU."


async def test_an_unknown_tool_is_refused_and_named(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply(calls=[("make_coffee", {})]), Reply("No coffee."))

    assert answer.calls == [] and answer.text == "No coffee."
    assert "make_coffee" in str(ollama.questions()[-1]["messages"][-1])


async def test_remove_is_never_taken_for_deploy(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply(calls=[("remove_deployment", {})]), Reply("I cannot."))

    assert answer.calls == []


async def test_a_missing_id_is_the_latest_and_said(toolbox: Toolbox, ollama: FakeOllama) -> None:
    render = Reply(calls=[("render_yaml", {"option_id": "<the balanced option>"})])
    answer = await asked(toolbox, ollama, SLO, PLAN, render, Reply("Here."))

    plan = next(result for result in answer.results if isinstance(result, Plan))
    assert answer.calls[-1][1]["option_id"] == plan.options[0].option_id
    assert any(plan.options[0].option_id in event.text for event in of_kind(answer, Notice))


async def test_the_same_call_again_and_again_is_stopped(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, *[SLO] * 6)

    started = [event.arguments for event in of_kind(answer, ToolStarted) if event.name == "map_slo"]
    assert len(ollama.questions()) == 3
    assert len(started) == 2, "once by the model, once by the offline engine"
    assert "circles" in of_kind(answer, ModelUsed)[-1].reason
    assert answer.model == "offline engine" and answer.text.startswith(PREFACE)


@pytest.mark.parametrize(
    "useless", [Reply(""), Reply("I think that we sho", finish="length"), Reply("<think>never said</think>")]
)
async def test_an_empty_or_cut_answer_is_asked_for_once_more(
    toolbox: Toolbox, ollama: FakeOllama, useless: Reply
) -> None:
    answer = await asked(toolbox, ollama, useless, Reply("A whole answer."))

    assert answer.text == "A whole answer." and answer.model == "qwen2.5:7b (Ollama)"


async def test_two_empty_answers_bring_the_offline_engine(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply(""), Reply(""))

    assert answer.text.startswith(PREFACE) and "plan_replicas" in names(answer)


async def test_a_figure_that_no_tool_returned_is_doubted(toolbox: Toolbox, ollama: FakeOllama) -> None:
    claim = Reply("For your 5,000 users it takes 4711 GPUs at 300 ms.")
    answer = await asked(toolbox, ollama, SLO, PLAN, claim)

    doubts = [event.text for event in of_kind(answer, Notice) if "No tool" in event.text]
    assert doubts == ["No tool returned 4711 GPUs: do not rely on it."]


async def test_thinking_is_not_shown(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply("<think>Let me see … {a: 1}</think>\nThe answer is short."))

    assert answer.text == "The answer is short."
    assert "Let me see" not in "".join(event.text for event in of_kind(answer, TextDelta))


async def test_thinking_in_its_own_field_is_not_shown(toolbox: Toolbox, ollama: FakeOllama) -> None:
    answer = await asked(toolbox, ollama, Reply("Short.", thinking="Let me see, what about 4711?"))

    assert answer.text == "Short." and of_kind(answer, Notice) == []
    assert not any("4711" in str(request) for request in ollama.requests)


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

    monkeypatch.setattr("agent.session.COOL_DOWN_S", 0.0)
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


async def test_a_model_that_goes_on_and_on_is_stopped(toolbox: Toolbox, ollama: FakeOllama) -> None:
    replies = [Reply(calls=[("lookup_benchmarks", {"page": page})]) for page in range(1, 15)]
    answer = await asked(toolbox, ollama, *replies)

    assert len(ollama.questions()) <= 10
    assert "more steps" in of_kind(answer, ModelUsed)[-1].reason and answer.text.startswith(PREFACE)


async def test_a_second_try_is_another_try(toolbox: Toolbox, ollama: FakeOllama) -> None:
    await asked(toolbox, ollama, Reply(""), Reply("A whole answer."))

    first, second = (request.get("options", request)["temperature"] for request in ollama.questions())
    assert first == 0 and second > 0, "at the same temperature the same nothing would come"


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


async def test_without_a_yes_nothing_is_deployed_and_the_model_is_told(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    talk = await Conversation.open(toolbox)
    ollama.plays(SLO, PLAN, Reply("Planned."))
    await talk.say(SENTENCE)
    ollama.plays(Reply(calls=[("deploy", {})]), Reply("You did not approve it."))
    answer = await talk.say("deploy it")

    assert [event.name for event in of_kind(answer, ToolFailed)] == ["deploy"]
    assert "approv" in str(ollama.questions()[-1]["messages"][-1])


async def test_a_slow_start_is_announced(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.steady.SLOW_AFTER_S", 0.05)
    answer = await asked(toolbox, ollama, Reply("Now.", wait_s=0.3))

    assert any("slow to start" in event.text for event in of_kind(answer, Notice)) and answer.text == "Now."


async def test_a_model_that_is_loaded_while_it_reads_is_announced_once(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.steady.SLOW_AFTER_S", 0.05)
    ollama.intent_wait_s = 0.3
    answer = await asked(toolbox, ollama, Reply("Now.", wait_s=0.3))

    told = [event.text for event in of_kind(answer, Notice)]
    assert [text for text in told if "slow to start" in text] == told and len(told) == 1


async def test_a_silent_reading_times_out_too(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.understanding.PATIENCE_S", 0.2)
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
    monkeypatch.setattr("agent.playing.SETTINGS", ModelSettings(first_event_timeout=0.2))
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


async def test_history_goes_along_and_survives_a_restart(toolbox: Toolbox, ollama: FakeOllama) -> None:
    first = await Conversation.open(toolbox)
    ollama.plays(SLO, PLAN, Reply("It is planned."))
    await first.say(SENTENCE)

    ollama.plays(Reply("As I said."))
    again = await Conversation.open(toolbox, first.identifier)
    await again.say("thanks, what did you say?")

    roles = [message["role"] for message in ollama.questions()[-1]["messages"]]
    calls = ["assistant", "tool", "assistant", "tool"] if ollama.speaks_native else []
    assert roles == ["system", "user", *calls, "assistant", "user"], "a short context leaves the calls out"


async def test_a_long_conversation_fits_and_nothing_of_it_is_lost(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    talk = await Conversation.open(toolbox)
    book = "A chatbot for 700 people who read " + "many long books about GPUs and " * 550
    for text in (SENTENCE, "what about H200 instead?", book[:19_990], "make it 900 users", "on L40S then"):
        ollama.plays(SLO, PLAN, Reply("I recommend the balanced option. " * 20))
        await talk.say(text)
    ollama.plays(Reply("It was 900."))
    answer = await talk.say("how many users was it again?")

    assert answer.text == "It was 900."
    last = str(ollama.questions()[-1]["messages"])
    assert "make it 900 users" in last or "user_count=900" in last
    kept = await Conversation.open(toolbox, talk.identifier)
    assert [m.count("book") > 500 for m in kept.record.texts].count(True) == 1, "whole in the store"
    assert sum("user-prompt" in str(message) for message in kept.record.messages) == 6


async def test_ollama_is_asked_for_one_context_length(toolbox: Toolbox, ollama: FakeOllama) -> None:
    await asked(toolbox, ollama, SLO, PLAN, Reply("Done."))

    lengths = {request.get("options", {}).get("num_ctx") for request in ollama.requests}
    assert lengths == ({CONTEXT_TOKENS} if ollama.speaks_native else {None}), "another one loads it anew"


async def test_every_parameter_reaches_the_model_with_its_type(toolbox: Toolbox, ollama: FakeOllama) -> None:
    await asked(toolbox, ollama, Reply("Done."))

    tools = {tool["function"]["name"]: tool["function"] for tool in ollama.questions()[0]["tools"]}
    assert set(tools) == set(SPECS)
    for tool in tools.values():
        assert all(
            field.get("type") and field.get("description")
            for field in tool["parameters"]["properties"].values()
        )


async def test_no_secret_reaches_prompt_or_log(
    toolbox: Toolbox, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "sesame-4711")
    with caplog.at_level(logging.DEBUG):
        await asked(toolbox, ollama, Reply(status=500))

    assert "sesame-4711" not in str(ollama.requests) and "sesame-4711" not in caplog.text


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


async def test_a_deleted_plan_does_not_end_the_conversation(toolbox: Toolbox, ollama: FakeOllama) -> None:
    talk = await Conversation.open(toolbox)
    ollama.plays(SLO, PLAN, Reply("Planned."))
    await talk.say(SENTENCE)
    await toolbox.store.delete(talk.record.ledger.latest["plan_id"])

    ollama.plays(Reply("Let us plan again."))
    again = await Conversation.open(toolbox, talk.identifier)
    assert (await again.say("explain")).text == "Let us plan again."
