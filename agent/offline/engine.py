"""The offline engine: a deterministic pydantic-ai model that answers by rules with the same tools."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
from pydantic import BaseModel
from pydantic_ai import ModelProfile, RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agent.events import ABOUT, TextDelta
from agent.llm import ResponseStream
from agent.offline.replies import talk
from agent.offline.script_context import Call, Passage, Reply, Script, ScriptContext, ToolRefused
from agent.offline.scripts import start_script
from agent.turn_state import CHANGING, Turn
from compass.catalog import Catalog

NAME = "offline engine"
PROVIDER = "compass"
PREFACE = "*Offline engine: no language model was used.*\n\n"
NO_PRICES = DataSnapshot(providers=[], from_auto_update=False)


class OfflineModel(Model):
    """Runs the script of one answer: each request returns the next tool call, the last one the reply."""

    def __init__(self, turn: Turn, catalog: Catalog) -> None:
        with prices_unread():
            super().__init__(profile=ModelProfile(context_window=None))
        self.turn = turn
        self.catalog = catalog
        self.script: Script | None = None
        self.known = 0
        """How many calls of the turn were finished when the script was left waiting."""

    @property
    def model_name(self) -> str:
        """What is shown as the answering model."""
        return NAME

    @property
    def system(self) -> str:
        """The provider's name."""
        return PROVIDER

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next tool call, or the reply."""
        step = self.step()
        part = as_part(step) if isinstance(step, Call) else TextPart("".join(piece.text for piece in step))
        return ModelResponse([part], usage=free(), model_name=NAME)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The same as a stream: a piece for each passage, which says what it is about."""
        yield ScriptStream(model_request_parameters, self.step(), name=NAME, provider=PROVIDER)

    def step(self) -> Call | list[TextDelta]:
        """Run the script to its next tool call or its end, with what the last call returned."""
        try:
            if self.script is None:
                self.script = start_script(ScriptContext(self.turn, self.turn.command, self.catalog))
                call = self.script.send(None)
            else:
                call = self.resume(self.script)
            while (done := self.already_done(call)) is not None:
                call = self.script.send(done)
        except StopIteration as end:
            return self.pieces(end.value)
        except ToolRefused as refused:
            return self.pieces(talk.DECLINED if self.turn.declined else str(refused))
        self.known = len(self.turn.done)
        return call

    def resume(self, script: Script) -> Call:
        """Hand the script the result that it waits for, or the tool's refusal."""
        if len(self.turn.done) > self.known:
            return script.send(self.turn.done[-1].result)
        return script.throw(ToolRefused(self.turn.refusal or "The tool did not answer."))

    def already_done(self, call: Call) -> BaseModel | None:
        """The result of a change that a language model made in this answer before it failed."""
        done = self.turn.finished(call.name) if call.name in CHANGING else None
        return done.result if done else None

    def pieces(self, reply: Reply) -> list[TextDelta]:
        """A reply as pieces of one text, each with the id of the call whose result it puts into words."""
        passages = [Passage(reply)] if isinstance(reply, str) else [part for part in reply if part.text]
        pieces = [TextDelta(PREFACE)]
        for number, passage in enumerate(passages):
            gap = "\n\n" if number else ""
            pieces.append(TextDelta(gap + passage.text, self.turn.call_id_of(passage.about)))
        return pieces


@contextmanager
def prices_unread() -> Iterator[None]:
    """Keep pydantic-ai from reading all providers' prices, a second, when its first model is made.

    They are read there on purpose, without a setting against it: an empty list takes their place meanwhile.
    """
    set_custom_snapshot(NO_PRICES)
    try:
        yield
    finally:
        set_custom_snapshot(None)


@dataclass
class ScriptStream(ResponseStream):
    """A step of a script as a model's stream."""

    step: Call | list[TextDelta]

    async def events(self) -> AsyncIterator[ModelResponseStreamEvent]:
        """The call, or the words passage by passage."""
        self.set_usage(free())
        if isinstance(self.step, Call):
            pieces = [self.add_call(self.step.name, self.step.arguments)]
        else:
            pieces = [
                self.add_text(piece.text, {ABOUT: piece.about} if piece.about else None)
                for piece in self.step
            ]
        for event in chain.from_iterable(pieces):
            yield event


def free() -> RequestUsage:
    """What a request to the rules uses; said, since pydantic-ai would look for a price."""
    return RequestUsage(cost=Decimal(0))


def as_part(call: Call) -> ToolCallPart:
    """A call as part of a response."""
    return ToolCallPart(call.name, call.arguments)
