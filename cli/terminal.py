"""A person at the terminal: lines, yes or no, and Ctrl-C, which never ends more than what is being done."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt here and now; asyncio's own handler would wait for the line."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def read_line(prompt: str) -> str | None:
    """What the person types, None at the end of the input; Ctrl-C gives up the line and not the conversation.

    It waits in the main thread: one of its own would go on waiting after Ctrl-C, and take the next line.
    """
    with interruptible():
        try:
            return input(prompt if sys.stdin.isatty() else "").strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            click.echo("\n(Ctrl-D ends the conversation.)", err=True)
            return ""


def confirmed(question: str) -> bool:
    """Whether the person says yes; Ctrl-C, the end of the input and no terminal mean no."""
    if not sys.stdin.isatty():
        return False
    with interruptible():
        try:
            return click.confirm(question, default=False, err=True)
        except (click.Abort, KeyboardInterrupt):
            click.echo(err=True)
            return False


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:
    """Do the work; whether Ctrl-C stopped it."""
    task = asyncio.ensure_future(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
    return stopped
