"""What the environment says of the language model; imports nothing, so that asking costs nothing."""

import os
import socket
from urllib.parse import urlsplit

MODEL_VARIABLE = "COMPASS_MODEL"
URL_VARIABLE = "OLLAMA_BASE_URL"
DEFAULT_MODEL = "ollama:qwen2.5:7b"
DEFAULT_URL = "http://127.0.0.1:11434"
OFFLINE = "offline"
KNOCK_S = 0.5
START_OLLAMA = f"start it, or set {URL_VARIABLE} or {MODEL_VARIABLE}"
"""What helps where no Ollama answers."""


def default_model() -> str:
    """The model name that the environment asks for."""
    return os.environ.get(MODEL_VARIABLE, "").strip() or DEFAULT_MODEL


def ollama_url() -> str:
    """Ollama's address without a path; OLLAMA_BASE_URL may end in /v1, as pydantic-ai writes it."""
    url = os.environ.get(URL_VARIABLE, "").strip() or DEFAULT_URL
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def nobody_answers(model: str) -> str:
    """Why no language model can be used, found without loading one; empty where one may answer."""
    if model.lower() == OFFLINE or not model.startswith("ollama:"):
        return ""
    parts = urlsplit(ollama_url())
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 11434), KNOCK_S):
            return ""
    except (OSError, ValueError):
        return f"no Ollama at {ollama_url()}: {START_OLLAMA}"
