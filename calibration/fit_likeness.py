"""Fits the covariance of log residuals by their marginal likelihood (Rasmussen and Williams, ch. 5).

Runs that no neighbour supports get more noise, as a Student-t process would give them, so that a
mislabelled row neither bends the correction around it nor widens the noise of all others.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from compass.capacity import FloatArray
from compass.capacity.gaussian_process import Groups, covariance, shares
from compass.capacity.kernel import Component, configuration_penalties, load_part

STARTS = (
    Component(0.01, 3.0, 0.5, 0.3, 0.3, 1.0, 1.0, 0.1, 0.7, 0.1, 0.1, 1.0, 1.5, 1.5),
    Component(0.03, 1.0, 0.5, 0.3, 0.1, 0.7, 0.5, 0.1, 0.15, 0.1, 0.1, 5.0, 4.0, 5.0),
    Component(0.003, 5.0, 0.5, 0.3, 1.0, 1.0, 1.0, 0.5, 3.0, 0.2, 0.2, 0.35, 0.8, 0.8),
    Component(0.2, 2.0, 0.5, 0.3, 1.0, 1.0, 1.0, 0.5, 1.0, 0.1, 0.1, 1.0, 0.7, 0.7),
)
"""A neighbourhood of a configuration; what wider families share; its ripple; waiting for KV cache."""
DEVIATION = 1.0
"""Of the prior on the log of each length, penalty and variance."""
DEGREES = 4.0
"""Of the Student-t that the noise of a run is held to."""


@dataclass(frozen=True)
class Likeness:
    """Components, noise of a run, and how much more some runs have."""

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
    """Components and noise of the greatest likelihood, with doubtful runs weighed down between rounds."""
    centre = np.log(np.concatenate([*(astuple(c) for c in starts), [noise]]))
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
    width = len(fields(Component))
    values = [float(value) for value in np.exp(logs)]
    count = (len(values) - 1) // width
    return tuple(Component(*values[i * width : (i + 1) * width]) for i in range(count)), values[-1]


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
        gradient.append(0.5 * float(weighted.sum()))
        by_group = _sum_by_group(weighted, groups)
        values = astuple(component)
        for at, penalty in enumerate(penalties):
            gradient.append(-0.5 * values[1 + at] * float((by_group * penalty).sum()))
        gradient.extend(0.5 * float((inner * slope).sum()) for slope in slopes)
    gradient.append(float((np.diag(inner) * noise**2 * inflation).sum()))
    off = (logs - centre) / DEVIATION
    value = 0.5 * float(residuals @ solved) + float(np.log(np.diag(factor[0])).sum()) + 0.5 * float(off @ off)
    return value, np.array(gradient) + off / DEVIATION


def _sum_by_group(matrix: FloatArray, groups: Groups) -> FloatArray:
    rows = groups.gather(matrix)
    return groups.gather(np.ascontiguousarray(rows.T))


def _covariance_with_pieces(
    component: Component, groups: Groups, share: FloatArray
) -> tuple[FloatArray, list[FloatArray], list[FloatArray]]:
    """A component's covariance, the penalties it weighs, and its slopes in the log length scales."""
    penalties = configuration_penalties(groups.features, groups.features)
    weights = astuple(component)[1 : 1 + len(penalties)]
    total = np.exp(
        -sum((w * p for w, p in zip(weights, penalties, strict=True)), np.zeros_like(penalties[0]))
    )
    spread = component.variance * np.outer(share, share) * total[np.ix_(groups.of_run, groups.of_run)]
    loads = load_part(component, groups.loads, groups.loads)
    scales = np.array([component.concurrency, component.prompt, component.output])
    scaled = groups.loads / scales
    gaps = [(scaled[:, d][:, None] - scaled[:, d][None, :]) ** 2 for d in range(3)]
    decay = 3.0 * np.exp(-np.sqrt(3.0 * (gaps[0] + gaps[1] + gaps[2])))
    return spread * loads, penalties, [spread * decay * gap for gap in gaps]


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
