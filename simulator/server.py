"""The life of the server: a closed port while it starts, requests, a signal, the end."""

import asyncio
import errno
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from simulator.api import Api, log
from simulator.connection import Connection
from simulator.settings import Settings

ADOPTION_S = 30.0


class StartError(Exception):
    """The server cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class Life:
    """Where to listen, and how long to start and to stop."""

    host: str
    port: int
    startup_s: float = 0.0
    shutdown_s: float = 0.0
    port_file: Path | None = None
    adopted_file: Path | None = None
    """When this file is not there half a minute after the start, nobody knows of us: stop."""


async def serve(settings: Settings, life: Life) -> None:
    """Listen until SIGTERM or SIGINT.

    Raises:
        StartError: the address cannot be used.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    # As with vLLM, nobody listens while the engine loads.
    if await occurs(stopped, life.startup_s):
        return
    api = Api(settings)
    connections: set[Connection] = set()
    try:
        server = await loop.create_server(
            lambda: Connection(api.handle, connections), life.host, life.port, backlog=2048
        )
    except OSError as error:
        raise StartError(address_problem(error, life)) from error
    port = server.sockets[0].getsockname()[1]
    if life.port_file:
        publish(life.port_file, port)
    log("listening", host=life.host, port=port, model=settings.name, replicas=settings.replicas)
    if life.adopted_file and not await occurs(stopped, ADOPTION_S) and not life.adopted_file.exists():
        log("orphaned", missing=str(life.adopted_file))
        stopped.set()
    await stopped.wait()
    await stop(api, server, connections, life.shutdown_s)
    log("stopped")


async def stop(api: Api, server: asyncio.Server, connections: set[Connection], shutdown_s: float) -> None:
    """Take no new connection, let requests end for `shutdown_s`, abort the rest."""
    server.close()
    for connection in list(connections):
        connection.close()
    deadline = asyncio.get_running_loop().time() + shutdown_s
    while api.exchanges and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    log("stopping", aborted=len(api.exchanges))
    for exchange in list(api.exchanges):
        exchange.cut("The server is shutting down.")
    for connection in list(connections):
        connection.finish()
    for _ in range(50):
        if not connections:
            break
        await asyncio.sleep(0.02)


async def occurs(event: asyncio.Event, within_s: float) -> bool:
    """Whether the event happens in that time."""
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True


def publish(path: Path, port: int) -> None:
    """Write the port for whoever started us; a reader never sees half of it."""
    draft = path.with_suffix(".part")
    draft.write_text(f"{port}\n")
    draft.replace(path)


def address_problem(error: OSError, life: Life) -> str:
    """Why the address cannot be used, in a sentence."""
    where = f"{life.host}:{life.port}"
    if error.errno == errno.EADDRINUSE:
        if life.port == 0:
            return f"No free port on {life.host}: every one is in use. Stop a server, then try again."
        return f"Port {life.port} is in use. Choose another with --port, or --port 0 for a free one."
    if error.errno == errno.EACCES:
        return f"No right to listen on {where}. Choose a port above 1023."
    return f"Cannot listen on {where}: {error.strerror or error}."


def run(settings: Settings, life: Life) -> int:
    """Serve, and say on stderr why not; the exit code."""
    try:
        asyncio.run(serve(settings, life))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
