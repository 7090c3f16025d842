"""Ollama's own chat protocol as a pydantic-ai model.

Ollama's OpenAI-style endpoint takes neither a context length nor a switch for thinking: a prompt longer than
the server's default (4,096 tokens on most machines) is cut there without a word. `/api/chat` takes both.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import ollama
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError
from pydantic_ai.messages import (
    FinishReason,
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from agent.llm.ollama_wire import Wire, message_on_wire, tool_on_wire
from agent.llm.response_stream import ResponseStream

FINISHED: dict[str, FinishReason] = {"stop": "stop", "length": "length"}


class OllamaChat(Model):
    """One Ollama model over `/api/chat`, with a context length of our choice."""

    def __init__(
        self, name: str, client: ollama.AsyncClient, context_tokens: int, thinks: bool = False
    ) -> None:
        # Late: it imports OpenAI's client, most of a second, which the offline engine starts without.
        from pydantic_ai.providers.ollama import OllamaProvider

        super().__init__(profile=OllamaProvider.model_profile(name))
        self.name = name
        self.client = client
        self.context_tokens = context_tokens
        # A model that can think does so before each tool call, for minutes on a laptop.
        self.think = False if thinks else None

    @property
    def model_name(self) -> str:
        """As Ollama knows it."""
        return self.name

    @property
    def system(self) -> str:
        """The provider's name."""
        return "ollama"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Return a whole answer.

        Raises:
            ModelAPIError: Ollama refuses, or breaks off.
        """
        async with self.request_stream(messages, model_settings, model_request_parameters) as stream:
            async for _ in stream:
                pass
        return stream.get()

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Stream an answer.

        Raises:
            ModelAPIError: Ollama refuses, or breaks off.
        """
        settings, parameters = self.prepare_request(model_settings, model_request_parameters)
        with translated_errors(self.name):
            chunks = await self.client.chat(
                self.name,
                messages=conversation(messages, parameters),
                tools=[tool_on_wire(tool) for tool in parameters.function_tools] or None,
                stream=True,
                think=self.think,
                format=parameters.output_object.json_schema if parameters.output_object else None,
                options=self.options(settings or {}),
            )
        stream = OllamaStream(parameters, chunks, name=self.name, provider=self.system)
        try:
            yield stream
        finally:
            await stream.close_stream()

    def options(self, settings: ModelSettings) -> dict[str, Any]:
        """The same context length at each request: another one makes Ollama load the model again."""
        wanted = {
            "num_ctx": self.context_tokens,
            "num_predict": settings.get("max_tokens"),
            "temperature": settings.get("temperature"),
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass
class OllamaStream(ResponseStream):
    """Converts Ollama's lines into events."""

    chunks: AsyncIterator[ollama.ChatResponse]

    async def events(self) -> AsyncIterator[ModelResponseStreamEvent]:
        """The events of each line.

        Raises:
            ModelAPIError: Ollama refuses, or breaks off.
        """
        done = False
        with translated_errors(self.name):
            async for chunk in self.chunks:
                for event in self.line(chunk.message):
                    yield event
                if chunk.done:
                    done = True
                    self.finish_reason = FINISHED.get(chunk.done_reason or "stop")
                    read, written = chunk.prompt_eval_count or 0, chunk.eval_count or 0
                    self.set_usage(RequestUsage(input_tokens=read, output_tokens=written))
        if not done:
            raise ModelAPIError(self.name, "Ollama ended the answer in the middle")

    def line(self, message: ollama.Message) -> Iterator[ModelResponseStreamEvent]:
        """Events of one line: thinking, text, whole tool calls."""
        if message.thinking:
            yield from self.add_thinking(message.thinking)
        if message.content:
            yield from self.add_text(message.content)
        for call in message.tool_calls or ():
            yield from self.add_call(call.function.name, call.function.arguments)

    async def close_stream(self) -> None:
        """Close the HTTP stream, so that Ollama stops computing."""
        close = getattr(self.chunks, "aclose", None)
        if close is not None:
            await close()


def conversation(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> list[Wire]:
    """Convert instructions and messages, in this order."""
    instructions = parameters.instruction_parts or []
    system = [{"role": "system", "content": "\n\n".join(part.content for part in instructions)}]
    return (system if instructions else []) + [
        entry for message in messages for entry in message_on_wire(message)
    ]


@contextmanager
def translated_errors(model: str) -> Iterator[None]:
    """Raise the client's errors as pydantic-ai's; transport errors pass as they are."""
    try:
        yield
    except ollama.ResponseError as error:
        if error.status_code >= 400:
            raise ModelHTTPError(error.status_code, model, error.error) from error
        raise ModelAPIError(model, error.error) from error
    except ValueError as error:
        # A line that is no JSON, or JSON that is no answer: cut off, or not from Ollama.
        raise ModelAPIError(model, "sent something that is no answer") from error
