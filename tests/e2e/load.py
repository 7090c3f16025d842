"""Load on an OpenAI endpoint, so that a status has something to measure."""

import asyncio

import httpx


async def send(endpoint: str, model: str, count: int, at_once: int, prompt_tokens: int, tokens: int) -> None:
    """`count` completions, `at_once` of them at a time."""
    seats = asyncio.Semaphore(at_once)
    body = {"model": model, "prompt": [65] * prompt_tokens, "max_tokens": tokens}

    async def one(client: httpx.AsyncClient) -> None:
        async with seats:
            (await client.post("/v1/completions", json=body)).raise_for_status()

    async with httpx.AsyncClient(base_url=endpoint, timeout=60, trust_env=False) as client:
        await asyncio.gather(*(one(client) for _ in range(count)))
