"""What is sent fits, newest first, and a call never stands without its return."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from agent.llm.context_window import MARGIN, answer_tokens, fit_to_context, fixed_tokens, message_tokens

PARAMETERS = ModelRequestParameters(instruction_parts=[InstructionPart("Be brief. " * 40)])
RESULT = "TTFT 141.2 ms at 2 x H100. " * 40


def turn(text: str, calls: int = 1, answer: str = "Yes.") -> list[ModelMessage]:
    messages: list[ModelMessage] = [ModelRequest([UserPromptPart(text)])]
    for number in range(calls):
        identifier = f"{text[:9]}-{number}"
        messages.append(
            ModelResponse([ThinkingPart("hm"), ToolCallPart("map_slo", {"n": number}, identifier)])
        )
        messages.append(ModelRequest([ToolReturnPart("map_slo", RESULT, identifier)]))
    return [*messages, ModelResponse([TextPart(answer)])]


def identifiers(messages: list[ModelMessage], kind: type[ToolCallPart | ToolReturnPart]) -> list[str]:
    return [part.tool_call_id for message in messages for part in message.parts if isinstance(part, kind)]


def prompts(messages: list[ModelMessage]) -> list[str]:
    return [str(p.content) for m in messages for p in m.parts if isinstance(p, UserPromptPart)]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.integers(1_500, 9_000))
def test_it_fits_whatever_was_said(calls: list[int], context: int) -> None:
    history = [message for number, count in enumerate(calls) for message in turn(str(number), count)]
    sent = fit_to_context(history, PARAMETERS, context)

    assert message_tokens(sent) + fixed_tokens(sent, PARAMETERS) <= MARGIN * context
    assert answer_tokens(context) + message_tokens(sent) + fixed_tokens(sent, PARAMETERS) <= context
    assert identifiers(sent, ToolCallPart) == identifiers(sent, ToolReturnPart)
    assert prompts(sent) == prompts(history)[-len(prompts(sent)) :], "the newest, in order, none left out"
    assert not any(isinstance(part, ThinkingPart) for message in sent for part in message.parts)


def test_older_answers_go_along_as_words_before_they_go() -> None:
    history = turn("first", 3) + turn("second", 3) + turn("third", 0)
    sent = fit_to_context(history, PARAMETERS, 3_000)

    assert prompts(sent) == ["first", "second", "third"]
    assert identifiers(sent, ToolCallPart) == identifiers(
        fit_to_context(turn("second", 3), PARAMETERS, 3_000), ToolCallPart
    )


def test_the_newest_result_is_kept_and_older_ones_shortened() -> None:
    history = turn("now", 4)[:-1]
    sent = fit_to_context(history, PARAMETERS, 2_200)
    results = [p for m in sent for p in m.parts if isinstance(p, ToolReturnPart)]

    assert "left out" in results[0].model_response_str()
    assert results[-1].model_response_str() == RESULT


def test_a_pasted_book_keeps_its_ends() -> None:
    book = "Chatbot for 5,000 users. " + "Once upon a time. " * 1_000 + "First token in 300 ms."
    [sent] = prompts(fit_to_context([ModelRequest([UserPromptPart(book)])], PARAMETERS, 8_192))

    assert sent.startswith("Chatbot for 5,000") and sent.endswith("300 ms.") and "left out" in sent
