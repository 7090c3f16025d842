"""Converts arguments of a wrong shape or type where nothing is lost."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent.llm.tool_call_repair.names import nearest_parameter

ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "action_input", "tool_input")
NOTHING = {"", "null", "none", "n/a", "na", "unknown", "unspecified", "undefined", "not specified", "any"}
AMOUNT = re.compile(
    r"^\s*\$?\s*(-?\d[\d,_]*(?:\.\d+)?|-?\.\d+)\s*(k|m|thousand|million)?\s*"
    r"(ms|milliseconds?|s|secs?|seconds?|tokens?|users?|people|%|usd|dollars?|gpus?|rps|requests?/s)?\s*$",
    re.IGNORECASE,
)
SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
SECONDS = {"s", "sec", "secs", "second", "seconds"}


def as_object(arguments: Any) -> dict[str, Any]:
    """Return arguments as an object; small models also send a string, or nest them in one another."""
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments, strict=False) if arguments.strip() else {}
        except json.JSONDecodeError:
            found = [value for _, _, value in json_values(arguments) if isinstance(value, dict)]
            arguments = found[0] if found else {}
    if not isinstance(arguments, dict):
        return {}
    inner = [arguments[key] for key in ARGUMENT_KEYS if isinstance(arguments.get(key), dict)]
    return inner[0] if len(arguments) == 1 and inner else arguments


def json_values(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield start, end and value of each outermost JSON object or list in the text."""
    decoder, position = json.JSONDecoder(strict=False), 0
    while (match := re.compile(r"[{\[]").search(text, position)) is not None:
        try:
            value, end = decoder.raw_decode(text, match.start())
        except (json.JSONDecodeError, RecursionError):
            position = match.start() + 1
            continue
        yield match.start(), end, value
        position = end


def fit_arguments(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Convert arguments to the names and types of the schema where nothing is lost.

    Unsaid values ("", "null", "unknown") of optional parameters are dropped, and so are parameters that the
    tool does not have; a value that cannot be turned without loss stays, and the tool's own check refuses it.
    """
    properties: dict[str, Any] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    result: dict[str, Any] = {}
    for key, value in arguments.items():
        known = key if key in properties else nearest_parameter(key, properties)
        if known is None or (known != key and known in arguments):
            continue
        value = coerced(value, types_of(properties[known]))
        unsaid = value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)
        if unsaid and known not in required:
            continue
        result[known] = value
    return result


def types_of(schema: Mapping[str, Any]) -> set[str]:
    """Return the JSON types of a parameter."""
    types = {schema.get("type")} | {choice.get("type") for choice in schema.get("anyOf", ())}
    return {kind for kind in types if kind}


def coerced(value: Any, types: set[str]) -> Any:
    """Convert a value to one of the types where nothing is lost; else return it as it is."""
    if isinstance(value, str):
        return coerced_text(value.strip(), types)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not types & {"number", "integer"}:
        return [str(value)] if types & {"array"} else str(value) if "string" in types else value
    if isinstance(value, float) and "integer" in types and "number" not in types and value.is_integer():
        return int(value)
    if isinstance(value, list) and "array" not in types and len(value) == 1:
        return coerced(value[0], types)
    if isinstance(value, dict) and len(value) == 1:
        return coerced(next(iter(value.values())), types)
    return value


def coerced_text(text: str, types: set[str]) -> Any:
    """Convert a string to a list, a boolean or a number, if it is one and the types ask for it."""
    if "array" in types:
        try:
            listed = json.loads(text) if text.startswith("[") else None
        except json.JSONDecodeError:
            listed = None
        return (
            listed
            if isinstance(listed, list)
            else [part.strip(" []'\"") for part in text.split(",") if part.strip()]
        )
    if "boolean" in types and text.lower() in ("true", "false", "yes", "no"):
        return text.lower() in ("true", "yes")
    if types & {"number", "integer"}:
        number = as_number(text)
        if number is not None:
            whole = number.is_integer()
            return int(number) if whole else number
    return text


def as_number(text: str) -> float | None:
    """Parse the number in "5,000", "300 ms", "2 s" (2000 ms), "20 %" (0.2), "5k"; None where it is none."""
    match = AMOUNT.match(text)
    if match is None:
        return None
    unit = (match[3] or "").lower()
    factor = SCALES.get((match[2] or "").lower(), 1.0) * (
        1e3 if unit in SECONDS else 0.01 if unit == "%" else 1.0
    )
    value = float(match[1].replace(",", "").replace("_", "")) * factor
    return value if math.isfinite(value) else None
