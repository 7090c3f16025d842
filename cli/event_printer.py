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


class Screen:
    """Draws answers. Where the output is no terminal it is plain Markdown, and the rest goes to stderr."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self.text = ""
        self.live: Live | None = None
        self.shown_model = ""
        self.offer = ""
        """A model that could be pulled."""
        self.pull_asked = False

    async def show(self, events: AsyncIterator[Event]) -> None:
        """Draw one answer to its end."""
        self.text = ""
        try:
            async for event in events:
                self.on(event)
        finally:
            self.pause()

    def on(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case TextDelta(text=piece):
                self.write(piece)
            case TextReset(reason=reason):
                self.pause()
                self.dim(f"(what stands above is void: {reason})")
            case ModelUsed():
                self.name(event)
            case Notice(text=text):
                self.dim(text)
            case PullOffered(model=model):
                self.offer = model
            case ToolStarted(name=name):
                self.dim(f"· {name} …")
            case ToolFailed(name=name, message=message):
                self.dim(f"· {name}: {message}")
            case ToolFinished(result=Manifests() as result):
                self.manifests(result)
            case ToolFinished() | Finished():
                pass
            case _:
                assert_never(event)

    def name(self, event: ModelUsed) -> None:
        """Who answers: whenever it changes, and why where it is not the model that was wanted."""
        shown = event.reason or event.name
        if shown != self.shown_model:
            self.dim(shown)
        self.shown_model = shown

    def manifests(self, result: Manifests) -> None:
        """YAML in colours, or as it is."""
        self.pause()
        if self.console.is_terminal:
            self.console.print(Syntax(result.text, "yaml", background_color="default"))
        else:
            self.console.out(f"{FENCE}yaml\n{result.text.rstrip()}\n{FENCE}\n", highlight=False)

    def write(self, piece: str) -> None:
        """Grow the answer: finished blocks are printed, the last one is drawn again as it grows."""
        self.text += piece
        if not self.console.is_terminal:
            return
        if self.live is None:
            self.live = Live(console=self.console, refresh_per_second=12, transient=True)
            self.live.start()
        if done := settled(self.text):
            self.live.console.print(Markdown(self.text[:done]))
            self.text = self.text[done:]
        self.live.update(Markdown(self.text))

    def pause(self) -> None:
        """Leave what is drawn standing."""
        if self.live is not None:
            self.live.stop()
            self.live = None
        if self.text.strip():
            if self.console.is_terminal:
                self.console.print(Markdown(self.text))
            else:
                self.console.out(self.text, highlight=False)
        self.text = ""

    def dim(self, line: str) -> None:
        """A line beside the answer, on stderr where that is not the screen."""
        self.pause()
        if self.console.is_terminal:
            self.console.print(line, style="dim", markup=False, highlight=False)
        else:
            click.echo(line, err=True)

    def error(self, message: str) -> None:
        """What went wrong, in a sentence."""
        if self.console.is_terminal:
            self.console.print(message, style="red", markup=False, highlight=False)
        else:
            click.echo(message, err=True)


def settled(text: str) -> int:
    """Where the last finished block of a growing text ends: an empty line outside of a code fence."""
    end = text.rfind("\n\n")
    while end >= 0 and text[:end].count(FENCE) % 2:
        end = text.rfind("\n\n", 0, end)
    return end + 2 if end >= 0 else 0
