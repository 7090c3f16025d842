"""A person at the terminal: lines, yes or no, and Ctrl-C, which never ends more than what is being done."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession


class Keyboard:
    """What the person types, with history and line editing; a pasted text of several lines is one message.

    prompt_toolkit reads Ctrl-C as a key. A signal at the prompt may reach another thread than the one that
    waits in `input`, and would then show only with the next key.
    """

    def __init__(self) -> None:
        self.session: PromptSession[str] | None = None

    async def line(self, prompt: str) -> str | None:
        """The next line, None at the end of the input; Ctrl-C gives up the line and not the conversation."""
        if not sys.stdin.isatty():
            line = await asyncio.to_thread(sys.stdin.readline)
            return line.strip() if line else None
        try:
            return (await self.opened().prompt_async(prompt, handle_sigint=False)).strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            click.echo("(Ctrl-D ends the conversation.)", err=True)
            return ""

    def opened(self) -> "PromptSession[str]":
        """The session; made at the first line, since programs that pipe need none."""
        if self.session is None:
            from prompt_toolkit import PromptSession

            self.session = PromptSession()
        return self.session


async def confirmed(question: str) -> bool:
    """Whether the person says yes; Ctrl-C, the end of the input and no terminal mean no."""
    if not sys.stdin.isatty():
        return False
    try:
        answer = await Keyboard().opened().prompt_async(f"{question} [y/N]: ", handle_sigint=False)
    except (EOFError, KeyboardInterrupt):
        return False
    return answer.strip().lower() in ("y", "yes")


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
