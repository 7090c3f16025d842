"""The base of what a tool takes."""

from pydantic import ConfigDict

from compass.core import Frozen


class ToolRequest(Frozen):
    """Arguments of a tool: flat fields, each with its description; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")
