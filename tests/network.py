"""Servers of tests: on ports that nobody else is given meanwhile."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

OUTSIDE = range(20_000, 32_000)
"""Below the ports that the system gives to whoever asks for any."""


def free_port() -> int:
    """A port for a process to come: between this and its start no connection is given it."""
    # Not the seeded generator, which would give two test processes the same ports.
    for port in random.SystemRandom().sample(OUTSIDE, 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


@asynccontextmanager
async def served(app_at: Callable[[int], ASGIApp]) -> AsyncIterator[str]:
    """The address of an app in this process, made for its port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app_at(port), log_level="critical"))
        task = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = server.force_exit = True
            await task
