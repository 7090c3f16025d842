"""Reads the language model's name and address from the environment, without importing a client."""

import os
import socket
from urllib.parse import urlsplit

MODEL_VARIABLE = "COMPASS_MODEL"
URL_VARIABLE = "OLLAMA_BASE_URL"
DEFAULT_MODEL = "ollama:qwen2.5:7b"
DEFAULT_URL = "http://127.0.0.1:11434"
OFFLINE = "offline"
CONNECT_TIMEOUT_S = 0.5
START_OLLAMA = f"start it, or set {URL_VARIABLE} or {MODEL_VARIABLE}"
"""The remedy where no Ollama answers."""


def default_model() -> str:
    """Return the model name that the environment asks for."""
    return os.environ.get(MODEL_VARIABLE, "").strip() or DEFAULT_MODEL


def ollama_url() -> str:
    """Return Ollama's address without a path; OLLAMA_BASE_URL may end in /v1, as pydantic-ai writes it."""
    url = os.environ.get(URL_VARIABLE, "").strip() or DEFAULT_URL
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def why_unreachable(model: str) -> str:
    """Say why no language model can be used, without loading one; empty where one may answer."""
    if model.lower() == OFFLINE or not model.startswith("ollama:"):
        return ""
    parts = urlsplit(ollama_url())
    try:
        address = (parts.hostname or "127.0.0.1", parts.port or 11434)
        with socket.create_connection(address, CONNECT_TIMEOUT_S):
            return ""
    except (OSError, ValueError):
        return f"no Ollama at {ollama_url()}: {START_OLLAMA}"
