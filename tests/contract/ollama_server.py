"""A real HTTP server that speaks Ollama's protocol, native and OpenAI-style, and plays what a test wants."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.network import served

DEFAULT_CONTEXT = 4096
"""Ollama's own, below 24 GiB of GPU memory; the OpenAI-style endpoint knows no other."""
TEMPLATE_TOKENS = 200


@dataclass
class Reply:
    """One answer of the model: text in pieces, calls, and how it fails."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    thinking: str = ""
    """In Ollama's own field for it."""
    finish: str = "stop"
    wait_s: float = 0.0
    """Before the first byte, as when a model is loaded."""
    stall_s: float = 0.0
    """After the first piece."""
    break_after: int | None = None
    """The connection breaks after so many pieces."""
    end_after: int | None = None
    """The stream ends, in good order and without an end of the answer, after so many pieces."""
    error_after: int | None = None
    """A line with an error comes after so many pieces."""
    status: int = 200


@dataclass
class FakeOllama:
    """The server's state, set by tests."""

    url: str
    models: list[str] = field(default_factory=lambda: ["qwen2.5:7b"])
    capabilities: list[str] = field(default_factory=lambda: ["completion", "tools"])
    context_length: int = 32_768
    speaks_native: bool = True
    replies: list[Reply] = field(default_factory=list)
    intent: Callable[[str], dict[str, Any]] | None = None
    intent_wait_s: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    pull: list[dict[str, Any]] = field(default_factory=list)
    pull_step_s: float = 0.0
    pulling: int = 0
    open_streams: int = 0
    broken_streams: int = 0

    def plays(self, *replies: Reply) -> None:
        """The answers to come, in order."""
        self.replies = list(replies)

    def questions(self) -> list[dict[str, Any]]:
        """The requests that were no intent reading."""
        return [request for request in self.requests if not reads_intent(request)]

    def overflows(self) -> list[int]:
        """Of the requests that Ollama would have cut without a word: the tokens that are too many."""
        needed = [(prompt_tokens(request), request) for request in self.requests]
        return [tokens - room for tokens, request in needed if tokens > (room := prompt_room(request))]


def reads_intent(body: dict[str, Any]) -> bool:
    return "response_format" in body or "format" in body


def prompt_room(body: dict[str, Any]) -> int:
    """Tokens of the context that are no answer's."""
    options = body.get("options", {})
    answers = (options.get("num_predict"), body.get("max_tokens"), body.get("max_completion_tokens"))
    return int(options.get("num_ctx", DEFAULT_CONTEXT)) - next(int(answer) for answer in answers if answer)


def prompt_tokens(body: dict[str, Any]) -> int:
    """Tokens of a request as it came over the wire, instructions, tools and all."""
    texts = [str(message.get("content") or "") for message in body["messages"]]
    texts += [json.dumps(message["tool_calls"]) for message in body["messages"] if message.get("tool_calls")]
    texts += [json.dumps(tool["function"]) for tool in body.get("tools", ())]
    pieces = re.findall(r"[^\W\d_]+|\d|_|[^\w\s]+", "\n".join(texts), re.ASCII)
    return TEMPLATE_TOKENS + sum(-(-len(piece) // (6 if piece.isalpha() else 2)) for piece in pieces)


@dataclass
class Stage:
    """A server that many tests share; what still goes on in it is of the test that began it."""

    state: FakeOllama

    def fresh(self) -> FakeOllama:
        """A new state for the next test."""
        self.state = FakeOllama(self.state.url, speaks_native=self.state.speaks_native)
        return self.state


def routes(stage: Stage) -> list[Route]:
    endpoints = Endpoints(stage)
    both = [
        Route("/api/tags", endpoints.tags),
        Route("/api/pull", endpoints.pull, methods=["POST"]),
        Route("/v1/chat/completions", endpoints.chat_completions, methods=["POST"]),
    ]
    own = [
        Route("/api/show", endpoints.show, methods=["POST"]),
        Route("/api/chat", endpoints.chat, methods=["POST"]),
    ]
    return both + (own if stage.state.speaks_native else [])


@dataclass
class Endpoints:
    """What the server answers at its paths."""

    stage: Stage

    async def tags(self, request: Request) -> Response:
        models = [{"model": name, "name": name, "size": 1} for name in self.stage.state.models]
        return JSONResponse({"models": models})

    async def show(self, request: Request) -> Response:
        state = self.stage.state
        if (await request.json())["model"] not in state.models:
            return JSONResponse({"error": "model not found"}, 404)
        info = {"general.architecture": "qwen2", "qwen2.context_length": state.context_length}
        return JSONResponse({"capabilities": state.capabilities, "model_info": info, "details": {}})

    async def pull(self, request: Request) -> Response:
        state, name = self.stage.state, (await request.json())["model"]
        return StreamingResponse(pulled(state, name), media_type="application/x-ndjson")

    async def chat(self, request: Request) -> Response:
        state, body = self.stage.state, await request.json()
        reply = await reply_to(state, body)
        if reply.status != 200:
            return JSONResponse({"error": "model runner has stopped"}, reply.status)
        lines = native(state, reply, body["model"])
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def chat_completions(self, request: Request) -> Response:
        state, body = self.stage.state, await request.json()
        reply = await reply_to(state, body)
        if reply.status != 200:
            return JSONResponse({"error": {"message": "model runner has stopped"}}, reply.status)
        if reads_intent(body):
            return JSONResponse(completion(body["model"], reply.text))
        events = openai_style(state, reply, body["model"])
        return StreamingResponse(events, media_type="text/event-stream")


async def reply_to(state: FakeOllama, body: dict[str, Any]) -> Reply:
    """The next reply; an intent is made from the person's words."""
    state.requests.append(body)
    if reads_intent(body):
        await asyncio.sleep(state.intent_wait_s)
        said = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
        return Reply(json.dumps(state.intent(said) if state.intent else {}))
    return state.replies.pop(0) if state.replies else Reply("Done.")


async def pulled(state: FakeOllama, name: str) -> AsyncIterator[bytes]:
    state.pulling += 1
    try:
        for line in state.pull:
            await asyncio.sleep(state.pull_step_s)
            yield json.dumps(line).encode() + b"\n"
        if state.pull and state.pull[-1].get("status") == "success":
            state.models.append(name)
    finally:
        state.pulling -= 1


async def native(state: FakeOllama, reply: Reply, model: str) -> AsyncIterator[bytes]:
    """Lines of JSON; thinking in its own field, calls whole, the counts in the last line."""

    def line(message: dict[str, Any], **more: Any) -> bytes:
        said = {"role": "assistant", "content": ""} | message
        return json.dumps({"model": model, "message": said, "done": False} | more).encode() + b"\n"

    pieces = [line({"thinking": part}) for part in cut(reply.thinking)]
    pieces += [line({"content": part}) for part in cut(reply.text)]
    for name, arguments in reply.calls:
        pieces.append(line({"tool_calls": [{"function": {"name": name, "arguments": arguments}}]}))
    error = b'{"error":"an error was encountered while running the model: CUDA error"}\n'
    counts = {"done_reason": reply.finish, "prompt_eval_count": 900, "eval_count": len(pieces)}
    async for piece in played(state, reply, pieces, error):
        yield piece
    if reply.end_after is None:
        yield line({}, done=True, **counts)


async def openai_style(state: FakeOllama, reply: Reply, model: str) -> AsyncIterator[bytes]:
    """Server-sent events; the last one has the usage and no choice."""
    thoughts: list[dict[str, Any]] = [{"reasoning": part} for part in cut(reply.thinking)]
    deltas = thoughts + [{"content": part} for part in cut(reply.text)]
    for index, (name, arguments) in enumerate(reply.calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        function = {"name": name, "arguments": text}
        made = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
        deltas.append({"tool_calls": [made]})
    pieces = [event(model, delta, None) for delta in deltas]
    error = b'data: {"error":{"message":"CUDA error","type":"api_error"}}\n\n'
    async for piece in played(state, reply, pieces, error):
        yield piece
    if reply.end_after is None:
        yield event(model, {}, "tool_calls" if reply.calls else reply.finish)
        usage = {"prompt_tokens": 900, "completion_tokens": len(pieces), "total_tokens": 900}
        yield event(model, None, None, usage)
        yield b"data: [DONE]\n\n"


async def played(state: FakeOllama, reply: Reply, pieces: list[bytes], error: bytes) -> AsyncIterator[bytes]:
    """The pieces, with the failures that the reply asks for."""
    state.open_streams += 1
    try:
        await asyncio.sleep(reply.wait_s)
        for number, piece in enumerate(pieces):
            if number in (reply.break_after, reply.end_after, reply.error_after):
                break
            yield piece
            await asyncio.sleep(reply.stall_s if number == 0 else 0)
        if reply.error_after is not None:
            yield error
        if reply.break_after is not None or reply.error_after is not None:
            raise ConnectionResetError("the test breaks the connection")
    except BaseException:
        state.broken_streams += 1
        raise
    finally:
        state.open_streams -= 1


def cut(text: str, length: int = 7) -> Iterator[str]:
    """The text in pieces that respect neither words nor tags."""
    return (text[start : start + length] for start in range(0, len(text), length))


def event(
    model: str, delta: dict[str, Any] | None, finish: str | None, usage: dict[str, int] | None = None
) -> bytes:
    """A line of the OpenAI-style stream."""
    choices = (
        []
        if delta is None
        else [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}]
    )
    chunk = {
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": choices, "usage": usage,
    }  # fmt: skip
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def completion(model: str, content: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-0", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }  # fmt: skip


@asynccontextmanager
async def staged(speaks_native: bool = True) -> AsyncIterator[Stage]:
    """The server, until the block ends."""
    stage = Stage(FakeOllama("", speaks_native=speaks_native))
    async with served(lambda _: Starlette(routes=routes(stage))) as stage.state.url:
        yield stage


@asynccontextmanager
async def serving() -> AsyncIterator[FakeOllama]:
    """The server for one test alone."""
    async with staged() as stage:
        yield stage.state
