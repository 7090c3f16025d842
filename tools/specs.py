"""The one table of tools; the agent, MCP and the command line are thin adapters over it."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ValidationError

from compass.core import invalid_input, unknown
from tools.compare_alternatives import compare_alternatives
from tools.deploy import deploy
from tools.estimate_capacity import estimate_capacity
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
    """One tool: `function` takes the toolbox and a pydantic model of flat arguments."""

    function: Callable[..., Awaitable[ToolResult]]
    title: str
    read_only: bool = True
    destructive: bool = False

    @property
    def name(self) -> str:
        """Name at all doors."""
        return self.function.__name__

    @property
    def description(self) -> str:
        """The function's docstring, one paragraph."""
        return " ".join((self.function.__doc__ or "").split())

    @cached_property
    def request(self) -> type[BaseModel]:
        """The pydantic model that the tool takes."""
        _, request = inspect.signature(self.function, eval_str=True).parameters.values()
        model: type[BaseModel] = request.annotation
        return model

    @cached_property
    def result(self) -> type[BaseModel]:
        """The pydantic model that the tool returns."""
        model: type[BaseModel] = inspect.signature(self.function, eval_str=True).return_annotation
        return model

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON schema of the arguments."""
        return self.request.model_json_schema()

    async def call(self, box: Toolbox, arguments: Mapping[str, Any]) -> ToolResult:
        """Check the arguments, then run the tool.

        Raises:
            InvalidInput: an argument is unknown, missing or of the wrong type; names it.
        """
        try:
            request = self.request.model_validate(dict(arguments))
        except ValidationError as error:
            raise invalid_input(error, self.request.model_fields) from error
        return await self.function(box, request)


TOOLS: tuple[ToolSpec, ...] = (
    ToolSpec(map_slo, "Targets and load from a use case"),
    ToolSpec(lookup_benchmarks, "Benchmark runs near a configuration"),
    ToolSpec(plan_replicas, "Which model, GPU and how many replicas"),
    ToolSpec(estimate_capacity, "What given GPUs carry of a model"),
    ToolSpec(compare_alternatives, "Named alternatives side by side"),
    ToolSpec(render_yaml, "Kubernetes manifests of an option"),
    ToolSpec(deploy, "Deploy an option after approval", read_only=False),
    ToolSpec(get_status, "A deployment against its promise"),
    ToolSpec(test_inference, "Send one prompt to a deployment"),
    ToolSpec(undeploy, "Remove a deployment after approval", read_only=False, destructive=True),
)


def tool(name: str) -> ToolSpec:
    """The tool of this name.

    Raises:
        NotFound: names the nearest.
    """
    for spec in TOOLS:
        if spec.name == name:
            return spec
    raise unknown("tool", name, [spec.name for spec in TOOLS])
