"""Readers of requests: the rules, or a language model that must be there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from pydantic import BaseModel, ConfigDict

from agent.environment import OFFLINE
from agent.intent import Intent, understand
from agent.llm.choice import Choice
from agent.llm.intent_reader import intent_by_model
from agent.llm.model_choice import choose
from agent.llm.runner import GONE, failure_reason
from compass.core import InvalidInput, Unavailable


class Reading(BaseModel):
    """What came of one request; `fault` says why nothing did."""

    model_config = ConfigDict(frozen=True)

    intent: Intent | None = None
    tokens: int = 0
    by_rules: bool = False
    """The model gave nothing usable, so that the rules read it, as they would in a conversation."""
    fault: str = ""


Reader = Callable[[Sequence[str]], Awaitable[Reading]]


@asynccontextmanager
async def reader(model: str) -> AsyncIterator[tuple[str, Reader]]:
    """The model's name as it is shown, and what reads with it.

    Raises:
        InvalidInput: no model has this name; the offline engine is not measured in its place.
        Unavailable: the model does not answer; nor is it then.
    """
    choice = await choose(model)
    if choice.model is None and model.lower() != OFFLINE:
        explanation = choice.explained("nothing was evaluated")
        raise InvalidInput("model", explanation) if choice.misnamed else Unavailable(explanation)

    async def read(texts: Sequence[str]) -> Reading:
        if choice.model is None:
            return Reading(intent=understand(texts))
        return await read_with(choice, texts)

    try:
        yield ("offline engine" if choice.model is None else choice.name), read
    finally:
        await choice.close()


async def read_with(choice: Choice, texts: Sequence[str]) -> Reading:
    """One request read by a language model; a server that does not answer is a fault of this one alone."""
    if choice.model is None:
        return Reading(fault="no model")
    try:
        read = await intent_by_model(choice.model, texts, choice.context_tokens)
    except GONE as error:
        return Reading(fault=f"{choice.name} {failure_reason(error)}")
    return Reading(intent=read.intent, tokens=read.usage.total_tokens, by_rules=read.by_rules)
