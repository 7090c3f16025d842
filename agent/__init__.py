"""The conversation: model choice, intent, offline engine, the loop that answers.

Names are imported at their first use, so that reading an intent does not load the language model clients.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.conversation import Answer, Conversation, run
    from agent.environment import default_model
    from agent.events import Event
    from agent.llm.choice import Choice
    from agent.llm.model_choice import choose
    from agent.llm.ollama_choice import pull

__all__ = ["Answer", "Choice", "Conversation", "Event", "choose", "default_model", "pull", "run"]

_HOMES = {
    "Event": "agent.events",
    "Answer": "agent.conversation",
    "Conversation": "agent.conversation",
    "run": "agent.conversation",
    "Choice": "agent.llm.choice",
    "choose": "agent.llm.model_choice",
    "default_model": "agent.environment",
    "pull": "agent.llm.ollama_choice",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
