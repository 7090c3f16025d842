"""How fast a configuration is: memory, step time, latency under load, calibration."""

from compass.capacity.estimator import CompiledBatch, Estimator
from compass.capacity.evidence_runs import base_model, configuration_of
from compass.capacity.profile import StepTimes, step_times
from compass.capacity.types import Configuration, LatencyProfile, Memory, Prediction

__all__ = [
    "CompiledBatch",
    "Configuration",
    "Estimator",
    "LatencyProfile",
    "Memory",
    "Prediction",
    "StepTimes",
    "base_model",
    "configuration_of",
    "step_times",
]
