"""How well Compass understands and answers: labelled requests, whole conversations, a report."""

from agent.evaluation.conversations import ConversationScore, Script, evaluate_conversations, scripts
from agent.evaluation.journal import Journal
from agent.evaluation.readers import Reading, reader
from agent.evaluation.report import markdown
from agent.evaluation.requests import Labelled, RequestScores, evaluate_requests, labelled

__all__ = [
    "ConversationScore",
    "Journal",
    "Labelled",
    "Reading",
    "RequestScores",
    "Script",
    "evaluate_conversations",
    "evaluate_requests",
    "labelled",
    "markdown",
    "reader",
    "scripts",
]
