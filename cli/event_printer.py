"""The events of an answer on a terminal: tools as dim lines, the text as Markdown while it comes."""

from collections.abc import AsyncIterator
from typing import assert_never

import click
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.syntax import Syntax

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
from compass.manifests import Manifests

FENCE = "```"


class EventPrinter:
    """Prints answers: to a pipe the text as plain Markdown, and everything else to stderr."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self.text = ""
        self.live: Live | None = None
        self.shown_model = ""
        self.offer = ""
        """A model that could be pulled."""
        self.pull_asked = False

    async def print_answer(self, events: AsyncIterator[Event]) -> None:
        """Print one answer to its end."""
        self.text = ""
        try:
            async for event in events:
                self.print_event(event)
        finally:
            self.pause()

    def print_event(self, event: Event) -> None:
        """Print one event."""
        match event:
            case TextDelta(text=piece):
                self.write(piece)
            case TextReset(reason=reason):
                self.pause()
                self.print_aside(f"(ignore the text above: {reason})")
            case ModelUsed():
                self.print_model(event)
            case Notice(text=text):
                self.print_aside(text)
            case PullOffered(model=model):
                self.offer = model
            case ToolStarted(name=name):
                self.print_aside(f"· {name} …")
            case ToolFailed(name=name, message=message):
                self.print_aside(f"· {name}: {message}")
            case ToolFinished(result=Manifests() as result):
                self.print_manifests(result)
            case ToolFinished() | Finished():
                pass
            case _:
                assert_never(event)

    def print_model(self, event: ModelUsed) -> None:
        """Print which model answers when it changes, and why where it is not the one that was wanted."""
        shown = event.reason or event.name
        if shown != self.shown_model:
            self.print_aside(shown)
        self.shown_model = shown

    def print_manifests(self, result: Manifests) -> None:
        """Print YAML, in colours on a terminal."""
        self.pause()
        if self.console.is_terminal:
            self.console.print(Syntax(result.text, "yaml", background_color="default"))
        else:
            self.console.out(f"{FENCE}yaml\n{result.text.rstrip()}\n{FENCE}\n", highlight=False)

    def write(self, piece: str) -> None:
        """Add to the answer: finished blocks are printed once, the last block is redrawn as it grows."""
        self.text += piece
        if not self.console.is_terminal:
            return
        if self.live is None:
            self.live = Live(console=self.console, refresh_per_second=12, transient=True)
            self.live.start()
        if done := finished_length(self.text):
            self.live.console.print(Markdown(self.text[:done]))
            self.text = self.text[done:]
        self.live.update(Markdown(self.text))

    def pause(self) -> None:
        """Print what is not printed yet and stop redrawing it."""
        if self.live is not None:
            self.live.stop()
            self.live = None
        if self.text.strip():
            if self.console.is_terminal:
                self.console.print(Markdown(self.text))
            else:
                self.console.out(self.text, highlight=False)
        self.text = ""

    def print_aside(self, line: str) -> None:
        """Print a line beside the answer, on stderr where the output is no terminal."""
        self.pause()
        if self.console.is_terminal:
            self.console.print(line, style="dim", markup=False, highlight=False)
        else:
            click.echo(line, err=True)

    def print_error(self, message: str) -> None:
        """Print an error."""
        if self.console.is_terminal:
            self.console.print(message, style="red", markup=False, highlight=False)
        else:
            click.echo(message, err=True)


def finished_length(text: str) -> int:
    """The length of a growing text's finished blocks, which end at an empty line outside of a code fence."""
    end = text.rfind("\n\n")
    while end >= 0 and text[:end].count(FENCE) % 2:
        end = text.rfind("\n\n", 0, end)
    return end + 2 if end >= 0 else 0
