"""What the offline engine says of given GPUs, and of questions about its answer."""

from collections.abc import Sequence

import pytest

from agent import Answer, Conversation, answering
from agent.intent import Intent
from agent.request_call import call_for
from chat.cards import AnswerResults
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Wishes
from tools.toolbox import Toolbox

WANTED = {
    "goal": "capacity",
    "asked": ("throughput",),
    "preferred_models": ("Qwen3-32B",),
    "preferred_gpu_types": ("L40S",),
    "gpu_count": 2,
    "concurrent_requests": 16,
}


@pytest.fixture(autouse=True)
def read_as_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading of these messages is given: this is about what follows from it."""
    monkeypatch.setenv("COMPASS_MODEL", "offline")

    def understood(messages: Sequence[str]) -> Intent:
        count = 4 if "with 4" in messages[-1] else 2
        unread = ("on a Tuesday",) if "Tuesday" in messages[0] else ()
        return Intent.model_validate({**WANTED, "gpu_count": count, "unread": unread})

    monkeypatch.setattr(answering, "understand", understood)


def answer_in(answer: Answer) -> CapacityAnswer:
    return next(result for result in answer.results if isinstance(result, CapacityAnswer))


async def test_the_tool_gets_what_was_said_and_the_reply_begins_with_the_verdict(toolbox: Toolbox) -> None:
    said = await (await Conversation.open(toolbox)).say("tokens a second of Qwen3-32B on 2 L40S?")

    assert [name for name, _ in said.calls] == ["estimate_capacity"]
    assert said.calls[0][1]["asked"] == ["throughput"]
    answer = answer_in(said)
    assert f"**Yes** {answer.why}" in said.text
    assert "| **16** |" in said.text and "**Would help**" in said.text
    assert answer.best and f"{answer.best.kv_cache_tokens:,} tokens of KV cache" in said.text


async def test_a_follow_up_changes_one_thing_and_questions_quote_the_figures(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox)
    first = answer_in(await talk.say("tokens a second of Qwen3-32B on 2 L40S?"))
    second = answer_in(await talk.say("and with 4?"))
    why, sure, measured = [await talk.say(text) for text in ("why?", "how sure are you?", "what would help?")]

    assert (first.gpu_count, second.gpu_count) == (2, 4)
    assert not why.calls and second.why in why.text and "of a decode step" in why.text
    assert second.best and second.best.evidence.nearest and second.best.evidence.nearest in sure.text
    assert second.helps[0].effect in measured.text


async def test_words_that_no_field_took_stand_before_the_answer(toolbox: Toolbox) -> None:
    said = await (await Conversation.open(toolbox)).say("Qwen3-32B on 2 L40S on a Tuesday, 16 at once?")

    assert said.text.startswith("Not used: on a Tuesday")


async def test_a_card_shows_what_the_text_says(toolbox: Toolbox) -> None:
    said = await (await Conversation.open(toolbox)).say("Qwen3-32B on 2 L40S, 16 at once?")
    results = AnswerResults()

    results.by_call = {"1": answer_in(said)}

    assert results.shown(offline=False) == [answer_in(said)]


def test_the_goal_chooses_the_tool() -> None:
    capacity = Intent.model_validate(WANTED)
    size = Intent(user_count=500, use_case="chatbot_conversational")

    assert call_for(capacity, capacity).name == "estimate_capacity"
    assert call_for(size, size).name == "plan_replicas"
    assert call_for(size, Wishes(user_count=7)).arguments == {"user_count": 7}
