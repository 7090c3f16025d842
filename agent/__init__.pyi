from .conversation import Answer, Conversation, run
from .environment import default_model
from .events import Event
from .llm.choice import Choice
from .llm.model_choice import choose
from .llm.ollama_choice import pull

__all__ = ["Answer", "Choice", "Conversation", "Event", "choose", "default_model", "pull", "run"]
