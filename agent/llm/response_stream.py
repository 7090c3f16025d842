"""A streamed answer of a model of ours, for pydantic-ai to read.

`StreamedResponse` is made to be subclassed, but what a subclass overrides and uses has no public name:
`_get_event_iterator`, `_parts_manager` and `_usage`. They are used in this file alone, and pyproject.toml
keeps pydantic-ai below the next minor version for their sake.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic_ai.messages import ModelResponseStreamEvent, TextPart
from pydantic_ai.models import StreamedResponse
from pydantic_ai.usage import RequestUsage


@dataclass
class ResponseStream(StreamedResponse):
    """Base class of our streams: a subclass yields the events that the methods below make."""

    _: KW_ONLY
    name: str
    provider: str | None
    url: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @abstractmethod
    def events(self) -> AsyncIterator[ModelResponseStreamEvent]:
        """The events of the answer, in order."""

    def add_text(
        self, text: str, details: dict[str, Any] | None = None
    ) -> Iterator[ModelResponseStreamEvent]:
        """Append to the answer's text; `details` travel with the piece."""
        yield from self._parts_manager.handle_text_delta(
            vendor_part_id="text", content=text, provider_name=self.provider, provider_details=details
        )

    def replace_text(self, text: str) -> Iterator[ModelResponseStreamEvent]:
        """Put a text in place of the answer's text so far."""
        yield self._parts_manager.handle_part(vendor_part_id="text", part=TextPart(text))

    def add_thinking(self, text: str) -> Iterator[ModelResponseStreamEvent]:
        """Append to what the model thought."""
        yield from self._parts_manager.handle_thinking_delta(vendor_part_id="thinking", content=text)

    def add_call(
        self, name: str, arguments: Mapping[str, Any], call_id: str | None = None
    ) -> Iterator[ModelResponseStreamEvent]:
        """Add a whole tool call; one without an id gets one."""
        yield self._parts_manager.handle_tool_call_part(
            vendor_part_id=None, tool_name=name, args=dict(arguments), tool_call_id=call_id
        )

    def set_usage(self, usage: RequestUsage) -> None:
        """Record the tokens that the answer took."""
        self._usage = usage

    async def close_stream(self) -> None:
        """Nothing is open, unless a subclass says otherwise."""

    def _get_event_iterator(self) -> AsyncIterator[ModelResponseStreamEvent]:
        return self.events()

    @property
    def model_name(self) -> str:
        """The model's name."""
        return self.name

    @property
    def provider_name(self) -> str | None:
        """The provider's name."""
        return self.provider

    @property
    def provider_url(self) -> str | None:
        """The provider's address; not of Ollama's, since it may hold a secret."""
        return self.url

    @property
    def timestamp(self) -> datetime:
        """When the answer began."""
        return self.started
