"""How well Compass understands and answers: labelled requests, whole conversations, a report."""

from agent.evaluation.conversations import (
    ConversationScore,
    ConversationScript,
    evaluate_conversations,
    read_scripts,
)
from agent.evaluation.journal import Journal
from agent.evaluation.questions import LabelledQuestion
from agent.evaluation.readers import RequestReading, open_reader
from agent.evaluation.report import report_markdown
from agent.evaluation.requests import Labelled, LabelledRequest, evaluate_requests, read_requests
from agent.evaluation.scores import RequestScores, Tally

__all__ = [
    "ConversationScore",
    "ConversationScript",
    "Journal",
    "Labelled",
    "LabelledQuestion",
    "LabelledRequest",
    "RequestReading",
    "RequestScores",
    "Tally",
    "evaluate_conversations",
    "evaluate_requests",
    "open_reader",
    "read_requests",
    "read_scripts",
    "report_markdown",
]
