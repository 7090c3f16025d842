"""How fast a configuration is: memory, step time, latency under load, calibration."""

from compass.capacity.estimator import CompiledBatch, Estimator
from compass.capacity.evidence_runs import base_model, configuration_of
from compass.capacity.profile import StepTimes, closed_loop_profile, step_times
from compass.capacity.types import BoolArray, Configuration, FloatArray, LatencyProfile, Memory, Prediction

__all__ = [
    "BoolArray",
    "CompiledBatch",
    "Configuration",
    "Estimator",
    "FloatArray",
    "LatencyProfile",
    "Memory",
    "Prediction",
    "StepTimes",
    "base_model",
    "closed_loop_profile",
    "configuration_of",
    "step_times",
]
