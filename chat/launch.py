"""Starts the chat's server: prepares Chainlit's folder, checks the port, prints the address."""

import json
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from agent.environment import OFFLINE, default_model
from chat.accounts import has_oauth, has_password
from chat.page import SecurityHeaders, build_page, chainlit_folder
from compass.core import Conflict, InvalidInput, data_directory

APP = Path(__file__).parent / "app"
MAIN = Path(__file__).parent / "main.py"
WATERMARK = "Figures come from tools, with interval and evidence. Nothing is deployed without your yes."
REFUSED = "That is not the password, or this name may not enter. Ask who runs this Compass."
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def serve(host: str, port: int) -> None:
    """Serve until stopped.

    Raises:
        InvalidInput: a host beyond loopback without a password.
        Conflict: the port is taken.
    """
    refuse_public_host(host)
    refuse_taken_port(host, port)
    prepare_environment(host, port)
    click.echo(f"Compass: http://{'127.0.0.1' if host in LOOPBACK else host}:{port}   (Ctrl-C stops it)")
    run(host, port)


def refuse_public_host(host: str) -> None:
    """Refuse a host beyond loopback where neither a password nor an OAuth provider is set.

    Raises:
        InvalidInput: says what to set.
    """
    if host not in LOOPBACK and not (has_password() or has_oauth()):
        raise InvalidInput(
            "--host",
            f"{host} can be reached from other machines. Set COMPASS_PASSWORD (or an OAuth provider), or "
            "serve on 127.0.0.1.",
        )


def refuse_taken_port(host: str, port: int) -> None:
    """Refuse a port that another program listens on.

    Raises:
        Conflict: another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: "
                f"compass chat --port {port + 1}, or make run PORT={port + 1}."
            ) from error


def prepare_environment(host: str, port: int) -> None:
    """Write what Chainlit reads when it is imported into a folder of its own, a copy of chat/app.

    Each port has its own copy: Chainlit empties its folder of files when it stops, also of another chat's.
    """
    folder = data_directory() / "chat" / str(port)
    shutil.copytree(APP, folder, dirs_exist_ok=True)
    config = folder / ".chainlit" / "config.toml"
    origins = f'["http://127.0.0.1:{port}", "http://localhost:{port}", "http://{host}:{port}"]'
    lines = config.read_text(encoding="utf-8").splitlines()
    kept = [f"allow_origins = {origins}" if line.startswith("allow_origins") else line for line in lines]
    config.write_text("\n".join(kept) + "\n", encoding="utf-8")
    write_translations(folder / ".chainlit" / "translations")
    build_page(folder)
    # Chainlit would take DATABASE_URL for its own history, which is not the store's.
    os.environ.pop("DATABASE_URL", None)
    os.environ["CHAINLIT_APP_ROOT"] = str(folder)
    os.environ["CHAINLIT_HOST"], os.environ["CHAINLIT_PORT"] = host, str(port)
    os.environ.setdefault("CHAINLIT_AUTH_SECRET", signing_key())


def write_translations(folder: Path) -> None:
    """Write Chainlit's texts with ours in place of some: the line under the box, the log-in, the settings."""
    document = json.loads((chainlit_folder() / "translations" / "en-US.json").read_text(encoding="utf-8"))
    chat = document["chat"]
    chat["watermark"] = f"{answering_model_line()} {WATERMARK}"
    chat["input"]["placeholder"] = "Say what you need to serve, for how many people, how fast …"
    chat["messages"]["status"] = {"using": "Working on", "used": ""}
    chat["settings"]["title"] = "Settings of this conversation"
    login = document["auth"]["login"]
    login["title"] = "Log in to Compass"
    login["form"]["email"] |= {"label": "Your name", "placeholder": "it tells whose conversations are whose"}
    login["errors"] |= dict.fromkeys(("default", "credentialsSignin"), REFUSED)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "en-US.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def answering_model_line() -> str:
    """Which model answers, as the environment sets it."""
    model = default_model()
    if model.lower() == OFFLINE:
        return "The offline engine answers."
    return f"{model.removeprefix('ollama:')} answers, or the offline engine when it cannot."


def signing_key() -> str:
    """The key that signs log-ins, made once and readable by its owner only: a restart logs nobody out."""
    path = data_directory() / "chat-secret"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32))
    return path.read_text(encoding="utf-8")


def stub_tracing_client() -> None:
    """Put an empty module in place of a tracing client that Chainlit's dependency imports and nobody calls.

    It is a fifth of the time to start.
    """
    module = ModuleType("traceloop.sdk")
    module.__dict__["Traceloop"] = None
    sys.modules.setdefault("traceloop.sdk", module)


def run(host: str, port: int) -> None:
    """Run Chainlit's server in this process."""
    import asyncio

    import uvicorn

    stub_tracing_client()
    from chainlit.auth import ensure_jwt_secret
    from chainlit.config import config, load_module
    from chainlit.server import app

    config.run.host, config.run.port, config.run.headless = host, port, True
    # The page knows "system", its type does not.
    theme: Any = "system"
    config.ui.default_theme = theme
    config.run.module_name = str(MAIN)
    load_module(str(MAIN))
    ensure_jwt_secret()
    server = uvicorn.Server(uvicorn.Config(SecurityHeaders(app), host=host, port=port, log_level="error"))
    try:
        asyncio.run(server.serve())
    except KeyboardInterrupt:
        sys.exit(0)
