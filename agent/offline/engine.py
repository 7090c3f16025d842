"""The offline engine: a deterministic pydantic-ai model that answers by rules with the same tools."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
from pydantic import BaseModel
from pydantic_ai import ModelProfile, RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponseStreamEvent, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agent.offline.replies import talk
from agent.offline.script_context import Call, Scene, Script, ToolRefused
from agent.offline.scripts import script_for
from agent.turn_state import CHANGING, Turn
from compass.catalog import Catalog

NAME = "offline engine"
PREFACE = "*Offline engine: no language model was used.*\n\n"
NO_PRICES = DataSnapshot(providers=[], from_auto_update=False)
PIECE = re.compile(r"[^\n]*\n+|[^\n]+")


class OfflineModel(Model):
    """Plays the script of one answer: at each request the next tool call, at the end the words."""

    def __init__(self, turn: Turn, catalog: Catalog) -> None:
        # pydantic-ai reads the prices of every provider when its first model is made; the rules cost nothing.
        set_custom_snapshot(NO_PRICES)
        super().__init__(profile=ModelProfile(context_window=None))
        set_custom_snapshot(None)
        self.turn = turn
        self.catalog = catalog
        self.script: Script | None = None
        self.waiting: Call | None = None
        self.known = 0

    @property
    def model_name(self) -> str:
        """What is shown as the answering model."""
        return NAME

    @property
    def system(self) -> str:
        """The provider's name."""
        return "compass"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The next call or the words, at once."""
        step = self.step()
        return ModelResponse([as_part(step)], usage=free(), model_name=NAME)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """The same, line by line: a piece costs more than it shows."""
        yield Recited(model_request_parameters, self.step())

    def step(self) -> Call | str:
        """Go on with the script from what the tools returned since the last step."""
        try:
            if self.script is None:
                self.script = script_for(Scene(self.turn, self.turn.command, self.catalog))
                step = next(self.script)
            else:
                step = self.resume(self.script)
            while (done := self.already_done(step)) is not None:
                step = self.script.send(done)
        except StopIteration as end:
            return PREFACE + str(end.value)
        except ToolRefused as refused:
            return PREFACE + (talk.DECLINED if self.turn.declined else str(refused))
        self.waiting, self.known = step, len(self.turn.done)
        return step

    def resume(self, script: Script) -> Call:
        """Hand the awaited result, or the tool's refusal, to the script."""
        if len(self.turn.done) > self.known:
            return script.send(self.turn.done[-1].result)
        return script.throw(ToolRefused(self.turn.refusal or "The tool did not answer."))

    def already_done(self, step: Call) -> BaseModel | None:
        """What a language model changed in the world before it fell silent is not done twice."""
        done = self.turn.finished(step.name) if step.name in CHANGING else None
        return done.result if done else None


@dataclass
class Recited(StreamedResponse):
    """A finished step as a stream."""

    step: Call | str
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        self._usage = free()
        if isinstance(self.step, Call):
            yield self._parts_manager.handle_part(vendor_part_id="call", part=as_part(self.step))
            return
        for piece in PIECE.findall(self.step):
            for event in self._parts_manager.handle_text_delta(vendor_part_id="text", content=piece):
                yield event

    async def close_stream(self) -> None:
        """Nothing is open."""

    @property
    def model_name(self) -> str:
        """As the engine."""
        return NAME

    @property
    def provider_name(self) -> str:
        """As the engine."""
        return "compass"

    @property
    def provider_url(self) -> None:
        """There is none."""
        return None

    @property
    def timestamp(self) -> datetime:
        """When the step was made."""
        return self.started


def free() -> RequestUsage:
    """What a request to the rules uses; said, since pydantic-ai would look for a price."""
    return RequestUsage(cost=Decimal(0))


def as_part(step: Call | str) -> ToolCallPart | TextPart:
    """A step as part of a response."""
    return TextPart(step) if isinstance(step, str) else ToolCallPart(step.name, step.arguments)
