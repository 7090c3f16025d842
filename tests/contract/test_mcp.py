"""MCP as clients speak it: approval by elicitation, mistakes that get a hint, and the HTTP door's guards."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.session import ElicitationFnT
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.memory import create_connected_server_and_client_session

from compass.core import InvalidInput
from mcp_server import build_server
from mcp_server.http import TOKEN_VARIABLE, build_app, parse_address, require_token
from tests.network import served
from tools.specs import TOOLS
from tools.toolbox import Toolbox

ROOT = Path(__file__).parents[2]
NEED = {"use_case": "code_completion", "user_count": 50}
TOKEN = "open-sesame-4711"


def words(answer: types.CallToolResult) -> str:
    return " ".join(block.text for block in answer.content if isinstance(block, types.TextContent))


async def option_in(client: ClientSession) -> str:
    planned = await client.call_tool("plan_replicas", NEED)
    assert planned.structuredContent is not None and not planned.isError
    option: str = planned.structuredContent["options"][0]["option_id"]
    return option


def person(asked: list[str], action: Any, content: dict[str, Any] | None) -> ElicitationFnT:
    async def answer(context: Any, params: Any) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action=action, content=content)

    return answer


@pytest.mark.parametrize(
    ("action", "content"),
    [("decline", None), ("cancel", None), ("accept", {"approve": False}), ("accept", {})],
)
async def test_nothing_but_a_yes_is_a_yes(
    toolbox: Toolbox, action: str, content: dict[str, Any] | None
) -> None:
    asked: list[str] = []
    async with create_connected_server_and_client_session(
        build_server(toolbox), elicitation_callback=person(asked, action, content)
    ) as client:
        answer = await client.call_tool("deploy", {"option_id": await option_in(client)})

    assert answer.isError and "not deployed" in words(answer)
    assert len(asked) == 1 and "Deploy" in asked[0] and "create" in asked[0]


async def test_a_yes_deploys_and_another_one_removes(toolbox: Toolbox) -> None:
    asked: list[str] = []
    async with create_connected_server_and_client_session(
        build_server(toolbox), elicitation_callback=person(asked, "accept", {"approve": True})
    ) as client:
        made = await client.call_tool("deploy", {"option_id": await option_in(client)})
        assert made.structuredContent is not None, words(made)
        identifier = made.structuredContent["deployment_id"]
        try:
            status = await client.call_tool("get_status", {"deployment_id": identifier})
            assert identifier in words(status) and not status.isError
        finally:
            gone = await client.call_tool("undeploy", {"deployment_id": identifier})

    assert "removed" in words(gone) and len(asked) == 2


@pytest.mark.parametrize(
    ("name", "arguments", "hints"),
    [
        ("map_slos", {}, ("map_slo", "Did you mean")),
        ("map_slo", {"user_count": "many"}, ("user_count", "many")),
        ("map_slo", {"users": 5}, ("users",)),
        ("map_slo", {"use_case": "chatbott"}, ("chatbot_conversational",)),
        ("plan_replicas", {"preferred_gpu_types": ["H10O"]}, ("H100",)),
        ("plan_replicas", {"specification_id": "spec-ffff"}, ("spec-ffff",)),
        ("render_yaml", {}, ("option_id",)),
        ("get_status", {"deployment_id": "dep-ffff"}, ("deployed",)),
        ("lookup_benchmarks", {"page": -1}, ("page",)),
    ],
)
async def test_a_mistake_gets_a_sentence_with_a_hint(
    toolbox: Toolbox, name: str, arguments: dict[str, Any], hints: tuple[str, ...]
) -> None:
    async with create_connected_server_and_client_session(build_server(toolbox)) as client:
        answer = await client.call_tool(name, arguments)

    assert answer.isError and "Traceback" not in words(answer)
    assert all(hint in words(answer) for hint in hints), words(answer)


async def test_stdio_serves_a_whole_session_and_keeps_stdout_clean(data_dir: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "compass", "mcp"], cwd=ROOT,
        env=os.environ | {"COMPASS_DATA_DIR": str(data_dir)},
    )  # fmt: skip
    asked: list[str] = []
    async with (
        stdio_client(server) as (incoming, outgoing),
        ClientSession(incoming, outgoing, elicitation_callback=person(asked, "decline", None)) as client,
    ):
        hello = await client.initialize()
        assert hello.serverInfo.name == "compass" and "never state one" in (hello.instructions or "")
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == [spec.name for spec in TOOLS]
        assert {tool.name for tool in listed if tool.annotations and tool.annotations.destructiveHint} == {
            "undeploy"
        }
        answer = await client.call_tool("deploy", {"option_id": await option_in(client)})

    assert answer.isError and len(asked) == 1


@asynccontextmanager
async def serving(toolbox: Toolbox) -> AsyncIterator[str]:
    async with served(lambda port: build_app(toolbox, "127.0.0.1", port)) as url:
        yield f"{url}/mcp/"


HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}
    },
}  # fmt: skip


async def status_of(url: str, **headers: str) -> int:
    accepted = {"Accept": "application/json, text/event-stream"} | headers
    async with httpx.AsyncClient() as client:
        return (await client.post(url, json=HELLO, headers=accepted)).status_code


async def test_over_http_a_client_works_and_strangers_do_not(toolbox: Toolbox) -> None:
    async with serving(toolbox) as url:
        async with (
            streamablehttp_client(url) as (incoming, outgoing, _),
            ClientSession(incoming, outgoing) as client,
        ):
            await client.initialize()
            answer = await client.call_tool("map_slo", NEED)
            assert not answer.isError and "code_completion" in words(answer)

        assert await status_of(url) == 200
        assert await status_of(url, Host="evil.example") == 421
        assert await status_of(url, Origin="http://evil.example") == 403


async def test_a_token_is_asked_for_where_one_is_set(
    toolbox: Toolbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    async with serving(toolbox) as url:
        assert await status_of(url) == 401
        assert await status_of(url, Authorization="Bearer wrong") == 401
        assert await status_of(url, Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "compass.example", "::"])
def test_beyond_loopback_it_refuses_to_start_without_a_token(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with pytest.raises(InvalidInput, match=TOKEN_VARIABLE):
        require_token(host)

    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert require_token(host) == TOKEN


@pytest.mark.parametrize("address", ["8765", "127.0.0.1:", ":80", "127.0.0.1:0", "127.0.0.1:99999", "a:b"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="HOST:PORT"):
        parse_address(address)


def test_an_ipv6_address_loses_its_brackets() -> None:
    assert parse_address("[::1]:8765") == ("::1", 8765)
