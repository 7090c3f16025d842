"""Finds what a text holds beside prose: thinking, and calls that were written instead of made."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.llm.tool_call_repair.arguments import ARGUMENT_KEYS, as_object, json_values
from agent.llm.tool_call_repair.names import nearest_tool

THINKING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
STRAY_END = re.compile(r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)```", re.DOTALL)
TAGGED = re.compile(r"</?(?:tool_call|function_call|tools?)>|<\|[^|]{1,20}\|>|\[TOOL_CALLS?\]", re.IGNORECASE)
NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "action")


@dataclass(frozen=True)
class WrittenCall:
    """A tool call found in text."""

    name: str
    arguments: dict[str, Any]


def without_thinking(text: str) -> str:
    """Remove what the model thought aloud."""
    return STRAY_END.sub("", THINKING.sub("", text)) if "<" in text else text


def written_calls(text: str, tools: Iterable[str]) -> tuple[list[WrittenCall], str]:
    """Return the tool calls written in a text, and the text without them.

    Read are JSON objects, bare, in code fences or in tags, and `name(key=value)` on a line of its own;
    only names that are, or nearly are, those of tools count.
    """
    names = list(tools)
    calls: list[WrittenCall] = []
    spans: list[tuple[int, int]] = []
    for start, end, value in json_values(text):
        found = [
            call for item in (value if isinstance(value, list) else [value]) for call in as_calls(item, names)
        ]
        if found:
            calls += found
            spans.append((start, end))
    if not calls:
        calls, spans = python_calls(text, names)
    return calls, remaining(text, spans) if calls else text


def as_calls(value: Any, names: list[str]) -> list[WrittenCall]:
    """Parse a JSON value as calls; none if it is something else."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("tool_calls"), list):
        return [call for item in value["tool_calls"] for call in as_calls(item, names)]
    if isinstance(value.get("function"), dict):
        return as_calls(value["function"], names)
    name = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    if name is None:
        return nested_call(value, names)
    known = nearest_tool(name, names)
    arguments = next((value[key] for key in ARGUMENT_KEYS if key in value), None)
    if known is None or (arguments is None and len(value) > 1):
        return []
    return [WrittenCall(known, as_object(arguments))]


def nested_call(value: dict[str, Any], names: list[str]) -> list[WrittenCall]:
    """Parse `{"map_slo": {...}}`, a call with its name as the only key."""
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key in names and isinstance(inner, dict):
            return [WrittenCall(key, inner)]
    return []


def python_calls(text: str, names: list[str]) -> tuple[list[WrittenCall], list[tuple[int, int]]]:
    """Parse lines such as `map_slo(use_case="translation", user_count=500)`; calls and their spans."""
    calls, spans = [], []
    pattern = re.compile(rf"^[ \t`>*-]*({'|'.join(map(re.escape, names))})\((.*?)\)[ \t`;]*$", re.M | re.S)
    for match in pattern.finditer(text):
        pairs = re.findall(r"(\w+)\s*[=:]\s*(\"[^\"]*\"|'[^']*'|\[[^\]]*\]|[^,]+)", match[2])
        if pairs or not match[2].strip():
            calls.append(WrittenCall(match[1], {key: literal(value) for key, value in pairs}))
            spans.append(match.span())
    return calls, spans


def literal(text: str) -> Any:
    """Parse a value of Python or JSON; a bare word is a string."""
    text = text.strip()
    if text[:1] == "'" == text[-1:]:
        return text[1:-1]
    try:
        return json.loads(text.replace("'", '"') if text.startswith("[") else text)
    except json.JSONDecodeError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def remaining(text: str, spans: list[tuple[int, int]]) -> str:
    """Remove the calls with their fences and tags."""
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    text = FENCE.sub(lambda match: match[0] if match[1].strip() else "", text)
    return TAGGED.sub("", text).strip()
