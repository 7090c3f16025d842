"""Who answers: a language model ready to be asked, or the offline engine and why."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_ai.models import Model

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
