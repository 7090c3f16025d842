"""What is sent to a model fits its context: the newest is kept whole, older answers as words, the oldest not.

Nothing is lost by it: the whole conversation stays in the store, and what the person said reaches the model
in its instructions, since the rules have read every word.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from compass.core.token_budget import cut, tokens

MARGIN = 0.95
"""Tokens are counted without a tokenizer."""
A_MESSAGE = 6
"""Tokens around each message."""
A_CALL = 25
"""Around a tool call: its tags and the names of its fields."""
AROUND_TOOLS = 200
"""What a chat template says about tools."""
LONGEST_PROMPT = 1 / 10
"""Of the context: more of a pasted text is left out, since the rules have read it."""
SHORTENED = 30
"""An older tool result, where the newest needs the room."""
Turn = list[ModelMessage]


def answer_tokens(context: int) -> int:
    """What is left for the answer."""
    return min(1_200, context // 6)


def fit(messages: Sequence[ModelMessage], parameters: ModelRequestParameters, context: int) -> Turn:
    """The messages that fit beside instructions, tools and answer in a context of so many tokens."""
    room = int(MARGIN * (context - answer_tokens(context))) - standing(messages, parameters)
    *earlier, current = turns_of([with_short_prompt(m, int(LONGEST_PROMPT * context)) for m in messages])
    current = within(current, room)
    room -= size(current)
    kept: list[Turn] = []
    for turn in reversed(earlier):
        fitting = next((form for form in (turn, words_of(turn)) if size(form) <= room), None)
        if fitting is None:
            break
        room -= size(fitting)
        kept.insert(0, fitting)
    return [message for turn in (*kept, current) for message in turn]


def standing(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> int:
    """Tokens of instructions and tools, which go along with each request."""
    parts = parameters.instruction_parts or []
    told = [part.content for part in parts] or [
        message.instructions or "" for message in messages[-1:] if isinstance(message, ModelRequest)
    ]
    tools = [
        f"{tool.name} {tool.description} {json.dumps(tool.parameters_json_schema)}"
        for tool in parameters.function_tools
    ]
    return sum(tokens(text) + A_MESSAGE for text in (*told, *tools)) + AROUND_TOOLS


def turns_of(messages: Sequence[ModelMessage]) -> list[Turn]:
    """Whole answers, each from the person's message on, without thinking; never none."""
    turns: list[Turn] = []
    for message in messages:
        if begins_turn(message) or not turns:
            turns.append([])
        turns[-1].append(without_thinking(message))
    return turns or [[]]


def begins_turn(message: ModelMessage) -> bool:
    """Whether the person speaks."""
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)


def without_thinking(message: ModelMessage) -> ModelMessage:
    """A response without what the model thought."""
    if not isinstance(message, ModelResponse):
        return message
    return replace(message, parts=[p for p in message.parts if not isinstance(p, ThinkingPart)])


def words_of(turn: Turn) -> Turn:
    """What was asked and answered, without the tools between."""
    said = [message for message in turn if begins_turn(message)]
    texts = [
        part.content
        for message in turn
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, TextPart) and part.content.strip()
    ]
    return [*said, ModelResponse([TextPart(texts[-1])])] if said and texts else turn


def with_short_prompt(message: ModelMessage, most: int) -> ModelMessage:
    """A message in which a pasted book keeps its beginning and its end."""

    def shorter(part: ModelRequestPart) -> ModelRequestPart:
        if isinstance(part, UserPromptPart) and isinstance(part.content, str):
            return replace(part, content=cut(part.content, most))
        return part

    return with_parts(message, shorter)


def within(turn: Turn, room: int) -> Turn:
    """A turn whose older tool results, then its newest, are shortened until it fits."""
    results = results_in(turn)
    for number in results:
        excess = size(turn) - room
        if excess <= 0:
            break
        most = SHORTENED if number != results[-1] else max(SHORTENED, result_tokens(turn[number]) - excess)
        turn = [*turn[:number], with_short_results(turn[number], most), *turn[number + 1 :]]
    while size(turn) > room and len(results := results_in(turn)) > 1:
        # The oldest call of many goes with its result.
        turn = [*turn[: results[0] - 1], *turn[results[0] + 1 :]]
    return turn


def results_in(turn: Turn) -> list[int]:
    """Where in a turn tool results stand; the message before each holds the calls."""
    return [number for number, message in enumerate(turn) if result_tokens(message)]


def result_tokens(message: ModelMessage) -> int:
    """Tokens of the tool results in a message."""
    return sum(of_part(part) for part in message.parts if isinstance(part, ToolReturnPart))


def with_short_results(message: ModelMessage, most: int) -> ModelMessage:
    """A message whose tool results together take about so many tokens."""
    share = most / max(1, result_tokens(message))

    def shorter(part: ModelRequestPart) -> ModelRequestPart:
        if not isinstance(part, ToolReturnPart):
            return part
        text = part.model_response_str()
        return ToolReturnPart(part.tool_name, cut(text, int(share * tokens(text))), part.tool_call_id)

    return with_parts(message, shorter)


def with_parts(message: ModelMessage, change: Callable[[ModelRequestPart], ModelRequestPart]) -> ModelMessage:
    """A request with its parts changed; a response as it is."""
    if not isinstance(message, ModelRequest):
        return message
    return replace(message, parts=[change(part) for part in message.parts])


def size(messages: Sequence[ModelMessage]) -> int:
    """Tokens of messages, about."""
    return sum(of_part(part) + A_MESSAGE for message in messages for part in message.parts)


def of_part(part: object) -> int:
    """Tokens of one part."""
    if isinstance(part, ToolCallPart):
        return A_CALL + tokens(part.tool_name) + tokens(part.args_as_json_str())
    if isinstance(part, ToolReturnPart):
        return tokens(part.model_response_str())
    return tokens(str(getattr(part, "content", "")))
