"""Wraps a model and repairs its stream: hides thinking, turns calls written as text into tool calls."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai import RunContext, UnexpectedModelBehavior
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from agent.events import ABOUT, TextReset
from agent.llm.context_window import answer_tokens, fit_to_context
from agent.llm.response_stream import ResponseStream
from agent.llm.tool_call_repair import as_object, fit_arguments, nearest_tool, without_thinking, written_calls
from agent.toolset import fill_ids
from agent.turn_state import Turn
from tools.specs import TOOLS

SLOW_AFTER_S = 6.0
# From here on a stream of prose may turn out to be thinking aloud or a call in writing: it is held back.
SUSPICIOUS = re.compile(r"<(?=[a-z/|]|\Z)|```|`{1,2}\Z|\{|\[\s*(?=\{|\Z)|\[TOOL", re.IGNORECASE)


class UselessAnswer(UnexpectedModelBehavior):
    """The model's answer is empty, or was cut off."""


@dataclass(init=False)
class RepairedModel(WrapperModel):
    """Wraps a model for one answer: trims the history, repairs the stream, announces a slow start."""

    turn: Turn

    def __init__(self, wrapped: Model, turn: Turn, context_tokens: int) -> None:
        super().__init__(wrapped)
        self.turn = turn
        self.context_tokens = context_tokens

    @property
    def answer_tokens(self) -> int:
        """The most tokens that the context leaves for an answer."""
        return answer_tokens(self.context_tokens)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Stream the wrapped model's answer, repaired."""
        sent = fit_to_context(messages, model_request_parameters, self.context_tokens)
        with slow_start_announced(self.turn, self.model_name) as clock:
            async with self.wrapped.request_stream(
                sent, model_settings, model_request_parameters, run_context
            ) as inner:
                schemas = {
                    spec.name: spec.schema
                    for spec in TOOLS
                    if spec.name in {tool.name for tool in model_request_parameters.function_tools}
                }
                yield RepairedStream(
                    model_request_parameters,
                    inner,
                    schemas,
                    self.turn,
                    clock,
                    name=inner.model_name,
                    provider=inner.provider_name,
                    url=inner.provider_url,
                    started=inner.timestamp,
                )


@contextmanager
def slow_start_announced(turn: Turn, name: str) -> Iterator[asyncio.TimerHandle]:
    """Tell the user, once in an answer, that a model is still loading; cancelling the timer prevents it."""

    def announce() -> None:
        if not turn.slow_start_told:
            turn.slow_start_told = True
            turn.notice(f"{name} is slow to start, probably still loading …")

    clock = asyncio.get_running_loop().call_later(SLOW_AFTER_S, announce)
    try:
        yield clock
    finally:
        clock.cancel()


@dataclass
class RepairedStream(ResponseStream):
    """Repairs the stream of another model."""

    inner: StreamedResponse
    schemas: Mapping[str, Mapping[str, Any]]
    turn: Turn
    clock: asyncio.TimerHandle
    raw: str = ""
    thought: str = ""
    shown: str = field(default="")

    async def events(self) -> AsyncIterator[ModelResponseStreamEvent]:
        """Emit prose as it comes, and text that may be thinking or a written call at the end.

        Raises:
            UselessAnswer: nothing remains, or the answer was cut off.
            ModelAPIError: the stream ended, but the answer did not.
        """
        async for event in self.inner:
            self.clock.cancel()
            self.raw += text_of(event)
            self.thought += thought_of(event)
            for mended in self.add_unshown(certain_prose(without_thinking(self.raw), self.schemas)):
                yield mended
        if not self.raw.strip():
            # The end of the thinking came in pieces, so the answer after it was taken for more of it.
            self.raw = self.thought.partition("</think>")[2]
        self.set_usage(self.inner.usage)
        self.finish_reason = self.inner.finish_reason
        self.provider_response_id = self.inner.provider_response_id
        for mended in self.finish():
            yield mended

    def add_unshown(self, text: str) -> Iterator[ModelResponseStreamEvent]:
        """Emit the part of the text that has not been emitted."""
        text = text.lstrip()
        if not text.startswith(self.shown):
            # Thinking ended that nobody saw begin: what was shown was part of it.
            self.turn.emit(TextReset("the model had been thinking aloud"))
            self.shown = text
            yield from self.replace_text(text)
        elif len(text) > len(self.shown):
            delta, self.shown = text[len(self.shown) :], text
            yield from self.add_text(delta)

    def finish(self) -> Iterator[ModelResponseStreamEvent]:
        """Emit what was held back, as text or as calls, when the stream has ended.

        Raises:
            UselessAnswer: nothing remains, or the answer was cut off.
            ModelAPIError: the stream ended, but the answer did not.
        """
        if self.finish_reason is None:
            raise ModelAPIError(self.model_name, "the answer ended in the middle")
        text = without_thinking(self.raw).strip()
        calls = [(c.tool_name, as_object(c.args), c.tool_call_id) for c in native_calls(self.inner)]
        if not calls:
            written, text = written_calls(text, self.schemas)
            calls = [(call.name, call.arguments, "") for call in written]
        if not calls and not text:
            raise UselessAnswer("its answer was empty")
        if not calls and self.finish_reason == "length":
            raise UselessAnswer("its answer was cut off")
        if text and not (calls and not text.startswith(self.shown)):
            yield from self.add_unshown(
                text if text.startswith(self.shown) else self.shown + text[len(self.shown) :]
            )
        for name, arguments, call_id in calls:
            yield from self.repaired_call(name, arguments, call_id)

    def repaired_call(
        self, name: str, arguments: dict[str, Any], call_id: str
    ) -> Iterator[ModelResponseStreamEvent]:
        """Emit a call with its name and arguments repaired; an unknown tool is refused later."""
        known = name if name in self.schemas else nearest_tool(name, self.schemas)
        if known is not None:
            arguments = fill_ids(self.turn, known, fit_arguments(arguments, self.schemas[known]))
        yield from self.add_call(known or name, arguments, call_id or None)

    async def close_stream(self) -> None:
        """Close the HTTP stream below."""
        await self.inner.close_stream()


def text_of(event: object) -> str:
    """Return the text that an event adds to the answer; thinking and calls add none."""
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def about_of(event: object) -> str | None:
    """The call id of the tool result that a piece of text puts into words, as the offline engine notes it."""
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return (event.delta.provider_details or {}).get(ABOUT)
    return None


def thought_of(event: object) -> str:
    """Return the thinking that an event adds."""
    if isinstance(event, PartStartEvent) and isinstance(event.part, ThinkingPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, ThinkingPartDelta):
        return event.delta.content_delta or ""
    return ""


def certain_prose(text: str, tools: Iterable[str]) -> str:
    """Return the part of an unfinished text that cannot be thinking or a written call."""
    match = SUSPICIOUS.search(text)
    prose = text[: match.start()] if match else text
    *whole, last = prose.splitlines(keepends=True) or [""]
    for number, line in enumerate([*whole, last]):
        word = line.lstrip(" \t>*-`")
        if any(
            word.startswith(f"{name}(") or (line is last and word and name.startswith(word)) for name in tools
        ):
            return "".join(whole[:number])
    return prose


def native_calls(stream: StreamedResponse) -> list[ToolCallPart]:
    """Return the tool calls of a finished stream."""
    return [part for part in stream.get().parts if isinstance(part, ToolCallPart)]
