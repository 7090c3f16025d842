"""Fits the constants and the likeness of configurations to the shipped runs: `python -m tools.capacity.calibrate`.

Two steps: robust least squares of the physical form on log latencies, then the covariance of what it leaves,
by the likelihood of the residuals. Writes `data/constants.yaml` and `data/learnt.yaml`.
"""

import argparse
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import least_squares, minimize

from tools.capacity import physics
from tools.capacity.constants import DATA, Constants, Efficiency
from tools.capacity.kernel import Component, features
from tools.capacity.memory import memory
from tools.capacity.residuals import Groups, covariance
from tools.capacity.runs import Runs, shipped
from tools.capacity.shapes import shapes
from tools.capacity.types import FloatArray

START = Constants(
    bandwidth_hopper=0.75,
    bandwidth_blackwell=0.7,
    bandwidth_experts_hopper=0.6,
    bandwidth_experts_blackwell=0.5,
    bandwidth_cache=0.6,
    compute_hopper=0.5,
    compute_blackwell=0.4,
    compute_experts_hopper=0.4,
    compute_experts_blackwell=0.3,
    prefill_hopper=0.5,
    prefill_blackwell=0.4,
    prefill_experts_hopper=0.3,
    prefill_experts_blackwell=0.25,
    prefill_experts_nvfp4=0.25,
    prefill_attention=0.4,
    layer_hopper_ms=0.015,
    layer_blackwell_ms=0.010,
    moe_layer_ms=0.02,
    step_ms=0.8,
    sequence_ms=0.01,
    reduce_latency_ms=0.008,
    link=0.5,
    cache_scale_quantised=1.8,
    cache_scale_bf16=1.0,
    length=0.95,
    prefill_share=1.0,
    request_ms=10.0,
    token_ms=0.002,
    prefill_alone=1.0,
    queue_busy=0.5,
    queue_burst=0.03,
    steps_before_first=1.0,
    cache_wait=0.9,
    weight_only_slowdown=1.3,
)
"""Where the fit starts, and what it is weakly drawn to: plausible values of each constant."""

PRIOR = 0.02
TTFT_WEIGHT = 0.6


class Problem:
    """Runs with everything that does not change while constants are fitted."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        configs = list({id(config): config for config in runs.configs}.values())
        position = {id(config): at for at, config in enumerate(configs)}
        self.of_run = np.array([position[id(config)] for config in runs.configs], dtype=np.int64)
        self.configs = configs
        self.shapes = shapes(configs)
        self.memory = memory(self.shapes)
        ones = np.ones((len(configs), 1))
        self.efficiency = Efficiency(ones, ones, ones)
        self.target = np.log(np.concatenate([runs.itl_ms, runs.ttft_ms]))
        self.weight = self._weights()

    def _weights(self) -> FloatArray:
        """Repeated operating points share their weight: a point measured ten times is not ten points."""
        loads = np.column_stack(
            [self.of_run, self.runs.concurrency, self.runs.prompt_tokens, self.runs.output_tokens]
        )
        _, which, count = np.unique(loads, axis=0, return_inverse=True, return_counts=True)
        weight = count[which.ravel()] ** -0.5
        return np.concatenate([weight, TTFT_WEIGHT * weight])

    def predicted(self, constants: Constants) -> FloatArray:
        """Log ITL, then log TTFT, of the runs."""
        base = physics.coefficients(self.configs, self.shapes, self.memory, constants, self.efficiency)
        latency = physics.latency(
            base.rows(self.of_run),
            constants,
            self.runs.concurrency[:, None],
            self.runs.prompt_tokens[:, None],
            self.runs.output_tokens[:, None],
        )
        return np.log(np.concatenate([latency.itl_ms[:, 0], latency.ttft_ms[:, 0]]))


def fit_constants(problem: Problem) -> tuple[Constants, FloatArray]:
    """Constants and the standard errors of their logs."""
    start = np.log(astuple(START))

    def misfit(logs: FloatArray) -> FloatArray:
        error = (problem.predicted(Constants(*np.exp(logs))) - problem.target) * problem.weight
        return np.concatenate([error, PRIOR * (logs - start)])

    found = least_squares(misfit, start, loss="soft_l1", f_scale=0.1, max_nfev=80)
    scale = 2.0 * found.cost / max(1, len(problem.target) - len(start))
    errors = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * scale)
    return Constants(*(float(value) for value in np.exp(found.x))), errors


STARTS = (
    Component(0.02, 4.0, 1.0, 0.5, 1.0, 1.0, 0.8, 0.1, 0.5, 0.7, 0.4, 1.5, 1.5, 1.5),
    Component(0.02, 0.7, 0.5, 0.2, 0.3, 0.5, 0.4, 0.05, 0.2, 0.3, 0.2, 5.0, 4.0, 4.0),
)
"""A neighbourhood of a configuration, and what wider families share."""


@dataclass(frozen=True)
class Fitted:
    """What is learnt of one latency."""

    components: tuple[Component, ...]
    noise: float

    def entry(self) -> dict[str, object]:
        """As written to the data file."""
        return {
            "components": [
                {name: float(f"{value:.4g}") for name, value in asdict(component).items()}
                for component in self.components
            ],
            "noise": float(f"{self.noise:.4g}"),
            "spread": {"distance": [0.0, 0.5, 1.0, 2.0, 4.0], "half_width": [0.05, 0.1, 0.15, 0.2, 0.35]},
        }


def groups_of(problem: Problem) -> Groups:
    """The runs of a problem gathered by configuration."""
    runs = problem.runs
    return Groups(
        features=features(problem.configs, problem.shapes),
        of_run=problem.of_run,
        loads=np.log(np.column_stack([runs.concurrency, runs.prompt_tokens, runs.output_tokens])),
    )


def fit_process_components(
    groups: Groups, residuals: FloatArray, limit: int = 40
) -> tuple[tuple[Component, ...], float]:
    """Components and noise of the greatest likelihood."""
    start = np.log(np.concatenate([*(astuple(c) for c in STARTS), [0.04]]))
    width = len(fields(Component))
    clipped = np.clip(residuals, -1.0, 1.0)

    def unpack(logs: FloatArray) -> tuple[tuple[Component, ...], float]:
        values = np.exp(logs)
        return tuple(Component(*values[i * width : (i + 1) * width]) for i in range(len(STARTS))), float(
            values[-1]
        )

    def loss(logs: FloatArray) -> float:
        components, noise = unpack(logs)
        matrix = covariance(components, groups)
        matrix[np.diag_indices_from(matrix)] += noise**2
        try:
            lower = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            return 1e6
        solved = np.linalg.solve(lower, clipped)
        return float(
            0.5 * solved @ solved + np.log(np.diag(lower)).sum() + 0.5 * (((logs - start) / 1.5) ** 2).sum()
        )

    found = minimize(loss, start, method="L-BFGS-B", options={"maxiter": limit})
    return unpack(found.x)


def write_constants(path: Path, constants: Constants, errors: FloatArray) -> None:
    """The constants with the standard errors of their logs beside them."""
    rows = {
        name: {"value": float(f"{value:.5g}"), "relative_error": float(f"{error:.2g}")}
        for name, value, error in zip(Constants.names(), astuple(constants), errors, strict=True)
    }
    _write(path, "Fitted constants of the capacity model; units in the names.", {"constants": rows})


def write_learnt(path: Path, itl: Fitted, ttft: Fitted) -> None:
    """Components, noise and intervals."""
    _write(
        path,
        "Likeness of configurations and width of 80 % intervals.",
        {"itl": itl.entry(), "ttft": ttft.entry()},
    )


def _write(path: Path, title: str, content: dict[str, object]) -> None:
    head = f"# {title}\n# Written by `python -m tools.capacity.calibrate`; do not edit.\n"
    path.write_text(head + yaml.safe_dump(content, sort_keys=False, width=110), encoding="utf-8")


def main() -> None:
    """Fits everything and writes the data files."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    problem = Problem(shipped())
    constants, errors = fit_constants(problem)
    write_constants(DATA / "constants.yaml", constants, errors)
    itl, ttft = np.split(problem.target - problem.predicted(constants), 2)
    groups = groups_of(problem)
    write_learnt(
        DATA / "learnt.yaml", *(Fitted(*fit_process_components(groups, part)) for part in (itl, ttft))
    )


if __name__ == "__main__":
    main()
