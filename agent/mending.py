"""Puts right what small models get wrong: calls written as text, wrong names, wrong types, thinking aloud."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

THINKING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
STRAY_END = re.compile(r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)```", re.DOTALL)
TAGGED = re.compile(r"</?(?:tool_call|function_call|tools?)>|<\|[^|]{1,20}\|>|\[TOOL_CALLS?\]", re.IGNORECASE)
NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "action")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "action_input", "tool_input")
NOTHING = {"", "null", "none", "n/a", "na", "unknown", "unspecified", "undefined", "not specified", "any"}
AMOUNT = re.compile(
    r"^\s*\$?\s*(-?\d[\d,_]*(?:\.\d+)?|-?\.\d+)\s*(k|m|thousand|million)?\s*"
    r"(ms|milliseconds?|s|secs?|seconds?|tokens?|users?|people|%|usd|dollars?|gpus?|rps|requests?/s)?\s*$",
    re.IGNORECASE,
)
SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
SECONDS = {"s", "sec", "secs", "second", "seconds"}
NEAR_ENOUGH = 70
VERY_NEAR = 90
CAREFUL = {"deploy", "undeploy"}
SYNONYMS = {
    "plan": "plan_replicas",
    "planoptions": "plan_replicas",
    "recommend": "plan_replicas",
    "slo": "map_slo",
    "getslo": "map_slo",
    "benchmarks": "lookup_benchmarks",
    "searchbenchmarks": "lookup_benchmarks",
    "yaml": "render_yaml",
    "generateyaml": "render_yaml",
    "status": "get_status",
    "checkstatus": "get_status",
    "test": "test_inference",
    "inference": "test_inference",
}


@dataclass(frozen=True)
class WrittenCall:
    """A tool call found in text."""

    name: str
    arguments: dict[str, Any]


def without_thinking(text: str) -> str:
    """The text without what the model thought aloud."""
    return STRAY_END.sub("", THINKING.sub("", text)) if "<" in text else text


def written_calls(text: str, tools: Iterable[str]) -> tuple[list[WrittenCall], str]:
    """Tool calls that were written instead of made, and the text that remains around them.

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


def json_values(text: str) -> Iterator[tuple[int, int, Any]]:
    """Every outermost JSON object or list in the text, with where it stands."""
    decoder, position = json.JSONDecoder(strict=False), 0
    while (match := re.compile(r"[{\[]").search(text, position)) is not None:
        try:
            value, end = decoder.raw_decode(text, match.start())
        except (json.JSONDecodeError, RecursionError):
            position = match.start() + 1
            continue
        yield match.start(), end, value
        position = end


def as_calls(value: Any, names: list[str]) -> list[WrittenCall]:
    """The calls that a JSON value stands for; none if it is something else."""
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
    """`{"map_slo": {...}}`: the name as the only key."""
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key in names and isinstance(inner, dict):
            return [WrittenCall(key, inner)]
    return []


def python_calls(text: str, names: list[str]) -> tuple[list[WrittenCall], list[tuple[int, int]]]:
    """`map_slo(use_case="translation", user_count=500)`, a line each."""
    calls, spans = [], []
    pattern = re.compile(rf"^[ \t`>*-]*({'|'.join(map(re.escape, names))})\((.*?)\)[ \t`;]*$", re.M | re.S)
    for match in pattern.finditer(text):
        pairs = re.findall(r"(\w+)\s*[=:]\s*(\"[^\"]*\"|'[^']*'|\[[^\]]*\]|[^,]+)", match[2])
        if pairs or not match[2].strip():
            calls.append(WrittenCall(match[1], {key: literal(value) for key, value in pairs}))
            spans.append(match.span())
    return calls, spans


def literal(text: str) -> Any:
    """A value as Python or JSON writes it; a bare word is a string."""
    text = text.strip()
    if text[:1] == "'" == text[-1:]:
        return text[1:-1]
    try:
        return json.loads(text.replace("'", '"') if text.startswith("[") else text)
    except json.JSONDecodeError:
        return {"True": True, "False": False, "None": None}.get(text, text)


def remaining(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without the calls, their fences and tags."""
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    text = FENCE.sub(lambda match: match[0] if match[1].strip() else "", text)
    return TAGGED.sub("", text).strip()


def nearest_tool(name: str, names: Iterable[str]) -> str | None:
    """The tool that a name means: the same but for case and separators, or clearly near; None otherwise.

    A tool that changes the world must be nearer: "remove_deployment" is no "deploy".
    """
    spelled = {re.sub(r"[^a-z]", "", known): known for known in names}
    plain = re.sub(r"[^a-z]", "", name.rsplit(".", 1)[-1].lower())
    if plain in spelled:
        return spelled[plain]
    if plain in SYNONYMS and SYNONYMS[plain] in spelled.values():
        return SYNONYMS[plain]
    found = process.extractOne(plain, list(spelled), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    if found is None or (spelled[found[0]] in CAREFUL and found[1] < VERY_NEAR):
        return None
    return spelled[found[0]]


def as_object(arguments: Any) -> dict[str, Any]:
    """Arguments as an object: small models also send them as a string, or inside themselves."""
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


def fitted(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with the names and types of the schema, wherever nothing is lost by it.

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
        value = turned(value, types_of(properties[known]))
        unsaid = value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)
        if unsaid and known not in required:
            continue
        result[known] = value
    return result


def nearest_parameter(name: str, properties: Iterable[str]) -> str | None:
    """A parameter written otherwise: "users" is user_count, "ttft" is ttft_ms."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    known = list(properties)
    if plain in known:
        return plain
    aliases = {
        "users": "user_count",
        "num_users": "user_count",
        "option": "option_id",
        "plan": "plan_id",
        "id": "",
    }
    if aliases.get(plain) in known:
        return aliases[plain]
    starts = [
        other for other in known if other.startswith(plain + "_") and other.endswith(("_ms", "_id", "_types"))
    ]
    if len(starts) == 1:
        return starts[0]
    found = process.extractOne(plain, known, scorer=fuzz.ratio, score_cutoff=85)
    return found[0] if found else None


def types_of(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a parameter takes."""
    types = {schema.get("type")} | {choice.get("type") for choice in schema.get("anyOf", ())}
    return {kind for kind in types if kind}


def turned(value: Any, types: set[str]) -> Any:
    """The value as one of the types, where nothing is lost; else the value as it is."""
    if isinstance(value, str):
        return from_text(value.strip(), types)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and not types & {"number", "integer"}:
        return [str(value)] if types & {"array"} else str(value) if "string" in types else value
    if isinstance(value, float) and "integer" in types and "number" not in types and value.is_integer():
        return int(value)
    if isinstance(value, list) and "array" not in types and len(value) == 1:
        return turned(value[0], types)
    if isinstance(value, dict) and len(value) == 1:
        return turned(next(iter(value.values())), types)
    return value


def from_text(text: str, types: set[str]) -> Any:
    """A string as a list, a number or a truth value, if it is one and that is asked for."""
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
    """The number in "5,000", "300 ms", "2 s" (2000 ms), "20 %" (0.2), "5k"; None where it is none."""
    match = AMOUNT.match(text)
    if match is None:
        return None
    unit = (match[3] or "").lower()
    factor = SCALES.get((match[2] or "").lower(), 1.0) * (
        1e3 if unit in SECONDS else 0.01 if unit == "%" else 1.0
    )
    value = float(match[1].replace(",", "").replace("_", "")) * factor
    return value if math.isfinite(value) else None
