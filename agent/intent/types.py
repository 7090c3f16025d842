"""What the agent understands: the intent of a conversation so far."""

from typing import Any, Literal

from pydantic import ConfigDict

from compass.core import Frozen
from compass.planning import Wishes

UseCaseName = Literal[
    "chatbot_conversational",
    "code_completion",
    "code_generation_detailed",
    "translation",
    "content_generation",
    "summarization_short",
    "document_analysis_rag",
    "long_document_summarization",
    "research_legal_analysis",
]
PRIORITIES = ("accuracy_priority", "cost_priority", "latency_priority")
ExperienceClassName = Literal["instant", "conversational", "interactive", "deferred", "batch"]


class IntentAssumption(Frozen):
    """A value that the user did not say."""

    field: str
    value: str
    why: str


class IntentQuestion(Frozen):
    """What must be asked back: two things that cannot both be, or one without which nothing can be planned."""

    kind: Literal["contradiction", "missing"]
    text: str


class ModelReading(Wishes):
    """What a language model reads in the messages; what it adds beside these fields is ignored."""

    model_config = ConfigDict(extra="ignore")

    use_case: UseCaseName | None = None
    experience_class: ExperienceClassName | None = None
    on_topic: bool = True


class Intent(ModelReading):
    """What the user wants, over the whole conversation, after the checks."""

    assumptions: tuple[IntentAssumption, ...] = ()
    question: IntentQuestion | None = None

    def document(self) -> dict[str, Any]:
        """The intent as other programs read it: an unsaid priority is "medium", a question its text."""
        document = self.model_dump(mode="json")
        document |= {name: document[name] or "medium" for name in PRIORITIES}
        document |= {
            "question": self.question.text if self.question else None,
            "question_kind": self.question.kind if self.question else None,
        }
        return document
