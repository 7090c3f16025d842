from .conversation import Answer, Conversation, run
from .environment import default_model
from .events import Event
from .llm import ModelChoice, choose_model, pull

__all__ = ["Answer", "Conversation", "Event", "ModelChoice", "choose_model", "default_model", "pull", "run"]
