"""The model that answers: a language model ready to be asked, or the offline engine and why."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_ai.models import Model

if TYPE_CHECKING:
    import ollama
    from openai import AsyncOpenAI

OTHER_TOKENS = 16_384
"""Context of models whose length is not known: shorter than of any that can call tools."""


@dataclass(frozen=True)
class ModelChoice:
    """The model that answers; `model` is None for the offline engine."""

    name: str
    model: Model | None = None
    why: str = ""
    """Why no model answers, where one was wanted: "Ollama at http://127.0.0.1:11434 does not answer"."""
    remedy: str = ""
    """What a person can do about it: "start it, or set OLLAMA_BASE_URL"."""
    misnamed: bool = False
    """No model can be made from this name, whatever servers run."""
    missing: str = ""
    """An Ollama model that could be pulled."""
    client: "AsyncOpenAI | ollama.AsyncClient | None" = None
    context_tokens: int = OTHER_TOKENS
    """The most tokens of prompt and answer together."""

    def explained(self, consequence: str) -> str:
        """Why no model answers, what follows, and what helps, in sentences; "" where none was wanted."""
        if not self.why:
            return ""
        remedy = f" {self.remedy[0].upper()}{self.remedy[1:]}." if self.remedy else ""
        return f"{self.why}, so {consequence}.{remedy}"

    async def close(self) -> None:
        """Close the connections."""
        if self.client is not None:
            await self.client.close()
