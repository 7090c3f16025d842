"""What happens during an answer, in order; the chat and the shell both draw these."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

ABOUT = "about"
"""The key under which a model's stream notes `TextDelta.about` in the details of a piece of text."""


@dataclass(frozen=True)
class ModelUsed:
    """The first event of an answer, and again when the model changes midway.

    `name` is "qwen2.5:7b (Ollama)" or "offline engine", ready to show; `offline` is true where no
    language model is used; `reason` says in a sentence why a fallback answers, empty otherwise.
    """

    name: str
    offline: bool = False
    reason: str = ""


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer, Markdown.

    `about` is the call id of the tool result that the piece puts into words, None for other text: a door
    that draws that result as a card skips the piece. Only the offline engine knows it.
    """

    text: str
    about: str | None = None


@dataclass(frozen=True)
class TextReset:
    """What was streamed of this answer so far is void: remove it, the answer starts again."""

    reason: str = ""


@dataclass(frozen=True)
class ToolStarted:
    """A tool is called; `ToolFinished` or `ToolFailed` with the same id follows."""

    name: str
    arguments: dict[str, Any]
    call_id: str


@dataclass(frozen=True)
class ToolFinished:
    """`result` is the tool's whole result model (Specification, Plan, Manifests, Deployment, Status …)."""

    name: str
    result: BaseModel
    call_id: str


@dataclass(frozen=True)
class ToolFailed:
    """The tool answered with an error, a sentence for people."""

    name: str
    message: str
    call_id: str


@dataclass(frozen=True)
class PullOffered:
    """Ollama runs but does not have the model; `agent.pull(model)` fetches it with progress."""

    model: str


@dataclass(frozen=True)
class Notice:
    """Something the person should know beside the answer: a fallback, a corrected call, a slow start."""

    text: str


@dataclass(frozen=True)
class Usage:
    """What an answer took."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    tool_calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Finished:
    """The last event: the whole answer, who gave it, what it took."""

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)


Event = (
    ModelUsed
    | TextDelta
    | TextReset
    | ToolStarted
    | ToolFinished
    | ToolFailed
    | PullOffered
    | Notice
    | Finished
)
