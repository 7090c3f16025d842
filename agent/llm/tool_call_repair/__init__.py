"""Repairs what small models get wrong: calls written as text, wrong names, wrong types, thinking aloud."""

from agent.llm.tool_call_repair.arguments import as_number, as_object, fit_arguments
from agent.llm.tool_call_repair.names import nearest_tool
from agent.llm.tool_call_repair.writing import WrittenCall, without_thinking, written_calls

__all__ = [
    "WrittenCall",
    "as_number",
    "as_object",
    "fit_arguments",
    "nearest_tool",
    "without_thinking",
    "written_calls",
]
