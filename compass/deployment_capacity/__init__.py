"""What given GPUs carry: their arrangements, memory, latencies against load, limits, and what would help."""

from compass.deployment_capacity.answer import deployment_capacity
from compass.deployment_capacity.capacity_answer import CapacityAnswer
from compass.deployment_capacity.types import (
    Arrangement,
    Bottleneck,
    Help,
    Job,
    Limit,
    LoadPoint,
    MeasuredRun,
    MemoryOfGpu,
    StatedLoad,
    Suggestion,
    TargetLimit,
    Verdict,
)
from compass.deployment_capacity.wording import (
    VERDICT_WORDS,
    arrangement_words,
    cost_words,
    limit_words,
    line_of,
    measured_words,
    point_words,
    suggestion_words,
    targets_words,
)

__all__ = [
    "VERDICT_WORDS",
    "Arrangement",
    "Bottleneck",
    "CapacityAnswer",
    "Help",
    "Job",
    "Limit",
    "LoadPoint",
    "MeasuredRun",
    "MemoryOfGpu",
    "StatedLoad",
    "Suggestion",
    "TargetLimit",
    "Verdict",
    "arrangement_words",
    "cost_words",
    "deployment_capacity",
    "limit_words",
    "line_of",
    "measured_words",
    "point_words",
    "suggestion_words",
    "targets_words",
]
