"""Bodies of requests: checked as vLLM checks them, unknown fields ignored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator import tokens

COMPLETION_TOKENS = 16
"""vLLM's default of `max_tokens` in /v1/completions."""
MAX_ANSWERS = 16384

Body = Mapping[str, Any]


class BadRequest(Exception):
    """A request that is refused: status, `type`, `param` and message of the answer."""

    def __init__(
        self,
        message: str,
        param: str | None = None,
        *,
        status: int = 400,
        kind: str | None = "BadRequestError",
    ) -> None:
        super().__init__(message)
        self.message, self.param, self.status, self.kind = message, param, status, kind


def wrong(field: str, problem: str) -> BadRequest:
    """A field that fails the schema: `type` is then the HTTP phrase."""
    return BadRequest(f"1 validation error: body.{field}: {problem}", f"body.{field}", kind=None)


@dataclass(frozen=True)
class Prompt:
    """A prompt as text, and its length in tokens."""

    text: str
    tokens: int


@dataclass(frozen=True)
class Generation:
    """What both endpoints ask for."""

    prompts: tuple[Prompt, ...]
    max_tokens: int | None
    max_tokens_field: str
    min_tokens: int
    ignore_eos: bool
    n: int
    stops: tuple[str, ...]
    keep_stop: bool
    seed: int | None
    stream: bool
    usage: bool
    continuous_usage: bool
    echo: bool = False


def read_body(body: bytes, content_type: str) -> Body:
    """The JSON object of a request."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("Unsupported Media Type: only 'application/json' is allowed", kind=None)
    try:
        document = json.loads(body)
    except json.JSONDecodeError as error:
        raise BadRequest(f"1 validation error: {error.msg}", f"body.{error.pos}", kind=None) from error
    except UnicodeDecodeError as error:
        raise BadRequest("1 validation error: the body is not UTF-8", "body.0", kind=None) from error
    if not isinstance(document, dict):
        raise BadRequest("1 validation error: body: a JSON object is needed", "body", kind=None)
    return document


def chat(body: Body) -> Generation:
    """The request of /v1/chat/completions."""
    refuse_tools(body)
    text = conversation(body)
    name = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    limit = whole(body, name, None, 1)
    return generation(body, (Prompt(text, tokens.count(text)),), limit, name)


def completion(body: Body) -> Generation:
    """The request of /v1/completions."""
    limit = whole(body, "max_tokens", COMPLETION_TOKENS, 1)
    return generation(body, prompts(body), limit, "max_tokens", echo=flag(body, "echo"))


def generation(
    body: Body, prompts: tuple[Prompt, ...], limit: int | None, limit_field: str, echo: bool = False
) -> Generation:
    """The fields that both endpoints share."""
    refuse_out_of_range(body)
    refuse_what_needs_a_model(body)
    min_tokens = whole(body, "min_tokens", 0, 0) or 0
    if limit is not None and min_tokens > limit:
        raise BadRequest(
            f"min_tokens must be less than or equal to max_tokens={limit}, got {min_tokens}.", "min_tokens"
        )
    usage, continuous = stream_options(body)
    return Generation(
        prompts=prompts,
        max_tokens=limit,
        max_tokens_field=limit_field,
        min_tokens=min_tokens,
        ignore_eos=flag(body, "ignore_eos"),
        n=whole(body, "n", 1, 1, MAX_ANSWERS) or 1,
        stops=stop_strings(body),
        keep_stop=flag(body, "include_stop_str_in_output"),
        seed=whole(body, "seed", None, None),
        stream=flag(body, "stream"),
        usage=usage,
        continuous_usage=continuous,
        echo=echo,
    )


def conversation(body: Body) -> str:
    """The messages as one text: a role and a colon cost about what a chat template's marks do."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise wrong("messages", "Field required" if messages is None else "a list is needed")
    if not messages:
        raise BadRequest("messages must not be empty.", "messages")
    lines = []
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise wrong(f"messages.{number}.role", "Field required")
        lines.append(f"{message['role']}:{content_text(message.get('content'), number)}\n")
    return "".join(lines) + "assistant:"


def content_text(content: Any, number: int) -> str:
    """The text of a message; parts that are no text count nothing."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "".join(part["text"] for part in content if isinstance(part.get("text"), str))
    raise wrong(f"messages.{number}.content", "text or a list of parts is needed")


def prompts(body: Body) -> tuple[Prompt, ...]:
    """One prompt or several, as text or as token ids."""
    value = body.get("prompt")
    if value is None:
        raise wrong("prompt", "Field required")
    several = value if isinstance(value, list) and value and not is_ids(value) else [value]
    found = tuple(one_prompt(one) for one in several)
    if any(prompt.tokens == 0 for prompt in found):
        raise BadRequest("The prompt must not be empty.", "prompt")
    return found


def one_prompt(value: Any) -> Prompt:
    """A prompt from text or token ids."""
    if isinstance(value, str):
        return Prompt(value, tokens.count(value))
    if isinstance(value, list) and is_ids(value):
        return Prompt(tokens.decode(value), len(value))
    raise wrong("prompt", "text, a list of texts, token ids or lists of token ids are needed")


def is_ids(value: Sequence[Any]) -> bool:
    """A list of token ids: whole numbers from 0 on."""
    return all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in value)


def stop_strings(body: Body) -> tuple[str, ...]:
    """`stop` as a tuple: a string, a list, null or absent."""
    value = body.get("stop")
    stops = [value] if isinstance(value, str) else (value or [])
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise wrong("stop", "a string or a list of strings is needed")
    if "" in stops:
        raise BadRequest("stop cannot contain an empty string.", "stop")
    return tuple(stops)


def stream_options(body: Body) -> tuple[bool, bool]:
    """`include_usage`, and `continuous_usage_stats` which needs it."""
    options = body.get("stream_options")
    if options is None:
        return False, False
    if not isinstance(options, dict):
        raise wrong("stream_options", "an object is needed")
    if not flag(body, "stream"):
        raise BadRequest(
            "Stream options can only be defined when `stream=True`.", "stream_options", kind=None
        )
    usage = flag(options, "include_usage")
    return usage, usage and flag(options, "continuous_usage_stats")


def refuse_out_of_range(body: Body) -> None:
    """Sampling values that vLLM refuses; none of them changes what a simulator says."""
    for name, low, high in (
        ("temperature", 0.0, 2.0),
        ("presence_penalty", -2.0, 2.0),
        ("frequency_penalty", -2.0, 2.0),
        ("top_p", 0.0, 1.0),
    ):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(name, "Input should be a valid number")
        if not low <= value <= high or (name == "top_p" and value == 0):
            raise BadRequest(f"{name} must be in [{low:g}, {high:g}], got {value}.", name)


def refuse_what_needs_a_model(body: Body) -> None:
    """Fields that only a model can honour: refusing is better than an invented answer."""
    if body.get("logprobs") not in (None, False):
        raise BadRequest(
            "This is a simulator: it has no log probabilities. Leave `logprobs` out.", "logprobs"
        )
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type", "text") != "text":
        raise BadRequest(
            "This is a simulator: it writes plain text only. Leave `response_format` out.", "response_format"
        )


def refuse_tools(body: Body) -> None:
    """Tool calls, as a vLLM server started without a tool parser refuses them."""
    choice, offered = body.get("tool_choice"), body.get("tools")
    if offered is not None and (not isinstance(offered, list) or not offered):
        raise BadRequest("`tools` must be a list that is not empty.", "tools", kind=None)
    if offered is None and choice not in (None, "none"):
        raise BadRequest("When using `tool_choice`, `tools` must be set.", "tool_choice", kind=None)
    if offered and choice in (None, "auto"):
        raise BadRequest(
            '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
            "tool_choice",
        )
    if offered and choice != "none":
        raise BadRequest("This is a simulator: it calls no tools.", "tool_choice")


def flag(body: Body, name: str) -> bool:
    """A boolean; null and absent are false."""
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise wrong(name, "Input should be a valid boolean")


def whole(body: Body, name: str, default: int | None, low: int | None, high: int | None = None) -> int | None:
    """A whole number between two limits; null means the default."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(name, "Input should be a valid integer")
    if (low is not None and value < low) or (high is not None and value > high):
        limits = f"at least {low}" if high is None else f"between {low} and {high}"
        raise BadRequest(f"{name} must be {limits}, got {value}.", name)
    return value
