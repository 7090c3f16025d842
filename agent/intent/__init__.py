"""What the user wants: rules in six languages, and the checks that hold for every engine."""

from agent.intent.contradictions import LOADS
from agent.intent.model_prompt import intent_instructions
from agent.intent.types import Intent, IntentQuestion, ModelReading
from agent.intent.understanding import check, understand

__all__ = ["LOADS", "Intent", "IntentQuestion", "ModelReading", "check", "intent_instructions", "understand"]
