"""Trims the history to the context window: the latest turn in full, older ones as text, the oldest dropped.

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
"""Share of the context that is filled, since tokens are counted without a tokenizer."""
MESSAGE_TOKENS = 6
"""Tokens that a chat template adds to each message."""
CALL_TOKENS = 25
"""Tokens around a tool call: its tags and the names of its fields."""
TOOL_TEMPLATE_TOKENS = 200
"""Tokens of what a chat template says about tools."""
LONGEST_PROMPT_SHARE = 1 / 10
"""Share of the context; more of a pasted text is left out, since the rules have read it."""
SHORTENED_RESULT_TOKENS = 30
"""Tokens that an older tool result keeps where the newest needs the room."""
TurnMessages = list[ModelMessage]


def answer_tokens(context: int) -> int:
    """Tokens of the context that are reserved for the answer."""
    return min(1_200, context // 6)


def fit_to_context(
    messages: Sequence[ModelMessage], parameters: ModelRequestParameters, context: int
) -> TurnMessages:
    """Return the messages that fit beside instructions, tools and answer in `context` tokens."""
    room = int(MARGIN * (context - answer_tokens(context))) - fixed_tokens(messages, parameters)
    *earlier, current = turns_of(
        [with_short_prompt(m, int(LONGEST_PROMPT_SHARE * context)) for m in messages]
    )
    current = shortened(current, room)
    room -= message_tokens(current)
    kept: list[TurnMessages] = []
    for turn in reversed(earlier):
        fitting = next(
            (form for form in (turn, question_and_answer(turn)) if message_tokens(form) <= room), None
        )
        if fitting is None:
            break
        room -= message_tokens(fitting)
        kept.insert(0, fitting)
    return [message for turn in (*kept, current) for message in turn]


def fixed_tokens(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> int:
    """Tokens of the instructions and tools that each request carries."""
    parts = parameters.instruction_parts or []
    told = [part.content for part in parts] or [
        message.instructions or "" for message in messages[-1:] if isinstance(message, ModelRequest)
    ]
    tools = [
        f"{tool.name} {tool.description} {json.dumps(tool.parameters_json_schema)}"
        for tool in parameters.function_tools
    ]
    return sum(tokens(text) + MESSAGE_TOKENS for text in (*told, *tools)) + TOOL_TEMPLATE_TOKENS


def turns_of(messages: Sequence[ModelMessage]) -> list[TurnMessages]:
    """Split messages into turns, each from a user's message on, without thinking; at least one."""
    turns: list[TurnMessages] = []
    for message in messages:
        if is_user_message(message) or not turns:
            turns.append([])
        turns[-1].append(without_thinking(message))
    return turns or [[]]


def is_user_message(message: ModelMessage) -> bool:
    """True for a message of the user."""
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)


def without_thinking(message: ModelMessage) -> ModelMessage:
    """Drop the thinking parts of a response."""
    if not isinstance(message, ModelResponse):
        return message
    return replace(message, parts=[p for p in message.parts if not isinstance(p, ThinkingPart)])


def question_and_answer(turn: TurnMessages) -> TurnMessages:
    """Keep a turn's question and its last text, without the tool calls between."""
    said = [message for message in turn if is_user_message(message)]
    texts = [
        part.content
        for message in turn
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, TextPart) and part.content.strip()
    ]
    return [*said, ModelResponse([TextPart(texts[-1])])] if said and texts else turn


def with_short_prompt(message: ModelMessage, most: int) -> ModelMessage:
    """Cut a long user prompt to `most` tokens: its beginning and its end."""

    def shorter(part: ModelRequestPart) -> ModelRequestPart:
        if isinstance(part, UserPromptPart) and isinstance(part.content, str):
            return replace(part, content=cut(part.content, most))
        return part

    return with_parts(message, shorter)


def shortened(turn: TurnMessages, room: int) -> TurnMessages:
    """Shorten a turn's older tool results, then its newest, until it takes `room` tokens."""
    results = results_in(turn)
    for number in results:
        excess = message_tokens(turn) - room
        if excess <= 0:
            break
        most = (
            SHORTENED_RESULT_TOKENS
            if number != results[-1]
            else max(SHORTENED_RESULT_TOKENS, result_tokens(turn[number]) - excess)
        )
        turn = [*turn[:number], with_short_results(turn[number], most), *turn[number + 1 :]]
    while message_tokens(turn) > room and len(results := results_in(turn)) > 1:
        # The oldest call of many goes with its result.
        turn = [*turn[: results[0] - 1], *turn[results[0] + 1 :]]
    return turn


def results_in(turn: TurnMessages) -> list[int]:
    """Indices of the messages with tool results; the message before each holds the calls."""
    return [number for number, message in enumerate(turn) if result_tokens(message)]


def result_tokens(message: ModelMessage) -> int:
    """Tokens of the tool results in a message."""
    return sum(part_tokens(part) for part in message.parts if isinstance(part, ToolReturnPart))


def with_short_results(message: ModelMessage, most: int) -> ModelMessage:
    """Cut the tool results of a message to about `most` tokens together."""
    share = most / max(1, result_tokens(message))

    def shorter(part: ModelRequestPart) -> ModelRequestPart:
        if not isinstance(part, ToolReturnPart):
            return part
        text = part.model_response_str()
        return ToolReturnPart(part.tool_name, cut(text, int(share * tokens(text))), part.tool_call_id)

    return with_parts(message, shorter)


def with_parts(message: ModelMessage, change: Callable[[ModelRequestPart], ModelRequestPart]) -> ModelMessage:
    """Change each part of a request; a response is returned as it is."""
    if not isinstance(message, ModelRequest):
        return message
    return replace(message, parts=[change(part) for part in message.parts])


def message_tokens(messages: Sequence[ModelMessage]) -> int:
    """Estimate the tokens of messages."""
    return sum(part_tokens(part) + MESSAGE_TOKENS for message in messages for part in message.parts)


def part_tokens(part: object) -> int:
    """Estimate the tokens of one part."""
    if isinstance(part, ToolCallPart):
        return CALL_TOKENS + tokens(part.tool_name) + tokens(part.args_as_json_str())
    if isinstance(part, ToolReturnPart):
        return tokens(part.model_response_str())
    return tokens(str(getattr(part, "content", "")))
