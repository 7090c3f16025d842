"""The one table of tools; the agent, MCP and the command line are thin adapters over it."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel
from tools.deploy import deploy
from tools.get_status import get_status
from tools.lookup_benchmarks import lookup_benchmarks
from tools.map_slo import map_slo
from tools.plan_replicas import plan_replicas
from tools.render_yaml import render_yaml
from tools.test_inference import test_inference
from tools.undeploy import undeploy

from tools.toolbox import Toolbox


class ToolResult(Protocol):
    """What every tool returns: a pydantic model that can say itself in a few lines."""

    def brief(self) -> str:
        """The result for a language model, under about 1,500 tokens."""
        ...


@dataclass(frozen=True)
class ToolSpec:
    """One tool: `function` takes the toolbox first, then flat annotated parameters."""

    function: Callable[..., Awaitable[BaseModel]]
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
        return inspect.getdoc(self.function) or ""


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


def bind(spec: ToolSpec, box: Callable[[], Toolbox]) -> Callable[..., Awaitable[Any]]:
    """The tool without its toolbox parameter, with the signature that schema builders read.

    `box` is called at each call, so that a door may swap its approver between calls.
    """

    @functools.wraps(spec.function)
    async def bound(**arguments: Any) -> BaseModel:
        return await spec.function(box(), **arguments)

    signature = inspect.signature(spec.function, eval_str=True)
    _, *parameters = signature.parameters.values()
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    bound.__signature__ = signature.replace(parameters=keyword)  # type: ignore[attr-defined]  # functools.wraps
    bound.__annotations__ = {p.name: p.annotation for p in keyword} | {"return": signature.return_annotation}
    del bound.__wrapped__
    return bound
