from .conversation import Answer, Conversation, run
from .environment import default_model
from .events import Event
from .llm.choose_model import choose_model
from .llm.model_choice import ModelChoice
from .llm.ollama_choice import pull

__all__ = ["Answer", "Conversation", "Event", "ModelChoice", "choose_model", "default_model", "pull", "run"]
