"""Draws the events of one answer: a step for each tool call, the text as it streams, cards below."""

import asyncio
from collections.abc import AsyncIterator
from typing import assert_never

import chainlit as cl
from chainlit.utils import utc_now

from agent.events import (
    Event,
    Finished,
    ModelUsed,
    Notice,
    PullOffered,
    TextDelta,
    TextReset,
    ToolFailed,
    ToolFinished,
    ToolStarted,
)
from chat.cards import TITLES, AnswerResults, cards_of


async def notice(text: str) -> None:
    """A sentence beside the answers."""
    await cl.Message(content=text, author="Notice").send()


class Progress:
    """The stage of a longer action as a line that changes, and goes when the answer is there."""

    def __init__(self) -> None:
        self.message = cl.Message(content="", author="Progress")
        self.loop = asyncio.get_running_loop()
        self.last: asyncio.Task[object] | None = None

    def __call__(self, message: str) -> None:
        """Show a stage; tools call it from any task of this answer."""
        self.last = self.loop.create_task(self.show(message, self.last))

    async def show(self, text: str, before: "asyncio.Task[object] | None") -> None:
        """One line after the other, in their order."""
        if before:
            await asyncio.wait([before])
        self.message.content = text
        await (self.message.update() if self.message.created_at else self.message.send())

    async def clear(self) -> None:
        """Take the line away."""
        if self.last:
            await asyncio.wait([self.last])
            await self.message.remove()


class Answer:
    """One answer on the page."""

    def __init__(self) -> None:
        self.message = cl.Message(content="")
        self.progress = Progress()
        self.steps: dict[str, cl.Step] = {}
        self.results = AnswerResults()
        self.offline = False

    async def draw(self, events: AsyncIterator[Event]) -> None:
        """Consume the events to the end."""
        async for event in events:
            await self.on(event)

    async def on(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case TextDelta():
                if not self.results.replaces_text(event):
                    await self.message.stream_token(event.text)
            case TextReset():
                self.message.content = ""
                await self.message.update()
            case ToolStarted():
                await self.started(event)
            case ToolFinished() | ToolFailed():
                await self.ended(event)
            case Finished():
                await self.finished(event)
            case ModelUsed() | Notice() | PullOffered():
                await self.remark(event)
            case _:
                assert_never(event)

    async def started(self, event: ToolStarted) -> None:
        """Open the tool's step; it folds itself when done."""
        # A sibling of the message, else the page shows it below the answer.
        parent = self.message.parent_id
        name = TITLES.get(event.name, event.name)
        step = cl.Step(name=name, type="tool", show_input="json", parent_id=parent)
        step.input = event.arguments
        await step.send()
        self.steps[event.call_id] = step

    async def ended(self, event: ToolFinished | ToolFailed) -> None:
        """Close the step with its brief; keep the result for the end of the answer."""
        if isinstance(event, ToolFinished):
            self.results.add(event)
            brief = getattr(event.result, "brief", None)
            await self.close(event.call_id, brief() if callable(brief) else "")
        else:
            await self.close(event.call_id, event.message, failed=True)

    async def close(self, call_id: str, output: str, failed: bool = False) -> None:
        """Write a step's end."""
        if step := self.steps.pop(call_id, None):
            step.output, step.is_error, step.end = output, failed, utc_now()
            await step.update()

    async def finished(self, event: Finished) -> None:
        """Send the whole message with its cards."""
        await self.progress.clear()
        took = "" if self.offline else f"\n\n*{event.model} · {event.usage.seconds:.1f} s*"
        self.message.content = f"{self.message.content.strip()}{took}"
        await self.message.send()
        # One after the other: the page shows them in the order in which they arrive.
        for card in cards_of(self.results.shown(self.offline)):
            await card.send(for_id=self.message.id)

    async def remark(self, event: ModelUsed | Notice | PullOffered) -> None:
        """Who answers, and what a person should know beside the answer."""
        if isinstance(event, ModelUsed):
            self.offline = event.offline
        match event:
            case ModelUsed(reason=reason) if reason and cl.user_session.get("said_reason") != reason:
                cl.user_session.set("said_reason", reason)
                await notice(f"_{reason}_")
            case Notice(text=text):
                await notice(f"_{text}_")
            case PullOffered(model=model):
                action = cl.Action(name="pull_model", payload={"model": model}, label=f"Pull {model}")
                await cl.Message(content=f"Ollama runs but does not have {model}.", actions=[action]).send()
            case _:
                pass

    async def abandon(self, why: str) -> None:
        """End what is open of an answer that failed or was stopped."""
        await self.progress.clear()
        for call_id in list(self.steps):
            await self.close(call_id, why, failed=True)
        if self.message.content:
            await self.message.update()
