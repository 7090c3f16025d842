"""The calls of a model of Ollama's, over its protocol, with all that small models get wrong in them."""

import json

import pytest

from agent import Conversation
from agent.events import ModelUsed, Notice, TextDelta, ToolFailed, ToolStarted
from agent.offline import PREFACE
from compass.planning import Plan
from tests.contract.ollama_server import FakeOllama, Reply
from tests.contract.ollama_talk import PLAN, SENTENCE, SLO, asked, names, of_kind
from tools.toolbox import Toolbox


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
