from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent.history import STOPPED, Record, key_of, window


def turn(text: str, calls: int = 1, answer: str = "Yes.") -> list[ModelMessage]:
    messages: list[ModelMessage] = [ModelRequest([UserPromptPart(text)])]
    for number in range(calls):
        identifier = f"{text}-{number}"
        messages.append(
            ModelResponse([ThinkingPart("hm"), ToolCallPart("map_slo", {"n": number}, identifier)])
        )
        messages.append(ModelRequest([ToolReturnPart("map_slo", "x" * 50, identifier)]))
    return [*messages, ModelResponse([TextPart(answer)])]


def identifiers(messages: list[ModelMessage], kind: type[ToolCallPart | ToolReturnPart]) -> list[str]:
    return [part.tool_call_id for message in messages for part in message.parts if isinstance(part, kind)]


@given(st.lists(st.integers(0, 3), max_size=8), st.integers(0, 900))
def test_a_window_holds_whole_answers_only(calls: list[int], characters: int) -> None:
    history = [message for number, count in enumerate(calls) for message in turn(str(number), count)]
    kept = window(history, characters)

    assert identifiers(kept, ToolCallPart) == identifiers(kept, ToolReturnPart)
    assert not kept or isinstance(kept[0].parts[0], UserPromptPart)
    assert len(kept) <= len(history) and not identifiers_of_thinking(kept)


def identifiers_of_thinking(messages: list[ModelMessage]) -> list[ThinkingPart]:
    return [part for message in messages for part in message.parts if isinstance(part, ThinkingPart)]


def test_the_newest_answers_are_kept() -> None:
    kept = window(turn("old") + turn("new"), characters=100)

    assert [part.content for part in kept[0].parts if isinstance(part, UserPromptPart)] == ["new"]


def test_a_stopped_answer_is_closed_and_survives_the_store() -> None:
    record = Record()
    record.append([ModelRequest([UserPromptPart("hello")], instructions="secret rules")])
    record.append([ModelRequest([UserPromptPart("go on")]), ModelResponse([ToolCallPart("deploy", {}, "1")])])

    history = Record.model_validate_json(record.model_dump_json()).history()
    assert [type(message).__name__ for message in history] == ["ModelRequest", "ModelResponse"] * 2
    assert history[-1].parts == [TextPart(STOPPED)]
    assert "secret rules" not in record.model_dump_json()


def test_an_id_from_outside_cannot_name_another_document() -> None:
    assert key_of("../plan-7f3a") == "conversation-..plan-7f3a"
    assert len(key_of("x" * 500)) < 100
