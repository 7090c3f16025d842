"""Which tool answers an intent, and with which arguments: by its goal, the same at every door."""

from dataclasses import dataclass
from typing import Any

from agent.intent import Intent
from compass.planning import Wishes


@dataclass(frozen=True)
class RequestCall:
    """A tool's name and its arguments."""

    name: str
    arguments: dict[str, Any]


def call_for(intent: Intent, wishes: Wishes) -> RequestCall:
    """The call that answers an intent: a plan, what given GPUs carry, or alternatives side by side.

    `wishes` are those of the intent, over what holds wherever the messages say nothing else.
    """
    said = arguments_of(wishes)
    if intent.goal == "capacity":
        asked = {"asked": list(intent.asked)} if intent.asked else {}
        return RequestCall("estimate_capacity", said | asked)
    if intent.goal == "compare":
        sides = [side.model_dump(exclude_none=True) for side in intent.alternatives]
        return RequestCall("compare_alternatives", said | ({"alternatives": sides} if sides else {}))
    return RequestCall("plan_replicas", said)


def arguments_of(wishes: Wishes) -> dict[str, Any]:
    """What is said, as a tool's arguments."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in wishes.stated().items()
    }


def not_used(intent: Intent) -> str:
    """The line that says which words no field took; empty where all were."""
    return f"Not used: {' · '.join(intent.unread)}" if intent.unread else ""
