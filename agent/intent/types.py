"""What the agent understands: the intent of a conversation so far."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from compass.core import Percentile
from compass.planning import Priority

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
ExperienceClassName = Literal["instant", "conversational", "interactive", "deferred", "batch"]


class IntentAssumption(BaseModel):
    """A value that the user did not say."""

    model_config = ConfigDict(frozen=True)

    field: str
    value: str
    why: str


class Intent(BaseModel):
    """What the user wants, over the whole conversation; unsaid things stay None, empty or "medium"."""

    model_config = ConfigDict(frozen=True)

    use_case: UseCaseName | None = None
    experience_class: ExperienceClassName | None = None
    user_count: int | None = None
    domain_specialization: str | None = None
    preferred_gpu_types: tuple[str, ...] = ()
    excluded_gpu_types: tuple[str, ...] = ()
    preferred_models: tuple[str, ...] = ()
    accuracy_priority: Priority = "medium"
    cost_priority: Priority = "medium"
    latency_priority: Priority = "medium"
    ttft_ms: float | None = None
    itl_ms: float | None = None
    e2e_ms: float | None = None
    percentile: Percentile | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    requests_per_second: float | None = None
    budget_usd_per_month: float | None = None
    availability: Literal["none", "n+1"] | None = None
    assumptions: tuple[IntentAssumption, ...] = ()
    question: str | None = Field(default=None, description="At most one question, only if it matters")
    on_topic: bool = True
