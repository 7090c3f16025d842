from .instructions import instructions_for
from .intent_reader import intent_by_model, read_by_model
from .model_choice import ModelChoice
from .ollama_choice import pull
from .repaired_model import RepairedModel, slow_start_announced
from .response_stream import ResponseStream
from .runner import SERVER_ERRORS, AgentRunner, ModelFailure, failure_reason
from .selection import choose_model

__all__ = [
    "SERVER_ERRORS",
    "AgentRunner",
    "ModelChoice",
    "ModelFailure",
    "RepairedModel",
    "ResponseStream",
    "choose_model",
    "failure_reason",
    "instructions_for",
    "intent_by_model",
    "pull",
    "read_by_model",
    "slow_start_announced",
]
