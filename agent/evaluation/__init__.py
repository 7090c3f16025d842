"""How well Compass understands and answers: labelled requests, whole conversations, a report."""

from agent.evaluation.conversations import ConversationScore, evaluate_conversations, scripts
from agent.evaluation.journal import Journal
from agent.evaluation.readers import Reading, reader
from agent.evaluation.report import markdown
from agent.evaluation.requests import RequestScores, evaluate_requests, labelled

__all__ = [
    "ConversationScore",
    "Journal",
    "Reading",
    "RequestScores",
    "evaluate_conversations",
    "evaluate_requests",
    "labelled",
    "markdown",
    "reader",
    "scripts",
]
