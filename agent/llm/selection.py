"""Chooses the model that COMPASS_MODEL names where it can be reached, else the offline engine."""

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import infer_model

from agent.environment import DEFAULT_MODEL, OFFLINE, default_model
from agent.llm.model_choice import ModelChoice

NAMES = f"name another model, such as {DEFAULT_MODEL}, or {OFFLINE}"


async def choose_model(name: str | None = None) -> ModelChoice:
    """Return the model of this name if it can answer now, else the offline engine with the reason.

    A model of another provider is not probed, since that would cost; its first request shows.
    """
    wanted = (name or default_model()).strip()
    if wanted.lower() == OFFLINE:
        return ModelChoice(OFFLINE)
    if wanted.startswith("ollama:"):
        # Late: its client is imported where it is used.
        from agent.llm.ollama_choice import choose_ollama

        return await choose_ollama(wanted.removeprefix("ollama:"))
    try:
        return ModelChoice(wanted, infer_model(wanted))
    except (UserError, ImportError, ValueError) as error:
        fault = str(error).splitlines()[0].partition(". ")[0].rstrip(".")
        return ModelChoice(OFFLINE, why=f"{wanted} cannot be used ({fault})", remedy=NAMES, misnamed=True)
