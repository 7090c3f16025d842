"""How fast a configuration is: memory, step time, latency under load, calibration."""

from tools.capacity.estimator import CompiledBatch, Estimator
from tools.capacity.types import Configuration, LatencyProfile, Memory, Prediction

__all__ = ["CompiledBatch", "Configuration", "Estimator", "LatencyProfile", "Memory", "Prediction"]
