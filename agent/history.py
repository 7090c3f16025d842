"""A conversation on file: whole in PostgreSQL, a window of it for the model."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from pydantic import BaseModel
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent.ledger import Ledger
from agent.types import Intent
from tools.errors import NotFound
from tools.store import Store

WINDOW_CHARACTERS = 9_000
"""About 2,500 tokens, which leaves room for tools and answer in a context of 8,192."""
STOPPED = "(stopped)"


class Record(BaseModel):
    """What is kept of a conversation."""

    texts: list[str] = []
    """What the person said about the need, oldest first; prompts for a deployment are not among it."""
    intent: Intent | None = None
    extras: dict[str, Any] = {}
    ledger: Ledger = Ledger()
    messages: list[Any] = []
    """All messages as pydantic-ai writes them."""
    fell_back: str = ""
    """Why the offline engine took over, until the model returns."""
    fell_back_at: float = 0.0

    def history(self) -> list[ModelMessage]:
        """The messages as objects."""
        return ModelMessagesTypeAdapter.validate_python(self.messages)

    def append(self, messages: Sequence[ModelMessage]) -> None:
        """Keep the messages of an answer."""
        kept = [without_instructions(message) for message in whole(messages)]
        self.messages += ModelMessagesTypeAdapter.dump_python(kept, mode="json")


_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def lock_of(identifier: str) -> asyncio.Lock:
    """One answer at a time in a conversation, whatever tab asks."""
    return _locks.setdefault(identifier, asyncio.Lock())


def key_of(identifier: str) -> str:
    """The document's id."""
    return f"conversation-{re.sub(r'[^0-9A-Za-z_.-]', '', identifier)[:80]}"


async def load(store: Store, identifier: str) -> Record:
    """The conversation, a new one where none is stored."""
    try:
        return await store.get(key_of(identifier), Record)
    except NotFound:
        return Record()


async def save(store: Store, identifier: str, record: Record) -> None:
    """Store the conversation in place of its earlier state."""
    await store.put_as(key_of(identifier), record)


def without_instructions(message: ModelMessage) -> ModelMessage:
    """A message without the instructions, which are made anew for each answer."""
    return replace(message, instructions=None) if isinstance(message, ModelRequest) else message


def whole(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """The messages of an answer, closed where it ended early: no call without its return, an answer last."""
    answered = {
        part.tool_call_id
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if not isinstance(part, UserPromptPart) and hasattr(part, "tool_call_id")
    }
    closed: list[ModelMessage] = []
    for message in messages:
        if isinstance(message, ModelResponse):
            parts = [
                p for p in message.parts if not isinstance(p, ToolCallPart) or p.tool_call_id in answered
            ]
            message = replace(message, parts=parts)
            if not parts:
                continue
        closed.append(message)
    if closed and isinstance(closed[-1], ModelRequest):
        closed.append(ModelResponse([TextPart(STOPPED)]))
    return closed


def window(messages: Sequence[ModelMessage], characters: int = WINDOW_CHARACTERS) -> list[ModelMessage]:
    """The newest whole answers that fit, each from the person's message on; thinking is left out.

    An answer is kept or left as one, so that a call never stands without its return.
    """
    turns: list[list[ModelMessage]] = []
    for message in messages:
        if begins_turn(message) or not turns:
            turns.append([])
        turns[-1].append(without_thinking(message))
    kept: list[ModelMessage] = []
    for turn in reversed(turns):
        characters -= sum(length(message) for message in turn)
        if characters < 0:
            break
        kept[:0] = turn
    return kept


def begins_turn(message: ModelMessage) -> bool:
    """Whether the person speaks."""
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)


def without_thinking(message: ModelMessage) -> ModelMessage:
    """A response without what the model thought."""
    if not isinstance(message, ModelResponse):
        return message
    return replace(message, parts=[p for p in message.parts if not isinstance(p, ThinkingPart)])


def length(message: ModelMessage) -> int:
    """Characters of a message, which is what can be known of its tokens without a tokenizer."""
    total = 0
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            total += len(part.tool_name) + len(part.args_as_json_str())
        elif isinstance(part, ToolReturnPart):
            total += len(part.model_response_str())
        else:
            total += len(str(getattr(part, "content", "")))
    return total
