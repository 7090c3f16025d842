"""A conversation: one question at a time, answered by a model with tools, as a stream of events."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from agent.answering import Emit, Session
from agent.clean_text import clean_text
from agent.events import Event, Finished, ToolFinished, ToolStarted, Usage
from agent.history import ConversationState, Record, lock_of
from agent.intent import Intent
from agent.toolset import build_toolset
from agent.turn_state import Place
from compass.planning import Plan, Wishes
from tools.toolbox import Toolbox


@dataclass
class Answer:
    """A whole answer, for those who do not draw it as it comes."""

    text: str = ""
    model: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    intent: Intent | None = None


class Conversation:
    """One conversation, found again by its id; its state lives in the store."""

    def __init__(self, state: ConversationState) -> None:
        self.state = state
        self.lock = lock_of(state.identifier)

    @classmethod
    async def open(
        cls,
        box: Toolbox,
        identifier: str | None = None,
        model: str | None = None,
        standing: Wishes | None = None,
        place: Place | None = None,
    ) -> "Conversation":
        """The stored conversation of this id, or a new one. `model` overrides COMPASS_MODEL.

        `standing` wishes and the `place` to deploy to hold wherever the messages say nothing else.

        Raises:
            Unavailable: the database does not answer.
        """
        state = ConversationState(
            box,
            identifier or uuid4().hex,
            build_toolset(lambda: box),
            model,
            standing=standing or Wishes(),
            place=place or Place(),
        )
        await state.reload()
        return cls(state)

    @property
    def identifier(self) -> str:
        """The id under which it is found again."""
        return self.state.identifier

    @property
    def record(self) -> Record:
        """What is kept of it."""
        return self.state.record

    @property
    def plan(self) -> Plan | None:
        """Its latest plan."""
        return self.state.plan

    async def ask(self, text: str) -> AsyncIterator[Event]:
        """The events of one answer. Leaving the loop, or cancelling it, stops the work behind it.

        Raises:
            InvalidInput: the message is empty or too long.
            CompassError: a service failed and no answer was possible.
        """
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        work = asyncio.create_task(self.answer(text, events.put_nowait))
        work.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await work
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait([work])

    async def say(self, text: str) -> Answer:
        """The same, collected."""
        answer = Answer()
        async for event in self.ask(text):
            answer.events.append(event)
            match event:
                case ToolStarted(name=name, arguments=arguments):
                    answer.calls.append((name, arguments))
                case ToolFinished(result=result):
                    answer.results.append(result)
                case Finished(text=whole, model=model, usage=usage):
                    answer.text, answer.model, answer.usage = whole, model, usage
                case _:
                    pass
        answer.intent = self.record.intent
        return answer

    async def answer(self, text: str, emit: Emit) -> None:
        """Answer one message, and keep what was said even when it is stopped."""
        text = clean_text(text)
        async with self.lock:
            await self.state.reload()
            session = Session(self.state, text, emit)
            try:
                await session.run()
            finally:
                await asyncio.shield(session.keep())
            session.finish()


async def run(text: str, box: Toolbox, model: str | None = None) -> Answer:
    """One question in a conversation of its own."""
    return await (await Conversation.open(box, model=model)).say(text)
