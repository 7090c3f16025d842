"""What the subcommands share: an open toolbox, one JSON document on stdout, a person at the terminal."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click
from pydantic import BaseModel

from cli.terminal import confirmed
from compass.serving import ApprovalRequest, Approver
from tools.toolbox import Toolbox, nobody, open_toolbox

T = TypeVar("T")


def with_toolbox(work: Callable[[Toolbox], Awaitable[T]], approver: Approver = nobody) -> T:
    """Open the toolbox, do the work, close it; progress goes to stderr."""

    async def session() -> T:
        async with open_toolbox(approver, progress=to_stderr) as box:
            return await work(box)

    return asyncio.run(session())


def to_stderr(message: str) -> None:
    """A line of progress, beside the result and never in it."""
    click.echo(message, err=True)


def print_json(document: Any) -> None:
    """Exactly one JSON document on stdout."""
    if isinstance(document, BaseModel):
        document = document.model_dump(mode="json")
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def terminal_approver(yes: bool) -> Approver:
    """Ask the person at the terminal; `--yes` has answered already, and no terminal means no."""

    async def approve(request: ApprovalRequest) -> bool:
        click.echo(request_text(request), err=True)
        if yes:
            return True
        return await confirmed(f"{request.action}?")

    return approve


def request_text(request: ApprovalRequest) -> str:
    """What is about to happen, a line a change."""
    cost = f", ${request.usd_per_hour:,.2f} an hour" if request.usd_per_hour is not None else ""
    lines = [f"{request.title} on {request.target}{cost}"]
    lines += [f"  {change.action:9} {change.what}" for change in request.changes]
    return "\n".join(lines)
