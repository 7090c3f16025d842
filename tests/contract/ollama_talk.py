"""A conversation with a model of Ollama's, as tests lead it."""

from typing import Any

from agent import Answer, Conversation
from tests.contract.ollama_server import FakeOllama, Reply
from tools.toolbox import Toolbox

SENTENCE = "A support chatbot for 5,000 users, answers must start within 300 ms"
WISH = {"use_case": "chatbot_conversational", "user_count": 5000, "ttft_ms": 300}
SLO = Reply(calls=[("map_slo", WISH)])
PLAN = Reply(calls=[("plan_replicas", {})])


async def asked(box: Toolbox, ollama: FakeOllama, *replies: Reply, text: str = SENTENCE) -> Answer:
    """The answer to a first message, where the model plays these replies."""
    ollama.plays(*replies)
    return await (await Conversation.open(box)).say(text)


def names(answer: Answer) -> list[str]:
    """The tools that were called."""
    return [name for name, _ in answer.calls]


def of_kind(answer: Answer, kind: type) -> list[Any]:
    """The events of a kind."""
    return [event for event in answer.events if isinstance(event, kind)]
