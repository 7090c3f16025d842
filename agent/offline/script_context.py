"""What a script of the offline engine sees and does: the scene, a call, the option that is meant."""

from collections.abc import Generator
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
    """A tool call that a script asks for; it gets the result back, or `ToolRefused` is thrown in."""

    name: str
    arguments: dict[str, Any]


class ToolRefused(CompassError):
    """A tool answered with an error, a sentence for people."""


Script = Generator[Call, BaseModel, str]
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Scene:
    """What a script may look at."""

    turn: Turn
    command: Command
    catalog: Catalog

    @property
    def latest(self) -> dict[str, str]:
        """The latest ids."""
        return self.turn.ledger.latest


def call(kind: type[T], name: str, **arguments: Any) -> Generator[Call, BaseModel, T]:
    """Call a tool whose result is of this kind; arguments that are None stay unsaid."""
    result = yield Call(name, {key: value for key, value in arguments.items() if value is not None})
    if not isinstance(result, kind):
        raise TypeError(f"{name} returned {type(result).__name__}, not {kind.__name__}")
    return result


def chosen(scene: Scene) -> Option | None:
    """The option that the words mean: by id, by view, by the GPU or model named; else the balanced one."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return None
    command = scene.command
    wanted = command.identifier or scene.latest.get("option_id")
    latest = next((option for option in made.options if option.option_id == wanted), None)
    if command.identifier:
        return latest
    if command.places:
        return made.options[min(command.places[0], len(made.options)) - 1]
    if command.view:
        return option_for(made, command.view) or made.options[0]
    return named_option(scene, made) or latest or made.options[0]


def named_option(scene: Scene, made: Plan) -> Option | None:
    """The option with the GPU or model that the words name."""
    gpus, models = names_in(scene.turn.text, scene.catalog)
    for option in made.options:
        words = f"{option.gpu} {option.model}".lower().replace(" ", "-")
        if (gpus or models) and all(name.lower().replace(" ", "-") in words for name in (*gpus, *models)):
            return option
    return None


def deployment_of(scene: Scene) -> str | None:
    """The deployment that is meant."""
    identifier = scene.command.identifier
    return identifier if identifier and identifier.startswith("dep-") else scene.latest.get("deployment_id")
