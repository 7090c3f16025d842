"""What goes to a model of Ollama's and what is kept: history, context length, tools, no secret."""

import logging

import pytest

from agent import Conversation
from agent.llm.ollama_choice import CONTEXT_TOKENS
from tests.contract.ollama_server import FakeOllama, Reply
from tests.contract.ollama_talk import PLAN, SENTENCE, SLO, asked
from tools.specs import TOOLS
from tools.toolbox import Toolbox


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
    assert set(tools) == {spec.name for spec in TOOLS}
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


async def test_a_deleted_plan_does_not_end_the_conversation(toolbox: Toolbox, ollama: FakeOllama) -> None:
    talk = await Conversation.open(toolbox)
    ollama.plays(SLO, PLAN, Reply("Planned."))
    await talk.say(SENTENCE)
    await toolbox.store.delete(talk.record.ledger.latest["plan_id"])

    ollama.plays(Reply("Let us plan again."))
    again = await Conversation.open(toolbox, talk.identifier)
    assert (await again.say("explain")).text == "Let us plan again."
