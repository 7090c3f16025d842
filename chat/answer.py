"""Draws the events of one answer: flat steps for tools, the text as it streams, cards below."""

from collections.abc import AsyncIterator
from typing import assert_never

import chainlit as cl
from chainlit.element import Element

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
from chat.cards import TITLES, cards_of


class Answer:
    """One answer on the page."""

    def __init__(self) -> None:
        self.message = cl.Message(content="")
        self.steps: dict[str, cl.Step] = {}
        self.cards: list[Element] = []
        self.offline = False

    async def draw(self, events: AsyncIterator[Event]) -> None:
        """Consume the events to the end."""
        async for event in events:
            await self.on(event)

    async def on(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case TextDelta(text=text):
                # The offline engine's text is there at once; cards replace most of it at the end.
                if not self.offline:
                    await self.message.stream_token(text)
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
        """Close the step with its brief; keep the cards for the end of the answer."""
        step = self.steps.pop(event.call_id, None)
        if isinstance(event, ToolFinished):
            self.cards += cards_of(event.result)
        if step is None:
            return
        if isinstance(event, ToolFinished):
            brief = getattr(event.result, "brief", None)
            step.output = brief() if callable(brief) else ""
        else:
            step.output, step.is_error = event.message, True
        await step.update()

    async def finished(self, event: Finished) -> None:
        """Send the whole message with its cards."""
        self.message.content = opening_and_close(event.text) if self.offline and self.cards else event.text
        await self.message.send()
        # One after the other: the page shows them in the order in which they arrive.
        for card in self.cards:
            await card.send(for_id=self.message.id)

    async def remark(self, event: ModelUsed | Notice | PullOffered) -> None:
        """Who answers, and what a person should know beside the answer."""
        if isinstance(event, ModelUsed):
            self.offline = event.offline
        match event:
            case ModelUsed(reason=reason) if reason and cl.user_session.get("said_reason") != reason:
                cl.user_session.set("said_reason", reason)
                await cl.Message(content=f"_{reason}_", author="Notice").send()
            case Notice(text=text):
                await cl.Message(content=f"_{text}_", author="Notice").send()
            case PullOffered(model=model):
                action = cl.Action(name="pull_model", payload={"model": model}, label=f"Pull {model}")
                await cl.Message(content=f"Ollama runs but does not have {model}.", actions=[action]).send()
            case _:
                pass

    async def abandon(self, sentence: str) -> None:
        """End an answer that failed or was stopped; open steps are closed as failed."""
        for step in self.steps.values():
            step.output, step.is_error = sentence, True
            await step.update()
        self.steps.clear()
        await cl.Message(content=sentence, author="Notice").send()


def opening_and_close(text: str) -> str:
    """First and last paragraph of an answer whose cards say the rest."""
    paragraphs = [part for part in text.split("\n\n") if part.strip()]
    return "\n\n".join([paragraphs[0], paragraphs[-1]]) if len(paragraphs) > 2 else text
