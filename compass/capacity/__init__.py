"""Memory, step times and latencies of model, GPU and parallelism configurations."""

from compass.capacity.coefficients import coefficients_of
from compass.capacity.constants import (
    FITTED_DATA,
    Constants,
    Factors,
    Generations,
    efficiency_of,
    generation,
    load_constants,
    read_constants,
)
from compass.capacity.drafting import (
    Drafting,
    cache_left,
    cache_share,
    prompt_share,
    speculative_step_ms,
    verification_ratio,
)
from compass.capacity.estimator import MEASURED_BELOW, CompiledBatch, Estimator
from compass.capacity.evidence_distance import configuration_distance, interval_half_width
from compass.capacity.evidence_runs import Runs, as_measured, configuration_of, shipped_evidence
from compass.capacity.fitted_kernel import FittedLatency, IntervalWidths, load_fitted_kernel
from compass.capacity.gaussian_process import Groups, covariance, shares
from compass.capacity.hardware_classes import hardware_classes_of
from compass.capacity.kernel import Component, configuration_penalties, features, load_part, total_penalty
from compass.capacity.memory import memory_of
from compass.capacity.physics import Latency, latency
from compass.capacity.profile import (
    BATCH,
    MAX_BATCHED_TOKENS,
    MAX_SEQUENCES,
    StepTimes,
    closed_loop_profile,
    step_times,
)
from compass.capacity.shapes import shapes_of
from compass.capacity.types import (
    BoolArray,
    Configuration,
    FloatArray,
    IntArray,
    LatencyProfile,
    Memory,
    Prediction,
)
from compass.capacity.vllm_releases import (
    is_first_engine,
    minor_release,
    release_on,
    usual_batched_tokens,
    usual_sequences,
)

__all__ = [
    "BATCH",
    "FITTED_DATA",
    "MAX_BATCHED_TOKENS",
    "MAX_SEQUENCES",
    "MEASURED_BELOW",
    "BoolArray",
    "CompiledBatch",
    "Component",
    "Configuration",
    "Constants",
    "Drafting",
    "Estimator",
    "Factors",
    "FittedLatency",
    "FloatArray",
    "Generations",
    "Groups",
    "IntArray",
    "IntervalWidths",
    "Latency",
    "LatencyProfile",
    "Memory",
    "Prediction",
    "Runs",
    "StepTimes",
    "as_measured",
    "cache_left",
    "cache_share",
    "closed_loop_profile",
    "coefficients_of",
    "configuration_distance",
    "configuration_of",
    "configuration_penalties",
    "covariance",
    "efficiency_of",
    "features",
    "generation",
    "hardware_classes_of",
    "interval_half_width",
    "is_first_engine",
    "latency",
    "load_constants",
    "load_fitted_kernel",
    "load_part",
    "memory_of",
    "minor_release",
    "prompt_share",
    "read_constants",
    "release_on",
    "shapes_of",
    "shares",
    "shipped_evidence",
    "speculative_step_ms",
    "step_times",
    "total_penalty",
    "usual_batched_tokens",
    "usual_sequences",
    "verification_ratio",
]
