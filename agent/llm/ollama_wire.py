"""Converts messages and tools of pydantic-ai to Ollama's chat protocol."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    SystemPromptPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.tools import ToolDefinition

Wire = dict[str, Any]
"""A message or a tool as JSON."""


def message_on_wire(message: ModelMessage) -> Iterator[Wire]:
    """Convert a message; a request becomes one message for each of its parts."""
    if isinstance(message, ModelRequest):
        for part in message.parts:
            yield request_part_on_wire(part)
        return
    text = "".join(part.content for part in message.parts if isinstance(part, TextPart))
    calls = [
        {"function": {"name": part.tool_name, "arguments": arguments_of(part)}}
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]
    if text or calls:
        yield {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})


def request_part_on_wire(part: object) -> Wire:
    """Convert a part of a request: a prompt, a tool's result, a system prompt."""
    if isinstance(part, ToolReturnPart):
        return {"role": "tool", "tool_name": part.tool_name, "content": part.model_response_str()}
    role = "system" if isinstance(part, SystemPromptPart) else "user"
    content = part.content if isinstance(part, SystemPromptPart | UserPromptPart) else ""
    return {"role": role, "content": content if isinstance(content, str) else str(content)}


def arguments_of(call: ToolCallPart) -> Mapping[str, Any]:
    """Parse the arguments of a call; empty where they are no JSON object."""
    try:
        value = json.loads(call.args_as_json_str())
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def tool_on_wire(tool: ToolDefinition) -> Wire:
    """Convert a tool's definition."""
    function = {
        "name": tool.name,
        "description": tool.description or "",
        "parameters": tool.parameters_json_schema,
    }
    return {"type": "function", "function": function}
