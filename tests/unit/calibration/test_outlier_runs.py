"""Shipped runs that no plan leans on."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.fit_constants import Problem
from calibration.outlier_runs import find_outliers
from compass.benchmarks import SHIPPED_SOURCE
from compass.capacity import Estimator, latency, load_constants, load_fitted_kernel, shipped_evidence
from compass.catalog import load_catalog
from compass.planning import SearchSpace, find_candidate

LOADS = np.array([1.0, 8.0, 32.0, 128.0])


def test_the_list_is_what_calibration_finds() -> None:
    assert find_outliers(Problem(shipped_evidence()), load_constants()) == load_fitted_kernel().outliers


def test_it_names_prompts_that_nobody_can_have_computed_and_waits_that_nothing_explains() -> None:
    outliers = load_fitted_kernel().outliers

    assert "peak" in outliers["run-0401"], "a small model that would need three quarters of an H200"
    assert "TTFT" in outliers["run-1132"], "20 s to a first token, and tokens as fast as for a few users"
    assert len(outliers) < 0.06 * len(shipped_evidence())


def test_only_shipped_runs_are_outliers() -> None:
    runs = shipped_evidence()
    trusted = runs.without_outliers(load_fitted_kernel().outliers)
    own = replace(runs, sources=("mine",) * len(runs))

    assert len(trusted) == len(runs) - len(load_fitted_kernel().outliers)
    assert set(runs.sources) == {SHIPPED_SOURCE}
    assert len(own.without_outliers(load_fitted_kernel().outliers)) == len(runs)


@pytest.mark.parametrize(("prompt", "output"), [(512, 256), (1024, 1024), (4096, 512), (10240, 1536)])
def test_no_evidence_moves_a_plan_by_more_than_it_can_explain(
    search_space: SearchSpace, prompt: int, output: int
) -> None:
    batch = search_space.compiled
    loads = np.broadcast_to(LOADS, (len(batch.configs), len(LOADS)))

    physics = latency(batch.coefficients, batch.estimator.constants, loads, prompt, output)
    found = batch.predict(LOADS, prompt, output)

    calm = physics.waiting < 0.05
    assert np.abs(np.log(found.ttft_ms / physics.ttft_ms))[calm].max() < np.log(2.2)
    assert np.abs(np.log(found.itl_ms / physics.itl_ms))[calm].max() < np.log(1.65)


def test_a_mixture_on_hopper_answers_a_short_prompt_in_tens_of_milliseconds() -> None:
    found = Estimator.for_plans().predict(
        [find_candidate(load_catalog(), "gpt-oss-120b", "H100-SXM", "mxfp4", 2).configuration],
        np.array([8.0]),
        512,
        256,
    )

    assert found.ttft_ms[0, 0] < 120
