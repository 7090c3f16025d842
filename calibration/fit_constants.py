"""Fits the physical constants to measured runs by robust least squares on log latencies."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from calibration.vectors import names_of, record_of, vector_of
from compass.capacity import (
    Constants,
    FloatArray,
    Groups,
    Latency,
    Runs,
    coefficients_of,
    efficiency_of,
    features,
    hardware_classes_of,
    latency,
    memory_of,
    shapes_of,
)

PRIORS: dict[str, tuple[float, float]] = {
    "bandwidth": (0.75, 0.2),
    "bandwidth_experts": (0.6, 0.4),
    "experts_touched": (1.0, 0.05),
    "bandwidth_cache": (0.6, 0.3),
    "compute": (0.55, 0.15),
    "compute_experts": (0.4, 0.4),
    "compute_half_tokens": (200.0, 0.7),
    "compute_half_tokens_expert": (32.0, 0.7),
    "prefill_attention": (0.5, 0.05),
    "step_ms": (0.8, 0.7),
    "layer_ms": (0.04, 0.5),
    "moe_layer_ms": (0.03, 0.7),
    "sequence_ms": (0.008, 0.7),
    "reduce_latency_ms": (0.008, 0.5),
    "link": (0.5, 0.5),
    "data_parallel_layer_ms": (0.01, 0.5),
    "expert_parallel_layer_ms": (0.003, 0.7),
    "cache_sharpness": (25.0, 0.2),
    "token_engine12_ms": (0.03, 0.7),
    "compute_x_fp8": (1.0, 0.15),
    "compute_x_blackwell": (0.75, 0.1),
    "compute_experts_x_blackwell": (0.8, 0.2),
    "bandwidth_experts_x_int4_blackwell": (0.6, 0.2),
    "compute_experts_x_int4_blackwell": (0.7, 0.3),
    "compute_experts_x_mxfp4_blackwell": (1.75, 0.4),
    "compute_x_ultra": (1.1, 0.15),
    "prefill_share": (1.0, 0.05),
    "prefill_overhead": (3.0, 0.5),
    "request_ms": (10.0, 0.7),
    "token_ms": (0.002, 0.7),
    "queue_busy": (0.5, 0.5),
    "queue_burst": (0.05, 0.3),
    "steps_before_first": (1.5, 0.05),
    "cache_wait": (0.9, 0.3),
}
"""Plausible value of a constant and how far its log may plausibly lie; factors of a class are (1, 0.3).

Of Blackwell, whose peak is higher and harder to reach: kernels that another tool measured on it say 0.78 of
dense layers and 0.85 of experts. Int4 experts are unpacked at no higher rate there than on H200 (4.8 of 8
TB/s) and computed without its new tensor cores; mxfp4 ones, which Hopper unpacks, are native there, as nvfp4
ones are.
"""

FACTOR = (1.0, 0.3)
PRIOR_WEIGHT = 0.4
"""Log error of one run that weighs like a constant one deviation off its prior."""
TTFT_WEIGHT = 0.6
LARGEST_WEIGHT = 1.2
"""Largest weight of a run: one of a pair of model and GPU with few runs."""
POSSIBLE_RATE = 0.46
"""Share of the peak tensor rate beyond which the stated concurrency of a run is impossible."""
SCALE = 0.08
"""Log residual beyond which the loss grows slower than the square."""


@dataclass
class Problem:
    """The runs, with all that does not depend on the constants."""

    runs: Runs

    def __post_init__(self) -> None:
        configs, self.of_run = self.runs.series, self.runs.of_run
        self.configs = configs
        self.shapes = shapes_of(configs)
        self.memory = memory_of(self.shapes)
        self.classes = hardware_classes_of(configs)
        self.efficiency = efficiency_of(configs, generations={})
        self.itl, self.ttft = np.log(self.runs.itl_ms), np.log(self.runs.ttft_ms)
        self.groups = Groups(
            features=features(configs, self.shapes),
            of_run=self.of_run,
            loads=np.log(
                np.column_stack([self.runs.concurrency, self.runs.prompt_tokens, self.runs.output_tokens])
            ),
            waiting=np.zeros(len(self.runs)),
        )
        self.weight = self._weights()

    def with_waiting(self, constants: Constants) -> "Problem":
        """The same problem with each run's share of waiting for KV cache under some constants."""
        self.groups = replace(self.groups, waiting=self.latency(constants).waiting[:, 0])
        return self

    def _weights(self) -> FloatArray:
        """Run weights: repeated operating points share theirs, and so do runs of a pair of model and GPU."""
        loads = np.column_stack([self.of_run, self.groups.loads])
        _, which, count = np.unique(loads, axis=0, return_inverse=True, return_counts=True)
        weight: FloatArray = 1.0 / np.sqrt(count[which.ravel()].astype(np.float64))
        pairs = np.array([f"{config.model} {config.gpu.name}" for config in self.runs.configs])
        _, of_pair = np.unique(pairs, return_inverse=True)
        heavy = np.bincount(of_pair, weight**2)[of_pair]
        result: FloatArray = weight * np.minimum((100.0 / heavy) ** 0.25, LARGEST_WEIGHT)
        result[self.implied_rate() > POSSIBLE_RATE] = 0.0
        return result

    def implied_rate(self) -> FloatArray:
        """Tensor rate that the stated concurrency needs, as a share of the peak, shape (R,)."""
        runs, counts = self.runs, self.shapes
        tokens = runs.prompt_tokens + runs.output_tokens
        seconds = runs.ttft_ms + runs.itl_ms * runs.output_tokens
        work = 2.0 * (counts.dense_parameters + counts.routed_parameters) / (counts.gpus * counts.flops)
        result: FloatArray = runs.concurrency * tokens / seconds * work[self.of_run, 0]
        return result

    def predicted(self, constants: Constants) -> tuple[FloatArray, FloatArray]:
        """Log ITL and log TTFT of the runs."""
        found = self.latency(constants)
        return np.log(found.itl_ms[:, 0]), np.log(found.ttft_ms[:, 0])

    def latency(self, constants: Constants) -> Latency:
        """Latencies of the runs by physics alone, shape (R, 1)."""
        base = coefficients_of(
            self.configs, self.shapes, self.memory, constants, self.efficiency, self.classes
        )
        return latency(
            base.rows(self.of_run),
            constants,
            self.runs.concurrency[:, None],
            self.runs.prompt_tokens[:, None],
            self.runs.output_tokens[:, None],
        )


def priors() -> tuple[FloatArray, FloatArray]:
    """Logs of the prior constants, and the deviations of those logs."""
    pairs = [PRIORS.get(name, FACTOR) for name in names_of(Constants)]
    return np.log([value for value, _ in pairs]), np.array([deviation for _, deviation in pairs])


def fit_constants(
    problem: Problem, use: FloatArray | None = None, start: Constants | None = None, evaluations: int = 60
) -> tuple[Constants, FloatArray]:
    """Fit constants and the standard errors of their logs to the runs where the mask `use` is true."""
    centre, deviation = priors()
    at = np.arange(len(problem.runs)) if use is None else np.flatnonzero(use)

    def misfit(logs: FloatArray) -> FloatArray:
        itl, ttft = problem.predicted(record_of(Constants, np.exp(logs)))
        weight = problem.weight[at]
        return np.concatenate(
            [
                (itl - problem.itl)[at] * weight,
                (ttft - problem.ttft)[at] * weight * TTFT_WEIGHT,
                PRIOR_WEIGHT * (logs - centre) / deviation,
            ]
        )

    first = centre if start is None else np.log(vector_of(start))
    found = least_squares(misfit, first, loss="soft_l1", f_scale=SCALE, max_nfev=evaluations)
    freedom = max(1, 2 * len(at) - len(centre))
    errors = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * 2.0 * found.cost / freedom)
    return record_of(Constants, np.exp(found.x)), errors
