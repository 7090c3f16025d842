"""A simulator in this process, on a free port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from simulator.api import Api
from simulator.connection import Connection
from simulator.profile import Profile
from simulator.settings import Settings

QUICK = Profile(
    model="org/tiny",
    batch=(1, 4, 16),
    decode_ms=(4.0, 5.0, 8.0),
    kv_ms_per_token=0.0,
    prefill_ms_per_token=0.01,
    prefill_ms_per_token_squared=0.0,
    request_overhead_ms=5.0,
    max_num_seqs=4,
    max_num_batched_tokens=512,
    kv_capacity_tokens=16000,
    max_model_len=4096,
)


@dataclass
class Running:
    """A server and a client that talks to it."""

    api: Api
    client: httpx.AsyncClient
    url: str

    async def complete(self, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/completions", json={"prompt": "one two three", **body})

    async def chat(self, text: str = "hello", **body: Any) -> httpx.Response:
        messages = [{"role": "user", "content": text}]
        return await self.client.post("/v1/chat/completions", json={"messages": messages, **body})

    async def metric(self, name: str, **labels: str) -> float:
        page = (await self.client.get("/metrics")).text
        samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def until(self, name: str, value: float) -> None:
        """Wait until a metric has reached a value."""
        async with asyncio.timeout(5):
            while await self.metric(name) < value:
                await asyncio.sleep(0.01)


def events(text: str) -> list[Any]:
    """The JSON of each event before [DONE], which must be there."""
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Running]:
    profile = settings.pop("profile", QUICK)
    api = Api(Settings(profile=profile, model="org/tiny", served_names=("tiny", "also-tiny"), **settings))
    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(api.handle, connections), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
            yield Running(api, client, url)
    finally:
        server.close()
        for connection in list(connections):
            connection.finish()


Starter = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start() -> AsyncIterator[Starter]:
    """Start servers with settings of one's own."""
    contexts = []

    async def begin(**settings: Any) -> Running:
        context = running(**settings)
        contexts.append(context)
        return await context.__aenter__()

    yield begin
    for context in contexts:
        await context.__aexit__(None, None, None)


@pytest.fixture
def quick() -> Profile:
    return replace(QUICK)
