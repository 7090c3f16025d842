"""What the agent understands: the intent of a conversation so far."""

from typing import Any, Literal

from pydantic import ConfigDict

from compass.comparison import Side
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
    "coding_agent",
    "data_extraction",
    "voice_assistant",
]
PRIORITIES = ("accuracy_priority", "cost_priority", "latency_priority")
ExperienceClassName = Literal["instant", "conversational", "interactive", "deferred", "batch"]


Goal = Literal["size", "capacity", "compare"]
"""What is asked: what a load needs, what given hardware carries, or how named alternatives differ."""
Asked = Literal[
    "fits", "max_context", "concurrency", "throughput", "latency", "duration", "cost", "model", "arrangement",
    "smallest_nodes",
]  # fmt: skip
"""The figure that a question is about: does it fit, the longest context, how many at once, tokens or requests a
second, how fast, how long a job takes, what it costs, which model, how the GPUs are best used,
the fewest nodes that hold a model."""


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
    goal: Goal = "size"
    asked: tuple[Asked, ...] = ()
    on_topic: bool = True


class Intent(ModelReading):
    """What the user wants, over the whole conversation, after the checks."""

    alternatives: tuple[Side, ...] = ()
    """The sides of a comparison, in the order of the words; empty for any other goal."""
    unknown: tuple[str, ...] = ()
    """Named GPUs and models that the catalog does not hold."""
    unread: tuple[str, ...] = ()
    """Quantities, names and constraints that no field took, in the words of the message."""
    assumptions: tuple[IntentAssumption, ...] = ()
    question: IntentQuestion | None = None

    def stated(self) -> dict[str, Any]:
        """The wishes that were stated; a class that only follows from the use case is left to planning."""
        assumed = {entry.field for entry in self.assumptions} & {"experience_class"}
        return {name: value for name, value in super().stated().items() if name not in assumed}

    def document(self) -> dict[str, Any]:
        """The intent as other programs read it: an unsaid priority is "medium", a question its text."""
        document = self.model_dump(mode="json")
        document |= {name: document[name] or "medium" for name in PRIORITIES}
        document |= {
            "question": self.question.text if self.question else None,
            "question_kind": self.question.kind if self.question else None,
        }
        return document
