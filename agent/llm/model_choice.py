"""Which model answers: the one that COMPASS_MODEL names where it can be reached, else the offline engine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from agent.environment import OFFLINE, default_model

if TYPE_CHECKING:
    import ollama
    from openai import AsyncOpenAI

OTHER_TOKENS = 16_384
"""Of models elsewhere, whose length nobody tells: below that of any that can call tools."""


@dataclass(frozen=True)
class Choice:
    """Who answers. `model` is None for the offline engine, and `reason` then says why in a sentence."""

    name: str
    model: Model | None = None
    reason: str = ""
    missing: str = ""
    """An Ollama model that could be pulled."""
    client: "AsyncOpenAI | ollama.AsyncClient | None" = None
    context_tokens: int = OTHER_TOKENS
    """Prompt and answer together may take so many."""

    async def close(self) -> None:
        """Close the connections."""
        if self.client is not None:
            await self.client.close()


async def choose(name: str | None = None) -> Choice:
    """The model of this name if it can answer now, else the offline engine with the reason.

    A model of another provider is not probed, since that would cost; its first request shows.
    """
    wanted = (name or default_model()).strip()
    if wanted.lower() == OFFLINE:
        return Choice(OFFLINE)
    if wanted.startswith("ollama:"):
        # Late: its client is imported where it is used.
        from agent.llm.ollama_choice import choose_ollama

        return await choose_ollama(wanted.removeprefix("ollama:"))
    try:
        return Choice(wanted, infer_model(wanted))
    except (UserError, ImportError, ValueError) as error:
        gist = str(error).splitlines()[0].rstrip(".")
        return Choice(OFFLINE, reason=f"{wanted} cannot be used ({gist}), so the offline engine answers.")
