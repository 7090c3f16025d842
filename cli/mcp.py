"""`compass mcp`: the tools for MCP clients."""

import asyncio

import click

from mcp_server import serve_http, serve_stdio


@click.command()
@click.option("--http", "address", metavar="HOST:PORT", help="Streamable HTTP on /mcp instead of stdio.")
def mcp(address: str | None) -> None:
    """The tools for MCP clients, over stdio by default.

    In a client's configuration: command "compass", arguments ["mcp"].
    """
    if address is None:
        asyncio.run(serve_stdio())
        return
    click.echo(f"MCP on http://{address}/mcp (Ctrl-C stops it)", err=True)
    asyncio.run(serve_http(address))
