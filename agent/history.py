"""Stores conversations in PostgreSQL."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from pydantic import BaseModel
from pydantic_ai import FunctionToolset
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)

from agent.intent import Intent
from agent.turn_state import Ledger, Place
from compass.comparison import Comparison
from compass.core import Conflict, NotFound
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Plan, Wishes
from compass.store import Store
from tools.toolbox import Toolbox

STOPPED = "(stopped)"


class Record(BaseModel):
    """What is kept of a conversation."""

    texts: list[str] = []
    """What the person said about the need, oldest first; prompts for a deployment are not among it."""
    intent: Intent | None = None
    wishes: Wishes | None = None
    """Those of the last answer, standing ones included."""
    namespace: str | None = None
    """Where in a cluster the person said to deploy."""
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
        """Append the messages of an answer."""
        kept = [without_instructions(message) for message in close_messages(messages)]
        self.messages += ModelMessagesTypeAdapter.dump_python(kept, mode="json")


T = TypeVar("T", bound=BaseModel)


@dataclass
class ConversationState:
    """The state of an open conversation: its record, its plan, its tools and its model."""

    box: Toolbox
    identifier: str
    toolset: FunctionToolset[Any]
    model: str | None = None
    """A model's name in place of COMPASS_MODEL."""
    record: Record = field(default_factory=Record)
    plan: Plan | None = None
    """The latest plan."""
    capacity: CapacityAnswer | None = None
    """The latest answer about given GPUs; None where a plan was made after it."""
    comparison: Comparison | None = None
    """The latest comparison; None where something else was answered after it."""
    standing: Wishes = field(default_factory=Wishes)
    """Wishes that hold wherever the messages say nothing else: a form's settings, for example."""
    place: Place = field(default_factory=Place)
    """Where to deploy unless a message says otherwise."""

    async def reload(self) -> None:
        """Load the record and its plan again: another tab may have changed them."""
        self.record = await load(self.box.store, self.identifier)
        identifier = self.record.ledger.latest.get("plan_id")
        if identifier and (self.plan is None or self.plan.plan_id != identifier):
            try:
                self.plan = await self.box.store.get(identifier, Plan)
            except (NotFound, Conflict):
                # The plan was deleted, or another Compass wrote it: the wish is still known.
                self.plan, self.record.ledger = None, Ledger()
        self.capacity = await self.stored("capacity_id", CapacityAnswer)
        self.comparison = await self.stored("comparison_id", Comparison)

    async def stored(self, name: str, kind: type[T]) -> T | None:
        """The latest answer of a kind, as it was stored."""
        identifier = self.record.ledger.latest.get(name)
        try:
            return await self.box.store.get(identifier, kind) if identifier else None
        except (NotFound, Conflict):
            return None


_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def lock_of(identifier: str) -> asyncio.Lock:
    """Return the lock that allows one answer at a time in a conversation, from whatever tab."""
    return _locks.setdefault(identifier, asyncio.Lock())


def key_of(identifier: str) -> str:
    """Return the id of a conversation's document."""
    return f"conversation-{re.sub(r'[^0-9A-Za-z_.-]', '', identifier)[:80]}"


async def load(store: Store, identifier: str) -> Record:
    """Load a conversation; an empty one where none is stored."""
    try:
        return await store.get(key_of(identifier), Record)
    except NotFound:
        return Record()


async def save(store: Store, identifier: str, record: Record) -> None:
    """Replace the stored conversation."""
    await store.put_as(key_of(identifier), record)


def without_instructions(message: ModelMessage) -> ModelMessage:
    """Remove the instructions of a message, which are made anew for each answer."""
    return replace(message, instructions=None) if isinstance(message, ModelRequest) else message


def close_messages(messages: Sequence[ModelMessage]) -> list[ModelMessage]:
    """Close the messages of an answer that ended early: drop calls without a return, end with a response."""
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
