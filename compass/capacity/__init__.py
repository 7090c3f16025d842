"""Memory, step times and latencies of model, GPU and parallelism configurations."""

from compass.capacity.estimator import CompiledBatch, Estimator
from compass.capacity.evidence_runs import configuration_of
from compass.capacity.profile import StepTimes, closed_loop_profile, step_times
from compass.capacity.types import (
    BoolArray,
    Configuration,
    FloatArray,
    IntArray,
    LatencyProfile,
    Memory,
    Prediction,
)

__all__ = [
    "BoolArray",
    "CompiledBatch",
    "Configuration",
    "Estimator",
    "FloatArray",
    "IntArray",
    "LatencyProfile",
    "Memory",
    "Prediction",
    "StepTimes",
    "closed_loop_profile",
    "configuration_of",
    "step_times",
]
