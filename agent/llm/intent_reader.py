"""Reads an intent with a language model's structured output, and checks it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from pydantic_ai import Agent, NativeOutput, UnexpectedModelBehavior
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from agent.intent import Intent, ModelReading, check, intent_instructions, understand
from agent.llm.selection import choose_model
from compass.core.token_budget import cut, tokens

log = logging.getLogger(__name__)
PATIENCE_S = 240.0
"""The first request is also the one that loads the model."""
SETTINGS = ModelSettings(temperature=0.0, max_tokens=700)


@dataclass(frozen=True)
class IntentReading:
    """An intent, the tokens that it took, and whether the rules had to read it."""

    intent: Intent
    usage: RunUsage
    by_rules: bool = False


async def intent_by_model(model: Model, texts: Sequence[str], context_tokens: int) -> IntentReading:
    """Read the messages with a language model and check the result; the rules read them where it gives none.

    Raises:
        ModelAPIError: the model does not answer.
        TimeoutError: the model does not answer in time.
    """
    native = bool(model.profile.get("supports_json_schema_output"))
    reader: Agent[None, ModelReading] = Agent(
        model,
        output_type=NativeOutput(ModelReading) if native else ModelReading,
        instructions=intent_instructions(),
        model_settings=SETTINGS,
        retries=1,
    )
    prompt = numbered_messages(texts, context_tokens // 2)
    try:
        async with asyncio.timeout(PATIENCE_S):
            result = await reader.run(f"Messages of the person, oldest first:\n{prompt}")
    except UnexpectedModelBehavior as error:
        log.info("no usable intent from %s (%s); the rules read it", model.model_name, error)
        return IntentReading(understand(texts), RunUsage(), by_rules=True)
    return IntentReading(check(result.output, texts), result.usage)


def numbered_messages(texts: Sequence[str], room: int) -> str:
    """Number the newest messages that fit in `room` tokens; a long one is cut in its middle."""
    lines: list[str] = []
    for number, text in reversed(list(enumerate(texts, start=1))):
        line = f"{number}. {cut(text, room // 2)}"
        room -= tokens(line)
        if room < 0:
            break
        lines.insert(0, line)
    return "\n".join(lines)


async def read_by_model(texts: list[str], model: str) -> tuple[Intent | None, str]:
    """Return the intent and the model's name, or None and why no model could read."""
    choice = await choose_model(model)
    if choice.model is None:
        return None, f"{choice.why}: {choice.remedy}"
    try:
        read = await intent_by_model(choice.model, texts, choice.context_tokens)
        return read.intent, choice.name
    except (ModelAPIError, httpx.HTTPError, OSError):
        return None, f"{choice.name} stopped answering"
    finally:
        await choice.close()
