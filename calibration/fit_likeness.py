"""Fits the covariance of log residuals by their marginal likelihood (Rasmussen and Williams, ch. 5).

Runs that no neighbour supports get more noise, as a Student-t process would give them, so that a
mislabelled row neither bends the correction around it nor widens the noise of all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from calibration.vectors import names_of, record_of, vector_of
from compass.capacity import (
    Component,
    FloatArray,
    Groups,
    configuration_penalties,
    covariance,
    load_part,
    shares,
    total_penalty,
)

STARTS = (
    Component(
        variance=0.01, model=3.0, family=0.5, size=0.3, gpu=0.3, gpu_class=1.0, precision=1.0, engine=0.1,
        gpus=0.7, data=0.1, expert=0.1, concurrency=1.0, prompt=1.5, output=1.5,
    ),
    Component(
        variance=0.03, model=1.0, family=0.5, size=0.3, gpu=0.1, gpu_class=0.7, precision=0.5, engine=0.1,
        gpus=0.15, data=0.1, expert=0.1, concurrency=5.0, prompt=4.0, output=5.0,
    ),
    Component(
        variance=0.003, model=5.0, family=0.5, size=0.3, gpu=1.0, gpu_class=1.0, precision=1.0, engine=0.5,
        gpus=3.0, data=0.2, expert=0.2, concurrency=0.35, prompt=0.8, output=0.8,
    ),
    Component(
        variance=0.2, model=2.0, family=0.5, size=0.3, gpu=1.0, gpu_class=1.0, precision=1.0, engine=0.5,
        gpus=1.0, data=0.1, expert=0.1, concurrency=1.0, prompt=0.7, output=0.7,
    ),
)  # fmt: skip
"""Components: a configuration's neighbourhood, wider families, ripple over the load, waiting for KV cache."""
DEVIATION = 1.0
"""Standard deviation of the prior on the log of each length, penalty and variance."""
DEGREES = 4.0
"""Degrees of freedom of the Student-t distribution of the noise."""
LOADS = ("concurrency", "prompt", "output")
"""A component's length scale for each column of the loads."""
WIDTH = len(names_of(Component))


@dataclass(frozen=True)
class Likeness:
    """Fitted components, the noise of a run, and its inflation for doubtful runs."""

    components: tuple[Component, ...]
    noise: float
    inflation: FloatArray
    """Shape (R,): factor on the variance of the noise."""


def fit_likeness(
    groups: Groups,
    residuals: FloatArray,
    starts: Sequence[Component] = STARTS,
    noise: float = 0.03,
    rounds: int = 2,
    evaluations: int = 40,
) -> Likeness:
    """Fit components and noise by maximum likelihood; doubtful runs get more noise between rounds."""
    centre = np.log(np.concatenate([*(vector_of(start) for start in starts), [noise]]))
    logs, inflation = centre.copy(), np.ones(len(residuals))
    for _ in range(rounds):
        found = minimize(
            _loss,
            logs,
            args=(groups, residuals, inflation, centre),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": evaluations},
        )
        logs = found.x
        inflation = _inflation(logs, groups, residuals, inflation)
    components, fitted = unpack(logs)
    return Likeness(components, fitted, inflation)


def unpack(logs: FloatArray) -> tuple[tuple[Component, ...], float]:
    """Components and noise from a vector of logs."""
    *components, noise = np.split(np.exp(logs), range(WIDTH, len(logs), WIDTH))
    return tuple(record_of(Component, values) for values in components), float(noise[0])


def _loss(
    logs: FloatArray, groups: Groups, residuals: FloatArray, inflation: FloatArray, centre: FloatArray
) -> tuple[float, FloatArray]:
    """Negative log likelihood with the prior, and its gradient."""
    components, noise = unpack(logs)
    parts = [
        _covariance_with_pieces(component, groups, share)
        for component, share in zip(components, shares(len(components), groups.waiting), strict=True)
    ]
    matrix = sum((whole for whole, _, _ in parts), np.zeros((len(residuals), len(residuals))))
    matrix[np.diag_indices_from(matrix)] += noise**2 * inflation
    factor = cho_factor(matrix, lower=True, check_finite=False)
    solved = cho_solve(factor, residuals, check_finite=False)
    inner = cho_solve(factor, np.eye(len(residuals)), check_finite=False) - np.outer(solved, solved)
    gradient: list[float] = []
    for component, (whole, penalties, slopes) in zip(components, parts, strict=True):
        weighted = inner * whole
        by_group = _sum_by_group(weighted, groups)
        moved = {"variance": 0.5 * float(weighted.sum())}
        for name, penalty in penalties.items():
            moved[name] = -0.5 * getattr(component, name) * float((by_group * penalty).sum())
        for name, slope in slopes.items():
            moved[name] = 0.5 * float((inner * slope).sum())
        gradient.extend(moved[name] for name in names_of(Component))
    gradient.append(float((np.diag(inner) * noise**2 * inflation).sum()))
    off = (logs - centre) / DEVIATION
    value = 0.5 * float(residuals @ solved) + float(np.log(np.diag(factor[0])).sum()) + 0.5 * float(off @ off)
    return value, np.array(gradient) + off / DEVIATION


def _sum_by_group(matrix: FloatArray, groups: Groups) -> FloatArray:
    rows = groups.gather(matrix)
    return groups.gather(np.ascontiguousarray(rows.T))


def _covariance_with_pieces(
    component: Component, groups: Groups, share: FloatArray
) -> tuple[FloatArray, dict[str, FloatArray], dict[str, FloatArray]]:
    """A component's covariance, the penalties it weighs, and its slopes in the log length scales, by name."""
    penalties = configuration_penalties(groups.features, groups.features)
    total = np.exp(-total_penalty(component, penalties))
    spread = component.variance * np.outer(share, share) * total[np.ix_(groups.of_run, groups.of_run)]
    loads = load_part(component, groups.loads, groups.loads)
    gaps: dict[str, FloatArray] = {}
    for name, load in zip(LOADS, groups.loads.T, strict=True):
        scaled = load / getattr(component, name)
        gaps[name] = (scaled[:, None] - scaled[None, :]) ** 2
    decay = 3.0 * np.exp(-np.sqrt(3.0 * sum(gaps.values())))
    return spread * loads, penalties, {name: spread * decay * gap for name, gap in gaps.items()}


def _inflation(logs: FloatArray, groups: Groups, residuals: FloatArray, inflation: FloatArray) -> FloatArray:
    """Expected noise variance of each run under a Student-t, from its noise given all the runs."""
    components, noise = unpack(logs)
    matrix = covariance(components, groups)
    matrix[np.diag_indices_from(matrix)] += noise**2 * inflation
    inverse = np.linalg.inv(matrix)
    # The noise of run i, given every run: mean and variance.
    variance = noise**2 * inflation
    mean = variance * (inverse @ residuals)
    left = variance - variance**2 * np.diag(inverse)
    result: FloatArray = (DEGREES + (mean**2 + np.maximum(left, 0.0)) / noise**2) / (DEGREES + 1.0)
    return result
