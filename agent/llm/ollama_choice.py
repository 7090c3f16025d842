"""Finds a model of Ollama's, chooses its protocol, and pulls one."""

import functools
import os
import ssl
from collections.abc import AsyncIterator

import httpx
import ollama

from agent.environment import OFFLINE, START_OLLAMA, ollama_url
from agent.llm.model_choice import ModelChoice
from agent.llm.ollama_chat import OllamaChat
from compass.core import CompassError, InvalidInput, Unavailable

PROBE = httpx.Timeout(5.0, connect=1.0)
"""A machine busy with a model is slow to answer even this; one that is not there is not waited for."""
SILENCE_S = 300.0
"""A laptop may take minutes to load a model and to read a prompt."""
CONTEXT_TOKENS = 8_192
"""Asked of Ollama: instructions, tools and an answer take 4,500; the rest is for history and results."""
OPENAI_STYLE_TOKENS = 4_096
"""What Ollama gives where it cannot be asked: its default on machines below 24 GiB of GPU memory."""
NO_SUCH_PATH = (404, 405, 501)
UNREACHABLE = (httpx.HTTPError, httpx.InvalidURL, ConnectionError, ollama.ResponseError, ValueError)
"""What asking raises where no Ollama answers, or something that is none."""


def ollama_client(timeout: httpx.Timeout | float | None) -> ollama.AsyncClient:
    """Return a client for Ollama's address."""
    return ollama.AsyncClient(host=ollama_url(), timeout=timeout, verify=trusted_certificates())


@functools.cache
def trusted_certificates() -> ssl.SSLContext:
    """Read the trusted certificates once: each client would take 20 ms for it, also for plain HTTP."""
    return httpx.create_ssl_context()


async def choose_ollama(model: str) -> ModelChoice:
    """Return an Ollama model if Ollama answers and has it, else why not."""
    try:
        present = await installed_models()
    except UNREACHABLE as error:
        return ModelChoice(
            OFFLINE, why=f"Ollama at {ollama_url()} {silence_reason(error)}", remedy=START_OLLAMA
        )
    if not {model, f"{model}:latest"} & present:
        remedy = f"`ollama pull {model}` gets it"
        return ModelChoice(OFFLINE, why=f"Ollama runs but has no {model}", remedy=remedy, missing=model)
    return await native_choice(model) or openai_style_choice(model)


async def native_choice(model: str) -> ModelChoice | None:
    """Return the model over Ollama's own protocol; None where the server has only the OpenAI-style one."""
    shown = await show_model(model)
    if shown is None:
        return None
    abilities = shown.capabilities
    if abilities is not None and "tools" not in abilities:
        return ModelChoice(OFFLINE, why=f"{model} cannot call tools", remedy="qwen2.5:7b can, for example")
    context = min(CONTEXT_TOKENS, longest_context(shown))
    client = ollama_client(SILENCE_S)
    served = OllamaChat(model, client, context, thinks="thinking" in (abilities or ()))
    return ModelChoice(f"{model} (Ollama)", served, client=client, context_tokens=context)


async def show_model(model: str) -> ollama.ShowResponse | None:
    """Ask Ollama about a model: empty where it is busy, None where it has no native protocol."""
    nothing = ollama.ShowResponse(model_info={})
    try:
        async with ollama_client(PROBE) as client:
            shown: ollama.ShowResponse = await client.show(model)
            return shown
    except ollama.ResponseError as error:
        return None if error.status_code in NO_SUCH_PATH else nothing
    except (httpx.HTTPError, OSError, ValueError):
        return nothing


def longest_context(shown: ollama.ShowResponse) -> int:
    """Return the context length in tokens that the model was made for."""
    lengths = [
        value
        for name, value in (shown.modelinfo or {}).items()
        if name.endswith(".context_length") and isinstance(value, int)
    ]
    return min(lengths, default=CONTEXT_TOKENS)


def openai_style_choice(model: str) -> ModelChoice:
    """Return the model over the OpenAI-style endpoint, the only one of many gateways in front of Ollama."""
    # Late: this client takes most of a second to import, and few need it.
    from openai import AsyncOpenAI
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.ollama import OllamaProvider

    client = AsyncOpenAI(
        base_url=f"{ollama_url()}/v1",
        api_key=os.environ.get("OLLAMA_API_KEY") or "none",
        # A request is made once; the loop decides what follows.
        max_retries=0,
        timeout=SILENCE_S,
    )
    # A stream that merely ends is no answer: Ollama always says why it ended.
    strict = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    served = OllamaModel(model, provider=OllamaProvider(openai_client=client), profile=strict)
    return ModelChoice(f"{model} (Ollama)", served, client=client, context_tokens=OPENAI_STYLE_TOKENS)


async def installed_models() -> set[str]:
    """List the names of the models that Ollama has.

    Raises:
        UNREACHABLE: Ollama does not answer in time.
    """
    async with ollama_client(PROBE) as client:
        listed = await client.list()
    return {model.model for model in listed.models if model.model}


def silence_reason(error: Exception) -> str:
    """Say how Ollama failed to answer: "does not answer (no connection)"."""
    if isinstance(error, ollama.ResponseError):
        return f"answers with HTTP {error.status_code}"
    cause = "not in time" if isinstance(error, httpx.TimeoutException) else "no connection"
    return f"does not answer ({cause})"


async def pull(model: str) -> AsyncIterator[str]:
    """Pull a model into Ollama; yields a line of progress whenever it changes.

    Raises:
        InvalidInput: no such model.
        Unavailable: Ollama stopped answering.
    """
    name, last = model.removeprefix("ollama:"), ""
    try:
        async with ollama_client(None) as client:
            async for step in await client.pull(name, stream=True):
                line = step.status or "working"
                if step.total and step.completed:
                    line += f" {step.completed / step.total:.0%} of {step.total / 1e9:.1f} GB"
                if line != last:
                    last = line
                    yield line
    except ollama.ResponseError as error:
        raise pull_error(name, error) from error
    except (httpx.HTTPError, ConnectionError) as error:
        raise Unavailable(f"Ollama stopped answering while pulling {name}. Pull again to go on.") from error


def pull_error(name: str, error: ollama.ResponseError) -> CompassError:
    """Convert Ollama's refusal to pull into an error of ours."""
    if "file does not exist" in error.error or "not found" in error.error:
        return InvalidInput("model", f'Ollama\'s library has no "{name}". Names are like qwen2.5:7b.')
    return Unavailable(f"Ollama could not pull {name} ({error.error}).")
