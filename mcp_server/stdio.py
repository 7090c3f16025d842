"""MCP over stdin and stdout, as desktop clients start it."""

from mcp.server.stdio import stdio_server

from mcp_server.server import build_server
from tools.toolbox import open_toolbox


async def serve_stdio() -> None:
    """Serve until the client closes stdin."""
    async with open_toolbox() as box, stdio_server() as (incoming, outgoing):
        server = build_server(box)
        await server.run(incoming, outgoing, server.create_initialization_options())
