"""What a model of Ollama's says: nothing, half a thought, the same again, figures of its own."""

import pytest

from agent.events import ModelUsed, Notice, TextDelta
from agent.offline import PREFACE
from tests.contract.ollama_server import FakeOllama, Reply
from tests.contract.ollama_talk import PLAN, SLO, asked, names, of_kind
from tools.toolbox import Toolbox


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


async def test_a_model_that_goes_on_and_on_is_stopped(toolbox: Toolbox, ollama: FakeOllama) -> None:
    replies = [Reply(calls=[("lookup_benchmarks", {"page": page})]) for page in range(1, 15)]
    answer = await asked(toolbox, ollama, *replies)

    assert len(ollama.questions()) <= 10
    assert "more steps" in of_kind(answer, ModelUsed)[-1].reason and answer.text.startswith(PREFACE)


async def test_a_second_try_is_another_try(toolbox: Toolbox, ollama: FakeOllama) -> None:
    await asked(toolbox, ollama, Reply(""), Reply("A whole answer."))

    first, second = (request.get("options", request)["temperature"] for request in ollama.questions())
    assert first == 0 and second > 0, "at the same temperature the same nothing would come"
