"""The tools as each door shows them, held as golden files. `UPDATE_GOLDEN=1 make test` rewrites them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.tools import ToolDefinition

from agent.llm.short_schemas import shortened
from agent.toolset import build_toolset
from cli.tools import describe
from mcp_server.server import as_mcp_tool
from tools.specs import TOOLS, tool
from tools.toolbox import Toolbox

GOLDEN = Path(__file__).parents[1] / "golden" / "tools"
NAMES = [spec.name for spec in TOOLS]


def as_shell(name: str, toolset: dict[str, ToolDefinition]) -> Any:
    return describe(tool(name))


def as_mcp(name: str, toolset: dict[str, ToolDefinition]) -> Any:
    listed = as_mcp_tool(tool(name)).model_dump(mode="json", exclude_none=True)
    # What a tool returns is the result types' own affair.
    return {key: value for key, value in listed.items() if key != "outputSchema"}


def as_agent(name: str, toolset: dict[str, ToolDefinition]) -> Any:
    return {"description": toolset[name].description, "schema": toolset[name].parameters_json_schema}


def as_small_model(name: str, toolset: dict[str, ToolDefinition]) -> Any:
    return shortened(toolset[name])


@pytest.mark.parametrize("door", [as_shell, as_mcp, as_agent, as_small_model], ids=lambda door: door.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_a_tool_is_shown_as_in_its_golden_file(toolbox: Toolbox, name: str, door: Any) -> None:
    toolset = {key: entry.tool_def for key, entry in build_toolset(lambda: toolbox).tools.items()}

    text = json.dumps(door(name, toolset), indent=2, ensure_ascii=False) + "\n"

    path = GOLDEN / door.__name__ / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
