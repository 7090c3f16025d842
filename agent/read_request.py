"""One request without a conversation: what it wants, who read it, and the planner's arguments."""

from collections.abc import Sequence
from typing import Any

from agent.environment import OFFLINE, default_model, nobody_answers
from agent.extras import read_extras
from agent.intent import understand
from agent.intent.types import Intent
from compass.catalog import load_catalog
from compass.core import InvalidInput
from tools.specs import TOOLS, arguments_model

ENGINE = "offline engine"


async def read_request(texts: Sequence[str], model: str | None = None) -> tuple[Intent, str]:
    """The intent of these messages, oldest first, and who read them, ready to show.

    Raises:
        InvalidInput: nothing was said.
    """
    if not any(text.strip() for text in texts):
        raise InvalidInput("TEXT", "is empty. Say what you need, in a sentence.")
    wanted = (model or default_model()).strip()
    if wanted.lower() == OFFLINE:
        return understand(texts), ENGINE
    if reason := nobody_answers(wanted):
        return understand(texts), f"{ENGINE} ({reason})"
    # The clients of language models take seconds to import: only where one may answer.
    from agent.llm.intent_reader import read_by_model

    intent, engine = await read_by_model(list(texts), wanted)
    return (understand(texts), f"{ENGINE} ({engine})") if intent is None else (intent, engine)


def plan_arguments(texts: Sequence[str], intent: Intent) -> dict[str, Any]:
    """What was said as arguments of plan_replicas; unsaid things are left to its assumptions."""
    spec = next(spec for spec in TOOLS if spec.name == "plan_replicas")
    said = intent.model_dump(exclude={"assumptions", "question", "on_topic"}, exclude_none=True)
    said = {name: value for name, value in said.items() if value not in ((), "medium")}
    known = arguments_model(spec).model_fields
    return {
        name: value for name, value in (said | read_extras(texts, load_catalog())).items() if name in known
    }
