"""The tools for MCP clients."""

from mcp_server.http import serve_http
from mcp_server.server import build_server
from mcp_server.stdio import serve_stdio

__all__ = ["build_server", "serve_http", "serve_stdio"]
