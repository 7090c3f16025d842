"""What the user wants: rules in six languages, and the checks that hold for every engine."""

from agent.intent.model_prompt import intent_instructions
from agent.intent.understanding import check, understand

__all__ = ["check", "intent_instructions", "understand"]
