"""One request without a conversation: what it wants, who read it, and the planner's arguments."""

from collections.abc import Sequence
from typing import Any

import httpx
from pydantic_ai.exceptions import ModelAPIError

from agent.extras import read_extras
from agent.intent import understand
from agent.model_choice import choose
from agent.types import Intent
from agent.understanding import intent_by_model
from tools.catalog import load_catalog
from tools.errors import InvalidInput
from tools.specs import TOOLS, arguments_model

OFFLINE = "offline engine"


async def read_request(texts: Sequence[str], model: str | None = None) -> tuple[Intent, str]:
    """The intent of these messages, oldest first, and who read them, ready to show.

    Raises:
        InvalidInput: nothing was said.
    """
    if not any(text.strip() for text in texts):
        raise InvalidInput("TEXT", "is empty. Say what you need, in a sentence.")
    choice = await choose(model)
    if choice.model is not None:
        try:
            intent, _ = await intent_by_model(choice.model, list(texts))
            return intent, choice.name
        except (ModelAPIError, httpx.HTTPError, OSError):
            return understand(texts), f"{OFFLINE} ({choice.name} stopped answering)"
    reason = f" ({choice.reason})" if choice.reason else ""
    return understand(texts), f"{OFFLINE}{reason}"


def plan_arguments(texts: Sequence[str], intent: Intent) -> dict[str, Any]:
    """What was said as arguments of plan_replicas; unsaid things are left to its assumptions."""
    spec = next(spec for spec in TOOLS if spec.name == "plan_replicas")
    said = intent.model_dump(exclude={"assumptions", "question", "on_topic"}, exclude_none=True)
    said = {name: value for name, value in said.items() if value not in ((), "medium")}
    known = arguments_model(spec).model_fields
    return {
        name: value for name, value in (said | read_extras(texts, load_catalog())).items() if name in known
    }
