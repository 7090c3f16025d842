"""Puts right what small models get wrong: calls written as text, wrong names, wrong types, thinking aloud."""

from agent.mending.arguments import as_number, as_object, fitted
from agent.mending.names import nearest_tool
from agent.mending.writing import WrittenCall, without_thinking, written_calls

__all__ = [
    "WrittenCall",
    "as_number",
    "as_object",
    "fitted",
    "nearest_tool",
    "without_thinking",
    "written_calls",
]
