"""Cross-validation: predicts every run by a model fitted without it and without its group."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from calibration.fit_constants import Problem, fit_constants
from calibration.fit_likeness import Likeness
from compass.capacity import Constants, FloatArray, configuration_distance, covariance

FOLDS = 5

Labels = NDArray[np.str_] | NDArray[np.int64]


@dataclass(frozen=True)
class HeldOut:
    """Log predictions of held-out runs, shape (R,), and their distances to the nearest run of the fit."""

    itl: FloatArray
    ttft: FloatArray
    distance: FloatArray


def schemes(problem: Problem) -> dict[str, Labels]:
    """The group of each run under each scheme; a group is held out together."""
    configs = problem.runs.configs
    models = [config.model for config in configs]
    gpus = [config.gpu.name for config in configs]
    return {
        "one run in five": np.random.default_rng(0).integers(0, FOLDS, len(configs)),
        "model x GPU pair": np.array([f"{m} {g}" for m, g in zip(models, gpus, strict=True)]),
        "model": np.array(models),
        "GPU": np.array(gpus),
    }


def cross_validate(
    problem: Problem, labels: Labels, itl: Likeness, ttft: Likeness, start: Constants, refit: bool = True
) -> HeldOut:
    """Predict every group of runs from the others, with constants fitted anew for each group.

    The covariance's own few lengths are those of all runs; `refit=False` keeps the constants as well.
    """
    count = len(problem.runs)
    kernel_itl, kernel_ttft = (
        covariance(itl.components, problem.groups),
        covariance(ttft.components, problem.groups),
    )
    result_itl, result_ttft, distance = np.zeros(count), np.zeros(count), np.full(count, np.inf)
    gap = run_distances(problem)
    for label in np.unique(labels):
        out = labels == label
        constants = fit_constants(problem, ~out, start, 25)[0] if refit else start
        base_itl, base_ttft = problem.predicted(constants)
        result_itl[out] = base_itl[out] + _corrected(kernel_itl, itl, problem.itl - base_itl, out)
        result_ttft[out] = base_ttft[out] + _corrected(kernel_ttft, ttft, problem.ttft - base_ttft, out)
        distance[out] = gap[np.ix_(out, ~out)].min(axis=1, initial=np.inf)
    return HeldOut(result_itl, result_ttft, distance)


def leave_one_out(problem: Problem, itl: Likeness, ttft: Likeness, constants: Constants) -> HeldOut:
    """Predict every run from all the others (Rasmussen and Williams, ch. 5.4.2).

    The constants are those of all runs: one of them hardly moves any.
    """
    base = problem.predicted(constants)
    left = [
        measured - _left_out(likeness, problem, measured - physics)
        for likeness, measured, physics in zip((itl, ttft), (problem.itl, problem.ttft), base, strict=True)
    ]
    gap = run_distances(problem)
    np.fill_diagonal(gap, np.inf)
    return HeldOut(left[0], left[1], gap.min(axis=1))


def _left_out(likeness: Likeness, problem: Problem, residuals: FloatArray) -> FloatArray:
    """Each run's residual minus its prediction from the others, shape (R,)."""
    matrix = covariance(likeness.components, problem.groups)
    matrix[np.diag_indices_from(matrix)] += likeness.noise**2 * likeness.inflation
    inverse = np.linalg.inv(matrix)
    result: FloatArray = (inverse @ residuals) / np.diag(inverse)
    return result


def _corrected(
    kernel: FloatArray, likeness: Likeness, residuals: FloatArray, out: NDArray[np.bool_]
) -> FloatArray:
    noisy = kernel[np.ix_(~out, ~out)] + np.diag(likeness.noise**2 * likeness.inflation[~out])
    result: FloatArray = kernel[np.ix_(out, ~out)] @ np.linalg.solve(noisy, residuals[~out])
    return result


def run_distances(problem: Problem) -> FloatArray:
    """Distances between all runs, shape (R, R)."""
    groups = problem.groups
    between = configuration_distance(groups.features, groups.features)
    loads = groups.loads
    square = ((loads[:, None, :] - loads[None, :, :]) ** 2).sum(axis=2)
    result: FloatArray = np.sqrt(between[np.ix_(groups.of_run, groups.of_run)] + square)
    return result


def relative_error(predicted: FloatArray, measured: FloatArray) -> FloatArray:
    """|predicted / measured − 1| of logs."""
    return np.abs(np.expm1(predicted - measured))


def half_widths(
    distance: FloatArray, misses: FloatArray, edges: tuple[float, ...], coverage: float
) -> tuple[list[float], list[float]]:
    """Log half width that holds a share of the misses of each bin of distance, never shrinking."""
    middles: list[float] = []
    widths: list[float] = []
    for low, high in pairwise(edges):
        inside = (distance >= low) & (distance < high)
        if inside.sum() >= 15:
            middles.append(float(np.median(distance[inside])))
            widths.append(float(np.quantile(np.abs(misses[inside]), coverage)))
    return middles, [float(width) for width in np.maximum.accumulate(widths)]
