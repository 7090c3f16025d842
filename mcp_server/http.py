"""MCP over streamable HTTP: loopback needs nothing, anything wider needs a token."""

import hmac
import ipaddress
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from compass.core import InvalidInput
from mcp_server.server import build_server
from tools.toolbox import Toolbox, open_toolbox

TOKEN_VARIABLE = "COMPASS_MCP_TOKEN"


def parse_address(address: str) -> tuple[str, int]:
    """HOST:PORT.

    Raises:
        InvalidInput: no host, no port, or a port outside 1 to 65535.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise InvalidInput("--http", f'"{address}" is not HOST:PORT. Give 127.0.0.1:8765, for example.')
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_token(host: str) -> str | None:
    """The token that clients must send, None on loopback without one.

    Raises:
        InvalidInput: the host is reachable from elsewhere and no token is set.
    """
    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is None and not is_loopback(host):
        raise InvalidInput(
            "--http",
            f"{host} can be reached from other machines. Set {TOKEN_VARIABLE} to a secret that clients "
            "send as bearer token, or serve on 127.0.0.1.",
        )
    return token


def with_token(app: ASGIApp, token: str | None) -> ASGIApp:
    """Refuse HTTP requests without the bearer token."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if token is not None and scope["type"] == "http":
            sent = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(sent, f"Bearer {token}".encode()):
                refusal = PlainTextResponse(
                    "A bearer token is required.", 401, {"WWW-Authenticate": "Bearer"}
                )
                await refusal(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded


def build_app(box: Toolbox, host: str, port: int) -> ASGIApp:
    """The ASGI application; /mcp is the endpoint."""
    names = {host, "127.0.0.1", "localhost", "[::1]"}
    security = TransportSecuritySettings(
        allowed_hosts=[f"{name}:{port}" for name in names],
        allowed_origins=[f"http://{name}:{port}" for name in names],
    )
    manager = StreamableHTTPSessionManager(build_server(box), security_settings=security)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            yield

    return with_token(
        Starlette(routes=[Mount("/mcp", app=manager.handle_request)], lifespan=lifespan), require_token(host)
    )


async def serve_http(address: str) -> None:
    """Serve until stopped.

    Raises:
        InvalidInput: the address is wrong, or needs a token.
    """
    host, port = parse_address(address)
    require_token(host)
    async with open_toolbox() as box:
        config = uvicorn.Config(build_app(box, host, port), host=host, port=port, log_level="warning")
        await uvicorn.Server(config).serve()
