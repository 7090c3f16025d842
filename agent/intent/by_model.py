"""One request read by a language model."""

import httpx
from pydantic_ai.exceptions import ModelAPIError

from agent.intent.structured_output import intent_by_model
from agent.intent.types import Intent
from agent.llm.model_choice import choose


async def read_by_model(texts: list[str], model: str) -> tuple[Intent | None, str]:
    """The intent and the model's name; None and the reason where no model could read."""
    choice = await choose(model)
    if choice.model is None:
        return None, choice.reason
    try:
        read = await intent_by_model(choice.model, texts, choice.context_tokens)
        return read.intent, choice.name
    except (ModelAPIError, httpx.HTTPError, OSError):
        return None, f"{choice.name} stopped answering"
    finally:
        await choice.close()
