"""`compass ask`: a conversation in the shell."""

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator
from typing import Any, assert_never

import click
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.syntax import Syntax

from agent import Answer, Conversation, pull
from agent.events import (
    Event,
    Finished,
    ModelUsed,
    Notice,
    PullOffered,
    TextDelta,
    TextReset,
    ToolFailed,
    ToolFinished,
    ToolStarted,
)
from cli.session import print_json, terminal_approver, with_toolbox
from tools.errors import CompassError, InvalidInput
from tools.serving.types import Manifests
from tools.toolbox import Toolbox


@click.command()
@click.argument("text", nargs=-1)
@click.option("--conversation", metavar="ID", help="Go on with an earlier conversation.")
@click.option("--model", metavar="NAME", help="Answering model, instead of COMPASS_MODEL; offline for none.")
@click.option("--json", "as_json", is_flag=True, help="The answer with its tool calls as one JSON document.")
@click.option("--yes", is_flag=True, help="Approve what is about to be changed.")
def ask(text: tuple[str, ...], conversation: str | None, model: str | None, as_json: bool, yes: bool) -> None:
    """Ask once, or talk: without TEXT each line you type is answered until an empty line.

    compass ask "a support chatbot for 5,000 users, answers must start within 300 ms"
    """
    question = " ".join(text).strip()
    if as_json and not question:
        question = sys.stdin.read().strip() if not sys.stdin.isatty() else ""
        if not question:
            raise InvalidInput("TEXT", "is empty. Write the question after the command, or pipe it in.")

    async def work(box: Toolbox) -> None:
        talk = await Conversation.open(box, conversation, model)
        if as_json:
            print_json(document(talk, await talk.say(question)))
        elif question:
            await Screen().show(talk.ask(question))
            click.echo(f"conversation {talk.identifier}", err=True)
        else:
            await chat(talk)

    with_toolbox(work, terminal_approver(yes))


def document(talk: Conversation, answer: Answer) -> dict[str, Any]:
    """The answer as other programs read it."""
    return {
        "conversation": talk.identifier,
        "model": answer.model,
        "text": answer.text,
        "intent": answer.intent.model_dump(mode="json") if answer.intent else None,
        "calls": [{"name": name, "arguments": arguments} for name, arguments in answer.calls],
        "results": [result.model_dump(mode="json") for result in answer.results],
        "notices": [event.text for event in answer.events if isinstance(event, Notice)],
        "usage": dataclasses.asdict(answer.usage),
    }


async def chat(talk: Conversation) -> None:
    """Answer line after line; a failed answer does not end the conversation."""
    screen = Screen()
    screen.console.print("[dim]Describe what you need; an empty line ends the conversation.[/]")
    while line := await next_line():
        try:
            await screen.show(talk.ask(line))
        except CompassError as error:
            screen.console.print(f"[red]{error}[/]")
    click.echo(f'Go on later: compass ask --conversation {talk.identifier} "…"', err=True)


async def next_line() -> str:
    """What the person types; empty at the end of the input."""
    try:
        return (await asyncio.to_thread(input, "\n› ")).strip()
    except EOFError:
        return ""


class Screen:
    """Draws the events of an answer: tools as dim lines, the text as Markdown while it comes."""

    def __init__(self) -> None:
        self.console = Console()
        self.text = ""
        self.offer = ""
        self.live: Live | None = None

    async def show(self, events: AsyncIterator[Event]) -> None:
        """Draw one answer to its end."""
        self.text, self.offer = "", ""
        try:
            async for event in events:
                self.on(event)
        finally:
            self.pause()
        if self.offer and sys.stdin.isatty():
            await self.offer_pull(self.offer)

    def on(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case TextDelta(text=piece):
                self.write(piece)
            case TextReset(reason=reason):
                self.pause()
                self.text = ""
                self.dim(f"(the lines above are void: {reason})")
            case ModelUsed(name=name, reason=reason):
                self.dim(reason or name)
            case Notice(text=text):
                self.dim(text)
            case PullOffered(model=model):
                self.offer = model
            case ToolStarted(name=name):
                self.dim(f"· {name} …")
            case ToolFailed(name=name, message=message):
                self.dim(f"· {name}: {message}")
            case ToolFinished(result=Manifests() as result):
                self.pause()
                self.console.print(Syntax(result.text, "yaml", background_color="default"))
            case ToolFinished() | Finished():
                pass
            case _:
                assert_never(event)

    def write(self, piece: str) -> None:
        """Grow the answer; without a terminal the whole comes at the end."""
        self.text += piece
        if self.console.is_terminal:
            if self.live is None:
                self.live = Live(console=self.console, refresh_per_second=12, vertical_overflow="visible")
                self.live.start()
            self.live.update(Markdown(self.text))

    def pause(self) -> None:
        """Leave what is drawn standing."""
        if self.live is not None:
            self.live.stop()
            self.live = None
        elif self.text:
            self.console.print(Markdown(self.text))
        self.text = ""

    def dim(self, line: str) -> None:
        """A line beside the answer, on stderr where that is not the screen."""
        self.pause()
        if self.console.is_terminal:
            self.console.print(line, style="dim", markup=False, highlight=False)
        else:
            click.echo(line, err=True)

    async def offer_pull(self, model: str) -> None:
        """Pull a missing model if the person wants it."""
        if not await asyncio.to_thread(click.confirm, f"Pull {model} into Ollama now?", default=False):
            return
        with self.console.status(f"Pulling {model}") as status:
            async for progress in pull(model):
                status.update(f"Pulling {model}: {progress}")
        self.console.print(f"{model} is ready; it answers from the next question on.")
