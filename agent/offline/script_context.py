"""What a script of the offline engine works with: the turn, tool calls, and the parts of its reply."""

from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.commands import Command
from agent.mentioned_names import names_in
from agent.toolset import plan_of
from agent.turn_state import Turn, option_for
from compass.catalog import Catalog
from compass.core import CompassError
from compass.planning import Option, Plan


@dataclass(frozen=True)
class Call:
    """A tool call that a script waits for: awaiting it hands it to the engine and gives the result.

    Raises:
        ToolRefused: the tool answered with an error.
    """

    name: str
    arguments: dict[str, Any]

    def __await__(self) -> Generator["Call", BaseModel, BaseModel]:
        return (yield self)


class ToolRefused(CompassError):
    """A tool answered with an error, a sentence for people."""


@dataclass(frozen=True)
class Passage:
    """A part of a reply; `about` is the tool result that it puts into words, if it is one."""

    text: str
    about: BaseModel | None = None


Reply = str | list[Passage]
Script = Coroutine[Call, Any, Reply]
"""A running script. The only thing that a script may await is a `Call`: the engine runs it by hand."""
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class ScriptContext:
    """What a script reads."""

    turn: Turn
    command: Command
    catalog: Catalog

    @property
    def latest_ids(self) -> dict[str, str]:
        """The conversation's latest ids, by the parameter that takes them."""
        return self.turn.ledger.latest


async def call(kind: type[T], name: str, **arguments: Any) -> T:
    """Call a tool and return its result; arguments that are None are left out.

    Raises:
        ToolRefused: the tool answered with an error.
        TypeError: the result is not of this kind.
    """
    result = await Call(name, {key: value for key, value in arguments.items() if value is not None})
    if not isinstance(result, kind):
        raise TypeError(f"{name} returned {type(result).__name__}, not {kind.__name__}")
    return result


def chosen_option(context: ScriptContext) -> Option | None:
    """The option that the message names by id, place, view, GPU or model; else the last shown one."""
    plan = plan_of(context.turn)
    if plan is None or not plan.options:
        return None
    command = context.command
    wanted = command.identifier or context.latest_ids.get("option_id")
    latest = next((option for option in plan.options if option.option_id == wanted), None)
    if command.identifier:
        return latest
    if command.places:
        return plan.options[min(command.places[0], len(plan.options)) - 1]
    if command.view:
        return option_for(plan, command.view) or plan.options[0]
    return option_with_names(context, plan) or latest or plan.options[0]


def option_with_names(context: ScriptContext, plan: Plan) -> Option | None:
    """The first option with every GPU and model that the message names."""
    gpus, models = names_in(context.turn.text, context.catalog)
    names = [name.lower().replace(" ", "-") for name in (*gpus, *models)]
    for option in plan.options:
        hardware_and_model = f"{option.gpu} {option.model}".lower().replace(" ", "-")
        if names and all(name in hardware_and_model for name in names):
            return option
    return None


def chosen_deployment(context: ScriptContext) -> str | None:
    """The id of the deployment that the message means: by id, else the latest."""
    identifier = context.command.identifier
    if identifier and identifier.startswith("dep-"):
        return identifier
    return context.latest_ids.get("deployment_id")
