"""Reads requests for an evaluation: by the rules, or by a language model that must answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from pydantic import BaseModel, ConfigDict

from agent.environment import OFFLINE
from agent.intent import Intent, understand
from agent.llm import SERVER_ERRORS, ModelChoice, choose_model, failure_reason, intent_by_model
from compass.core import InvalidInput, Unavailable


class RequestReading(BaseModel):
    """The intent read in one request, or in `fault` why there is none."""

    model_config = ConfigDict(frozen=True)

    intent: Intent | None = None
    tokens: int = 0
    by_rules: bool = False
    """True if the model gave nothing usable and the rules read it, as in a conversation."""
    fault: str = ""


Reader = Callable[[Sequence[str]], Awaitable[RequestReading]]


@asynccontextmanager
async def open_reader(model: str) -> AsyncIterator[tuple[str, Reader]]:
    """Yield the model's name as it is shown, and a function that reads requests with it.

    Raises:
        InvalidInput: no model has this name; the offline engine is not measured in its place.
        Unavailable: the model does not answer.
    """
    choice = await choose_model(model)
    if choice.model is None and model.lower() != OFFLINE:
        explanation = choice.explained("nothing was evaluated")
        raise InvalidInput("model", explanation) if choice.misnamed else Unavailable(explanation)

    async def read(texts: Sequence[str]) -> RequestReading:
        if choice.model is None:
            return RequestReading(intent=understand(texts))
        return await read_with(choice, texts)

    try:
        yield ("offline engine" if choice.model is None else choice.name), read
    finally:
        await choice.close()


async def read_with(choice: ModelChoice, texts: Sequence[str]) -> RequestReading:
    """Read one request with a language model; an error of its server becomes the reading's fault."""
    if choice.model is None:
        return RequestReading(fault="no model")
    try:
        read = await intent_by_model(choice.model, texts, choice.context_tokens)
    except SERVER_ERRORS as error:
        return RequestReading(fault=f"{choice.name} {failure_reason(error)}")
    return RequestReading(intent=read.intent, tokens=read.usage.total_tokens, by_rules=read.by_rules)
