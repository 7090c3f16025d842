"""Sends one prompt to a server of OpenAI's API and times the answer as a client sees it."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from compass.core import CompassError, InvalidInput, Unavailable

if TYPE_CHECKING:
    import httpx

FIRST_TOKEN_S = 120.0


@dataclass
class StreamTiming:
    """Times in seconds, text and token counts of a stream so far."""

    began: float
    first: float | None = None
    last: float = 0.0
    text: list[str] = field(default_factory=list)
    prompt_tokens: int = 0
    output_tokens: int = 0

    def take(self, chunk: dict[str, Any], now: float) -> None:
        """Use one event: text counts from the first delta that has any, the role alone is no token."""
        if chunk.get("error"):
            message = chunk["error"].get("message", "no reason given")
            raise CompassError(f"The server broke off its answer: {message}")
        if usage := chunk.get("usage"):
            self.prompt_tokens = usage.get("prompt_tokens", 0)
            self.output_tokens = usage.get("completion_tokens", 0)
        for choice in chunk.get("choices", ()):
            delta = choice.get("delta", {})
            piece = delta.get("content") or delta.get("reasoning") or ""
            if piece:
                self.first = self.first or now
                self.last = now
                self.text.append(piece)


async def stream_completion(base_url: str, model: str, prompt: str, max_tokens: int) -> StreamTiming:
    """Stream one chat completion.

    Raises:
        Unavailable: the server does not answer.
        InvalidInput: it refuses the prompt.
        CompassError: it breaks off.
    """
    # Late: httpx takes a fifth of a second to import, and planning asks no server.
    import httpx

    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    timeout = httpx.Timeout(FIRST_TOKEN_S, connect=5)
    try:
        async with httpx.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False) as client:
            timing = StreamTiming(began=time.perf_counter())
            async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
                if answer.status_code != 200:
                    raise refused(answer.status_code, (await answer.aread()).decode(errors="replace"))
                async for chunk in chunks(answer):
                    timing.take(chunk, time.perf_counter())
    except httpx.ConnectError as error:
        raise Unavailable(f"Nothing answers at {base_url}. See get_status for what became of it.") from error
    except httpx.TimeoutException as error:
        raise Unavailable(f"{base_url} sent nothing for {FIRST_TOKEN_S:.0f} s. See get_status.") from error
    except httpx.TransportError as error:
        raise CompassError(f"{base_url} broke off its answer. See get_status, then try again.") from error
    if timing.first is None:
        raise CompassError(f"{base_url} ended its answer without any text.")
    return timing


async def chunks(answer: "httpx.Response") -> AsyncIterator[dict[str, Any]]:
    """The JSON events of a stream, up to [DONE]."""
    async for line in answer.aiter_lines():
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data.startswith("[DONE]"):
            return
        if data:
            yield json.loads(data)


def refused(status: int, body: str) -> CompassError:
    """The error of a server that does not answer 200."""
    try:
        problem = json.loads(body)["error"]
        message = problem["message"] if isinstance(problem, dict) else str(problem)
    except (ValueError, KeyError, TypeError):
        message = body[:200]
    if status in (400, 404):
        return InvalidInput("prompt", f"the server refuses it: {message}")
    return Unavailable(f"The server answered {status}: {message}")
