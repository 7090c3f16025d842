"""Fits constants, likeness and intervals to the shipped runs: `python -m calibration.calibrate`.

Robust least squares of the physical form on log latencies, then the covariance of what it leaves, by the
likelihood of the residuals, then the width of intervals from runs predicted by a model that had not seen
them. Writes `data/constants.yaml` and `data/fitted_kernel.yaml`.
"""

import argparse
from collections.abc import Container
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import yaml

from calibration.cross_validation import cross_validate, half_widths, schemes
from calibration.fit_constants import Problem, fit_constants
from calibration.fit_intervals import COVERAGE
from calibration.fit_likeness import Likeness, fit_likeness
from calibration.outlier_runs import find_outliers
from calibration.vectors import names_of, vector_of
from compass.capacity import (
    FITTED_DATA,
    Constants,
    FloatArray,
    IntervalWidths,
    interval_half_width,
    read_constants,
    shipped_evidence,
)

EDGES = (0.0, 0.05, 0.25, 0.5, 0.8, 1.2, 1.8, 2.6, 3.5, 20.0)
"""Bins of distance to the nearest run; each has an interval of its own."""
WAITING = 0.05
"""Share of TTFT spent waiting for KV cache, from which a run counts towards the width that waiting adds."""
DOUBTFUL = 3.0
"""Factor on the noise variance from which a run is listed as doubtful."""


def main() -> None:
    """Fit everything and write the data files."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    problem = Problem(shipped_evidence())
    constants, errors = fit_constants(problem)
    problem.with_waiting(constants)
    base_itl, base_ttft = problem.predicted(constants)
    itl = fit_likeness(problem.groups, problem.itl - base_itl)
    ttft = fit_likeness(problem.groups, problem.ttft - base_ttft)
    write_constants(FITTED_DATA / "constants.yaml", constants, errors)
    outliers = find_outliers(problem, read_constants(FITTED_DATA / "constants.yaml"))
    spreads = fit_all_interval_widths(problem, constants, itl, ttft, outliers)
    ids = problem.runs.ids
    content: dict[str, object] = {
        "itl": entry(itl, spreads[0], ids),
        "ttft": entry(ttft, spreads[1], ids),
        "outliers": outliers,
    }
    write(
        FITTED_DATA / "fitted_kernel.yaml", "Likeness of configurations and width of 80 % intervals.", content
    )


def fit_all_interval_widths(
    problem: Problem, constants: Constants, itl: Likeness, ttft: Likeness, outliers: Container[str]
) -> tuple[IntervalWidths, IntervalWidths]:
    """Interval widths of ITL and TTFT, from misses on held-out runs and on held-out pairs of model and GPU.

    Outliers are left out: no interval is meant to cover conditions that their columns do not state.
    """
    said = np.array([run not in outliers for run in problem.runs.ids])
    label = schemes(problem)
    held = [
        cross_validate(problem, label[scheme], itl, ttft, constants)
        for scheme in ("one run in five", "model x GPU pair")
    ]
    distance = np.concatenate([part.distance[said] for part in held])
    misses_itl = np.concatenate([(part.itl - problem.itl)[said] for part in held])
    misses_ttft = np.concatenate([(part.ttft - problem.ttft)[said] for part in held])
    waiting = np.concatenate([problem.groups.waiting[said] for _ in held])
    return fit_interval_widths(distance, misses_itl, waiting), fit_interval_widths(
        distance, misses_ttft, waiting
    )


def fit_interval_widths(distance: FloatArray, misses: FloatArray, waiting: FloatArray) -> IntervalWidths:
    """Half widths by distance, and what waiting for KV cache adds to them."""
    calm = waiting < WAITING
    middles, widths = half_widths(distance[calm], misses[calm], EDGES, COVERAGE)
    spread = IntervalWidths(tuple(middles), tuple(widths))
    full = ~calm
    for added in np.arange(0.0, 4.0, 0.05):
        spread = replace(spread, waiting=float(added))
        if (
            np.mean(np.abs(misses[full]) <= interval_half_width(spread, distance[full], waiting[full]))
            >= COVERAGE
        ):
            break
    return spread


def entry(likeness: Likeness, spread: IntervalWidths, ids: tuple[str, ...]) -> dict[str, object]:
    """The fit of one latency as the data file's entry."""
    doubtful = {
        run: float(f"{factor:.3g}")
        for run, factor in zip(ids, likeness.inflation, strict=True)
        if factor > DOUBTFUL
    }
    return {
        "components": [
            {name: float(f"{value:.4g}") for name, value in asdict(component).items()}
            for component in likeness.components
        ],
        "noise": float(f"{likeness.noise:.4g}"),
        "spread": {
            "distance": [float(f"{value:.3g}") for value in spread.distance],
            "half_width": [float(f"{value:.3g}") for value in spread.half_width],
            "waiting": float(f"{spread.waiting:.3g}"),
        },
        "doubtful": doubtful,
    }


def write_constants(path: Path, constants: Constants, errors: FloatArray) -> None:
    """Write the constants with the standard errors of their logs."""
    rows = {
        name: {"value": float(f"{value:.5g}"), "relative_error": float(f"{error:.2g}")}
        for name, value, error in zip(names_of(Constants), vector_of(constants), errors, strict=True)
    }
    write(path, "Fitted constants of the capacity model; units in the names.", {"constants": rows})


def write(path: Path, title: str, content: dict[str, object]) -> None:
    """Write a generated data file."""
    head = f"# {title}\n# Written by `python -m calibration.calibrate`; do not edit.\n"
    path.write_text(head + yaml.safe_dump(content, sort_keys=False, width=110), encoding="utf-8")


if __name__ == "__main__":
    main()
