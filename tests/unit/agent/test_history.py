from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart

from agent.history import STOPPED, Record, key_of


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
