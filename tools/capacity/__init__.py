"""How fast a configuration is: memory, step time, latency under load, calibration."""

from tools.capacity.estimator import CompiledBatch, Estimator
from tools.capacity.profile import StepTimes, step_times
from tools.capacity.runs import base_model, configuration_of
from tools.capacity.types import Configuration, LatencyProfile, Memory, Prediction

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
