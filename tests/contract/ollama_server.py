"""A real HTTP server that speaks Ollama's protocol and plays what a test puts on its list."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Reply:
    """One answer of the model: text in pieces, calls, and how it fails."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    finish: str = "stop"
    wait_s: float = 0.0
    """Before the first byte, as when a model is loaded."""
    break_after: int | None = None
    """The connection breaks after so many pieces."""
    status: int = 200


@dataclass
class FakeOllama:
    """The server's state, set by tests."""

    url: str
    models: list[str] = field(default_factory=lambda: ["qwen2.5:7b"])
    replies: list[Reply] = field(default_factory=list)
    intent: Callable[[str], dict[str, Any]] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    pull: list[dict[str, Any]] = field(default_factory=list)
    open_streams: int = 0
    broken_streams: int = 0

    def plays(self, *replies: Reply) -> None:
        """The answers to come, in order."""
        self.replies = list(replies)

    def questions(self) -> list[dict[str, Any]]:
        """The requests that were no intent reading."""
        return [request for request in self.requests if "response_format" not in request]


def routes(state: FakeOllama) -> list[Route]:
    async def tags(request: Request) -> Response:
        return JSONResponse({"models": [{"model": name, "name": name, "size": 1} for name in state.models]})

    async def pull(request: Request) -> Response:
        name = (await request.json())["model"]

        async def lines() -> AsyncIterator[bytes]:
            for line in state.pull:
                yield json.dumps(line).encode() + b"\n"
            if state.pull and state.pull[-1].get("status") == "success":
                state.models.append(name)

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    async def chat_completions(request: Request) -> Response:
        body = await request.json()
        state.requests.append(body)
        if "response_format" in body:
            said = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
            content = json.dumps(state.intent(said) if state.intent else {})
            return JSONResponse(completion(body["model"], content))
        reply = state.replies.pop(0) if state.replies else Reply("Done.")
        if reply.status != 200:
            return JSONResponse({"error": {"message": "model runner has stopped"}}, reply.status)
        return StreamingResponse(played(state, reply, body["model"], request), media_type="text/event-stream")

    return [
        Route("/api/tags", tags),
        Route("/api/pull", pull, methods=["POST"]),
        Route("/v1/chat/completions", chat_completions, methods=["POST"]),
    ]


async def played(state: FakeOllama, reply: Reply, model: str, request: Request) -> AsyncIterator[bytes]:
    state.open_streams += 1
    try:
        await asyncio.sleep(reply.wait_s)
        pieces: list[dict[str, Any]] = [{"content": part} for part in cut(reply.text)]
        for index, (name, arguments) in enumerate(reply.calls):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            function = {"name": name, "arguments": text}
            made = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
            pieces.append({"tool_calls": [made]})
        for number, piece in enumerate(pieces):
            if reply.break_after == number:
                raise ConnectionResetError("the test breaks the connection")
            yield event(model, piece, None)
            await asyncio.sleep(0)
        if reply.break_after is not None:
            raise ConnectionResetError("the test breaks the connection")
        yield event(model, {}, "tool_calls" if reply.calls else reply.finish)
        yield event(
            model, None, None, {"prompt_tokens": 900, "completion_tokens": len(pieces), "total_tokens": 900}
        )
        yield b"data: [DONE]\n\n"
    except BaseException:
        state.broken_streams += 1
        raise
    finally:
        state.open_streams -= 1


def cut(text: str, length: int = 7) -> list[str]:
    """The text in pieces that respect neither words nor tags."""
    return [text[start : start + length] for start in range(0, len(text), length)]


def event(
    model: str, delta: dict[str, Any] | None, finish: str | None, usage: dict[str, int] | None = None
) -> bytes:
    """A line of the stream; the last one has the usage and no choice."""
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving() -> AsyncIterator[FakeOllama]:
    """The server on a free port, until the block ends."""
    port = free_port()
    state = FakeOllama(f"http://127.0.0.1:{port}")
    config = uvicorn.Config(Starlette(routes=routes(state)), port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield state
    finally:
        server.should_exit = server.force_exit = True
        await task
