"""The one table of tools; the agent, MCP and the command line are thin adapters over it."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from compass.core import InvalidInput
from tools.deploy import deploy
from tools.get_status import get_status
from tools.lookup_benchmarks import lookup_benchmarks
from tools.map_slo import map_slo
from tools.plan_replicas import plan_replicas
from tools.render_yaml import render_yaml
from tools.test_inference import test_inference
from tools.toolbox import Toolbox
from tools.undeploy import undeploy


class ToolResult(Protocol):
    """What every tool returns: a pydantic model that can say itself in a few lines."""

    def brief(self) -> str:
        """The result for a language model, under about 1,500 tokens."""
        ...

    def model_dump(self, *, mode: Literal["json"]) -> dict[str, Any]:
        """The whole result."""
        ...


@dataclass(frozen=True)
class ToolSpec:
    """One tool: `function` takes the toolbox first, then flat annotated parameters."""

    function: Callable[..., Awaitable[ToolResult]]
    title: str
    read_only: bool = True
    destructive: bool = False

    @property
    def name(self) -> str:
        """Name at all three doors."""
        return self.function.__name__

    @property
    def description(self) -> str:
        """The function's docstring, one paragraph."""
        return " ".join((self.function.__doc__ or "").split())

    async def call(self, box: Toolbox, arguments: Mapping[str, Any]) -> ToolResult:
        """Check the arguments, then run the tool.

        Raises:
            InvalidInput: an argument is unknown, missing or of the wrong type; names it.
        """
        try:
            checked = arguments_model(self).model_validate(dict(arguments))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise InvalidInput(field, f"{first['msg']} (got {str(first['input'])[:80]!r}).") from error
        return await self.function(box, **{name: getattr(checked, name) for name in checked.model_fields_set})


TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec(map_slo, "Targets and load from a use case"),
    ToolSpec(lookup_benchmarks, "Benchmark runs near a configuration"),
    ToolSpec(plan_replicas, "Which model, GPU and how many replicas"),
    ToolSpec(render_yaml, "Kubernetes manifests of an option"),
    ToolSpec(deploy, "Deploy an option after approval", read_only=False),
    ToolSpec(get_status, "A deployment against its promise"),
    ToolSpec(test_inference, "Send one prompt to a deployment"),
    ToolSpec(undeploy, "Remove a deployment after approval", read_only=False, destructive=True),
)


def parameters(spec: ToolSpec) -> list[inspect.Parameter]:
    """The tool's own parameters, without the toolbox, annotations resolved."""
    _, *own = inspect.signature(spec.function, eval_str=True).parameters.values()
    return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]


@functools.cache
def arguments_model(spec: ToolSpec) -> type[BaseModel]:
    """The parameters as one pydantic model: their schema, and their check."""
    fields: dict[str, Any] = {
        parameter.name: (
            parameter.annotation,
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in parameters(spec)
    }
    return create_model(f"{spec.name}Arguments", __config__=ConfigDict(extra="forbid"), **fields)


def result_model(spec: ToolSpec) -> type[BaseModel]:
    """The pydantic model that the tool returns."""
    model: type[BaseModel] = inspect.signature(spec.function, eval_str=True).return_annotation
    return model


def bind(spec: ToolSpec, box: Callable[[], Toolbox]) -> Callable[..., Awaitable[ToolResult]]:
    """The tool without its toolbox parameter, with the signature that schema builders read.

    `box` is called at each call, so that a door may swap its approver between calls.
    """

    async def bound(**arguments: Any) -> ToolResult:
        return await spec.call(box(), arguments)

    returns = result_model(spec)
    bound.__name__ = bound.__qualname__ = spec.name
    bound.__doc__ = spec.description
    bound.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions take one at run time
        parameters(spec), return_annotation=returns
    )
    bound.__annotations__ = {p.name: p.annotation for p in parameters(spec)} | {"return": returns}
    return bound
