"""The tools as an MCP server: same names, descriptions, parameters and results as at the other doors."""

import dataclasses
import logging
from importlib.metadata import version
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession

from compass.core import CompassError
from compass.serving import ApprovalRequest, Approver
from tools.specs import TOOLS, ToolSpec, tool
from tools.toolbox import Toolbox

log = logging.getLogger(__name__)

INSTRUCTIONS = (
    "Compass sizes deployments of open language models. Usual order: map_slo, plan_replicas, render_yaml, "
    "deploy, get_status. Pass ids on (plan-…, option-…, dep-…). Quote figures with their interval and "
    "evidence, and never state one that no tool returned."
)


def build_server(box: Toolbox) -> Server[Any, Any]:
    """An MCP server over the open toolbox; it speaks through whatever transport runs it."""
    server: Server[Any, Any] = Server("compass", version("llm-compass"), INSTRUCTIONS)

    async def list_tools() -> list[types.Tool]:
        return [as_mcp_tool(spec) for spec in TOOLS]

    async def call_tool(name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        try:
            spec = tool(name)
            mine = dataclasses.replace(box, approver=eliciting(server.request_context.session))
            result = await spec.call(mine, arguments)
        except CompassError as error:
            return types.CallToolResult(content=[text(str(error))], isError=True)
        except Exception:
            # A door: the client gets a sentence, the log the traceback.
            log.exception("tool %s failed", name)
            return types.CallToolResult(
                content=[text(f"{name} failed inside Compass; its log says more.")], isError=True
            )
        return types.CallToolResult(
            content=[text(result.brief())], structuredContent=result.model_dump(mode="json")
        )

    server.list_tools()(list_tools)  # type: ignore[no-untyped-call]  # the SDK's decorators carry no types
    server.call_tool(validate_input=False)(call_tool)
    return server


def text(words: str) -> types.TextContent:
    """One block of text."""
    return types.TextContent(type="text", text=words)


def as_mcp_tool(spec: ToolSpec) -> types.Tool:
    """The specification in MCP's words."""
    return types.Tool(
        name=spec.name,
        title=spec.title,
        description=spec.description,
        inputSchema=spec.schema,
        outputSchema=spec.result.model_json_schema(mode="serialization"),
        annotations=types.ToolAnnotations(
            title=spec.title,
            readOnlyHint=spec.read_only,
            destructiveHint=spec.destructive,
            idempotentHint=spec.read_only,
            openWorldHint=False,
        ),
    )


def eliciting(session: ServerSession) -> Approver:
    """Approval by MCP elicitation: the client shows the changes to its user; a client without it means no."""

    async def approve(request: ApprovalRequest) -> bool:
        able = types.ClientCapabilities(elicitation=types.ElicitationCapability())
        if not session.check_client_capability(able):
            return False
        changes = "\n".join(f"{change.action} {change.what}" for change in request.changes)
        cost = f" (${request.usd_per_hour:,.2f} an hour)" if request.usd_per_hour is not None else ""
        answer = await session.elicit_form(
            f"{request.title} on {request.target}{cost}?\n{changes}",
            {
                "type": "object",
                "properties": {"approve": {"type": "boolean", "title": f"Approve: {request.action}"}},
                "required": ["approve"],
            },
        )
        return answer.action == "accept" and bool((answer.content or {}).get("approve"))

    return approve
