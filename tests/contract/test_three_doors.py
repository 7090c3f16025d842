"""The agent, MCP and the command line offer the same tools with the same results."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.shared.memory import create_connected_server_and_client_session

from agent.toolset import build_toolset
from mcp_server import build_server
from tools.specs import TOOLS
from tools.toolbox import Toolbox

ROOT = Path(__file__).parents[2]
MODEL = {"model": "Llama-3.1-70B", "gpu": "B200", "page_size": 3}


def compass(*words: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COMPASS_DATA_DIR": str(data_dir), "COMPASS_MODEL": "offline"}
    return subprocess.run(
        [sys.executable, "-m", "compass", *words], cwd=ROOT, env=environment, capture_output=True, text=True
    )


async def over_stdio(data_dir: Path, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "compass", "mcp"],
        cwd=ROOT,
        env=os.environ | {"COMPASS_DATA_DIR": str(data_dir)},
    )
    async with stdio_client(server) as (incoming, outgoing), ClientSession(incoming, outgoing) as client:
        await client.initialize()
        return await client.call_tool(name, arguments)


async def test_the_same_names_descriptions_and_parameters(toolbox: Toolbox, data_dir: Path) -> None:
    expected = {spec.name: (spec.description, spec.schema) for spec in TOOLS}

    async with create_connected_server_and_client_session(build_server(toolbox)) as client:
        mcp_tools = (await client.list_tools()).tools
    toolset = build_toolset(lambda: toolbox)
    listed = json.loads(compass("tools", "list", "--json", data_dir=data_dir).stdout)

    assert {tool.name: (tool.description, tool.inputSchema) for tool in mcp_tools} == expected
    assert {entry["name"]: (entry["description"], entry["inputSchema"]) for entry in listed} == expected
    agent_tools = {
        name: (tool.tool_def.description, tool.tool_def.parameters_json_schema)
        for name, tool in toolset.tools.items()
    }
    assert agent_tools == expected


async def test_the_command_line_and_mcp_over_stdio_return_the_same(data_dir: Path) -> None:
    shell = await asyncio.to_thread(
        compass,
        "tools",
        "call",
        "lookup_benchmarks",
        "--args",
        json.dumps(MODEL),
        "--json",
        data_dir=data_dir,
    )
    answer = await over_stdio(data_dir, "lookup_benchmarks", MODEL)

    assert shell.returncode == 0, shell.stderr
    assert not answer.isError
    assert json.loads(shell.stdout) == answer.structuredContent


async def test_an_error_is_the_same_sentence_at_each_door(data_dir: Path) -> None:
    shell = await asyncio.to_thread(
        compass, "tools", "call", "lookup_benchmarks", "gpu=H1000", data_dir=data_dir
    )
    answer = await over_stdio(data_dir, "lookup_benchmarks", {"gpu": "H1000"})

    assert shell.returncode == 3
    assert answer.isError
    assert isinstance(answer.content[0], types.TextContent)
    assert answer.content[0].text == shell.stderr.strip()
    assert "H100-SXM" in shell.stderr


@pytest.mark.parametrize("spec", TOOLS, ids=lambda spec: spec.name)
def test_a_tool_describes_itself_in_one_paragraph_and_flat_parameters(spec: Any) -> None:
    schema = spec.schema

    assert 40 < len(spec.description) < 1200 and "\n\n" not in spec.description
    assert "$defs" not in schema
    assert all(field.get("description") for field in schema["properties"].values())


async def test_a_client_without_elicitation_cannot_deploy(toolbox: Toolbox) -> None:
    async with create_connected_server_and_client_session(build_server(toolbox)) as client:
        planned = await client.call_tool("plan_replicas", {"use_case": "code_completion", "user_count": 50})
        assert planned.structuredContent is not None
        option = planned.structuredContent["options"][0]["option_id"]
        answer = await client.call_tool("deploy", {"option_id": option})

    assert answer.isError
    assert isinstance(answer.content[0], types.TextContent)
    assert "approv" in answer.content[0].text.lower()
