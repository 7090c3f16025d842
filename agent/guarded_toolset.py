"""Wraps the tools for one answer: a small toolset for each thing that happens around a call."""

import json
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic_ai import ModelRetry, RunContext, ToolFailed
from pydantic_ai.messages import ToolReturn
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset

from agent.events import ToolFailed as ToolFailedEvent
from agent.events import ToolFinished, ToolStarted
from agent.toolset import brief, with_what_was_said
from agent.turn_state import Done, Turn
from compass.core import CompassError, Conflict, NotApproved, Unavailable

Arguments = dict[str, Any]


class Looping(Exception):
    """The model asks for the same call again and again."""


@dataclass
class RecordingToolset(WrapperToolset[None]):
    """Keeps in the turn what a call returned, or the sentence with which it was refused."""

    turn: Turn

    async def call_tool(
        self, name: str, tool_args: Arguments, ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool, and record its result or its refusal."""
        try:
            result = await super().call_tool(name, tool_args, ctx, tool)
        except CompassError as error:
            self.turn.refusal, self.turn.declined = str(error), isinstance(error, NotApproved)
            raise
        self.turn.ledger.remember(result)
        self.turn.done.append(Done(name, tool_args, result, ctx.tool_call_id or ""))
        return result


@dataclass
class ReportingToolset(WrapperToolset[None]):
    """Emits an event when a call starts, and when it ends either way."""

    turn: Turn

    async def call_tool(
        self, name: str, tool_args: Arguments, ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool between two events."""
        call_id = ctx.tool_call_id or ""
        self.turn.emit(ToolStarted(name, tool_args, call_id))
        try:
            result = await super().call_tool(name, tool_args, ctx, tool)
        except CompassError as error:
            self.turn.emit(ToolFailedEvent(name, str(error), call_id))
            raise
        self.turn.emit(ToolFinished(name, result, call_id))
        return result


@dataclass
class BriefToolset(WrapperToolset[None]):
    """Returns to the model a result in a few lines, and an error as a sentence."""

    async def call_tool(
        self, name: str, tool_args: Arguments, ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> ToolReturn[str]:
        """Call the tool, and shorten what it returns.

        Raises:
            ModelRetry: the arguments were wrong; the sentence says how to put them right.
            ToolFailed: it is no use to try again.
        """
        try:
            return ToolReturn(brief(await super().call_tool(name, tool_args, ctx, tool)))
        except (NotApproved, Unavailable, Conflict) as error:
            raise ToolFailed(str(error)) from error
        except CompassError as error:
            raise ModelRetry(str(error)) from error


@dataclass
class LoopGuardToolset(WrapperToolset[None]):
    """Answers a repeated call with a reminder, and stops at the third."""

    turn: Turn
    counts: dict[str, int] = field(default_factory=dict)
    """How often each call was made, by its name and arguments as JSON."""

    async def call_tool(
        self, name: str, tool_args: Arguments, ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool, unless the same call has been made before.

        Raises:
            ToolFailed: the call was made before in this answer.
            Looping: and before that, too.
        """
        key = f"{name} {json.dumps(tool_args, sort_keys=True, default=str)}"
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] > 2:
            raise Looping(f"asked for {name} with the same arguments three times")
        if self.counts[key] == 2 and self.turn.finished(name):
            raise ToolFailed(f"{name} was just called with these arguments; its result is above. Answer now.")
        return await super().call_tool(name, tool_args, ctx, tool)


@dataclass
class StatedArgumentsToolset(WrapperToolset[None]):
    """Fills in what the person said, which wins over what the model wrote."""

    turn: Turn

    async def call_tool(
        self, name: str, tool_args: Arguments, ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:
        """Call the tool with the arguments that the person stated."""
        return await super().call_tool(name, with_what_was_said(self.turn, name, tool_args), ctx, tool)


@dataclass
class GuardedToolset(WrapperToolset[None]):
    """All wrappers of this module around the tools."""

    @classmethod
    def around(cls, tools: AbstractToolset[None], turn: Turn, exact: bool = False) -> Self:
        """Wrap the tools for one answer; `exact` arguments come from rules that read the person's words."""
        recorded = ReportingToolset(RecordingToolset(tools, turn), turn)
        guarded = LoopGuardToolset(BriefToolset(recorded), turn)
        return cls(guarded if exact else StatedArgumentsToolset(guarded, turn))
