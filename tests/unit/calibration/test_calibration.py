from dataclasses import astuple, replace

import numpy as np
import pytest

from calibration.accuracy import likeness_of
from calibration.cross_validation import cross_validate, half_widths, leave_one_out, relative_error, schemes
from calibration.fit_constants import PRIORS, Problem, fit_constants
from calibration.fit_likeness import STARTS, Likeness, _inflation, _loss, fit_likeness, unpack
from compass.capacity import load_constants, load_fitted_kernel, shipped_evidence


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem(shipped_evidence()).with_waiting(load_constants())


@pytest.fixture(scope="module")
def few() -> Problem:
    return Problem(shipped_evidence().take(range(0, 895, 18))).with_waiting(load_constants())


def test_shipped_constants_are_where_the_fit_ends(problem: Problem) -> None:
    fitted, errors = fit_constants(problem, start=load_constants(), evaluations=15)
    assert np.log(astuple(fitted)) == pytest.approx(np.log(astuple(load_constants())), abs=0.1)
    assert (errors > 0).all()


def test_fitted_fractions_are_physical() -> None:
    constants = load_constants()
    for name in PRIORS:
        if name.startswith(("bandwidth", "compute", "prefill_attention")) and not {"half", "x"} & set(
            name.split("_")
        ):
            assert 0.05 < getattr(constants, name) <= 1.1, name


def test_the_likelihoods_gradient_is_its_slope(few: Problem) -> None:
    base, _ = few.predicted(load_constants())
    centre = np.log(np.concatenate([*(astuple(part) for part in STARTS), [0.03]]))
    ones = np.ones(len(few.runs))

    def loss(logs: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        return _loss(logs, few.groups, few.itl - base, ones, centre)[0]

    _, gradient = _loss(centre, few.groups, few.itl - base, ones, centre)
    for at in range(len(centre)):
        step = np.zeros(len(centre))
        step[at] = 1e-5
        slope = (loss(centre + step) - loss(centre - step)) / 2e-5
        assert gradient[at] == pytest.approx(slope, rel=1e-3, abs=1e-4)


def test_a_mislabelled_run_is_weighed_down(few: Problem) -> None:
    runs = few.runs
    twice = Problem(runs.take([*range(len(runs)), *range(len(runs)), *range(len(runs))]))
    base, _ = twice.predicted(load_constants())
    residuals = twice.itl - base
    residuals[0] += 0.8
    fitted = fit_likeness(twice.groups, residuals, rounds=1, evaluations=10)
    assert fitted.inflation[0] > 5 * np.median(fitted.inflation)
    logs = np.log(np.concatenate([*(astuple(part) for part in fitted.components), [fitted.noise]]))
    assert unpack(logs)[1] == pytest.approx(fitted.noise)
    assert (_inflation(logs, twice.groups, residuals, fitted.inflation) > 0).all()


def test_held_out_runs_stay_within_the_promised_errors(problem: Problem) -> None:
    kernel, constants = load_fitted_kernel(), load_constants()
    itl, ttft = (likeness_of(part, problem.runs.ids) for part in (kernel.itl, kernel.ttft))
    labels = schemes(problem)["one run in five"]
    held = cross_validate(problem, labels, itl, ttft, constants, refit=False)
    errors = relative_error(held.itl, problem.itl), relative_error(held.ttft, problem.ttft)
    assert np.median(errors[0]) < 0.02 and np.quantile(errors[0], 0.9) < 0.12
    assert np.median(errors[1]) < 0.05 and np.quantile(errors[1], 0.9) < 0.26


def test_half_widths_hold_the_asked_share_and_never_shrink() -> None:
    rng = np.random.default_rng(0)
    distance = rng.uniform(0, 2, 4000)
    misses = rng.normal(0, 0.1 + 0.1 * (distance > 1))
    middles, widths = half_widths(distance, misses, (0.0, 1.0, 2.0), 0.8)
    assert middles == pytest.approx([0.5, 1.5], abs=0.05)
    assert widths == pytest.approx([0.128, 0.256], abs=0.02)


def test_runs_that_need_more_than_the_gpu_has_do_not_bend_the_constants(problem: Problem) -> None:
    busiest = int(np.argmax(problem.implied_rate()))
    assert problem.implied_rate()[busiest] > 0.7
    assert problem.weight[busiest] == 0.0
    slow = replace(problem.runs, itl_ms=problem.runs.itl_ms * 10, ttft_ms=problem.runs.ttft_ms * 10)
    assert (Problem(slow).weight > 0).all()


def test_leaving_one_run_out_is_predicting_it_from_the_others(few: Problem) -> None:
    likeness = Likeness(STARTS, 0.03, np.ones(len(few.runs)))
    constants = load_constants()

    at_once = leave_one_out(few, likeness, likeness, constants)
    one_by_one = cross_validate(few, np.arange(len(few.runs)), likeness, likeness, constants, refit=False)

    np.testing.assert_allclose(at_once.itl, one_by_one.itl, rtol=1e-6)
    np.testing.assert_allclose(at_once.ttft, one_by_one.ttft, rtol=1e-6)
    np.testing.assert_allclose(at_once.distance, one_by_one.distance)
