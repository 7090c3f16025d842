import numpy as np
import pytest

from compass.benchmarks import shipped_runs
from compass.capacity import Estimator, closed_loop_profile, configuration_of, release_on
from compass.capacity.evidence_runs import runs_of
from compass.catalog import load_catalog
from compass.planning import find_candidate
from compass.planning.candidates import all_candidates
from tests.unit.compass.capacity.closed_loop import closed_loop


def test_runs_that_were_seen_come_back_nearly_exact(estimator: Estimator) -> None:
    runs = estimator.runs
    found = estimator.predict(runs.configs, runs.concurrency[:, None], runs.prompt_tokens, runs.output_tokens)
    itl = np.abs(found.itl_ms[:, 0] / runs.itl_ms - 1)
    ttft = np.abs(found.ttft_ms[:, 0] / runs.ttft_ms - 1)
    assert np.median(itl) < 0.01
    assert np.median(ttft) < 0.03
    assert found.distance.max() == pytest.approx(0, abs=1e-6)


def test_runs_left_out_are_predicted_from_the_others(estimator: Estimator) -> None:
    out = np.random.default_rng(7).integers(0, 5, len(estimator.runs)) == 0
    seen = Estimator.of_runs(estimator.runs.take(np.flatnonzero(~out)))
    held = estimator.runs.take(np.flatnonzero(out))
    found = seen.predict(held.configs, held.concurrency[:, None], held.prompt_tokens, held.output_tokens)
    miss = np.abs(np.log(found.itl_ms[:, 0] / held.itl_ms))
    assert np.median(miss) < 0.035
    assert 0.7 < (miss <= found.itl_log_spread[:, 0]).mean() < 0.95


def test_a_measured_configuration_names_its_run(estimator: Estimator) -> None:
    row = shipped_runs()[0]
    found = estimator.predict(
        [configuration_of(row, load_catalog())],
        np.array([row.concurrency]),
        row.prompt_tokens,
        row.output_tokens,
    )
    label = estimator.evidence_of(int(found.nearest_run[0]), float(found.distance[0]))
    assert label.kind == "measured"
    assert label.nearest is not None and row.model in label.nearest and row.label in label.nearest


def test_far_from_every_run_the_interval_is_wide_and_the_label_estimated(estimator: Estimator) -> None:
    near = find_candidate(load_catalog(), "Llama-3.1-70B-Instruct", "H200", "fp8", 4).configuration
    far = find_candidate(load_catalog(), "gemma-3-27b-it", "MI300X", "bf16", 1).configuration
    found = estimator.predict([near, far], np.array([8.0]), 1024, 1024)
    assert found.itl_log_spread[1, 0] > 3 * found.itl_log_spread[0, 0]
    assert found.distance[1] > 2 > 0.5 > found.distance[0]
    assert estimator.evidence_of(int(found.nearest_run[1]), float(found.distance[1])).kind == "estimated"
    assert estimator.evidence_of(-1).nearest is None


def test_every_configuration_of_the_catalog_gets_finite_answers(estimator: Estimator) -> None:
    configs = [candidate.configuration for candidate in all_candidates(load_catalog())]
    found = estimator.predict(configs, np.array([1.0, 64.0, 1024.0]), 10240, 1536)
    for values in (found.itl_ms, found.ttft_ms, found.itl_log_spread, found.ttft_log_spread):
        assert np.isfinite(values).all() and (values > 0).all()


def test_one_batch_answers_as_its_configurations_do_alone(estimator: Estimator) -> None:
    configs = [
        find_candidate(load_catalog(), "gpt-oss-120b", gpu, "mxfp4", 2).configuration
        for gpu in ("H100-SXM", "B200", "L40S")
    ]
    loads = np.array([[1.0, 30.0], [4.0, 50.0], [7.0, 200.0]])
    prompts, outputs = np.array([512.0, 4096.0, 512.0]), np.array([256.0, 512.0, 256.0])
    together = estimator.predict(configs, loads, prompts, outputs)
    for at, config in enumerate(configs):
        alone = estimator.predict([config], loads[at], prompts[at], outputs[at])
        assert alone.ttft_ms[0] == pytest.approx(together.ttft_ms[at])
        assert alone.itl_ms[0] == pytest.approx(together.itl_ms[at])
        assert alone.distance[0] == pytest.approx(together.distance[at])


def test_without_evidence_physics_alone_answers(estimator: Estimator) -> None:
    bare = Estimator.of_runs(runs_of([], load_catalog()))
    found = bare.predict(
        [find_candidate(load_catalog(), "Qwen3-8B", "H100-SXM", "bf16").configuration],
        np.array([8.0]),
        1024,
        256,
    )
    assert 3 < found.itl_ms[0, 0] < 30
    assert found.nearest_run[0] == -1 and np.isinf(found.distance[0])


@pytest.mark.parametrize(
    ("model", "gpu", "precision", "tp"),
    [
        ("MiniMax-M2.5", "B300", "fp8", 4),
        ("gpt-oss-120b", "B200", "mxfp4", 4),
        ("Llama-3.1-70B-Instruct", "B200", "fp8", 4),
        ("Llama-3.1-8B-Instruct", "L40S", "bf16", 1),
    ],
)
def test_a_profile_in_a_closed_loop_gives_the_predicted_latencies(
    estimator: Estimator, model: str, gpu: str, precision: str, tp: int
) -> None:
    config = find_candidate(load_catalog(), model, gpu, precision, tp).configuration
    profile = closed_loop_profile(estimator.compile([config]), 1024, 256)
    loads = (1, 8, 32)
    found = estimator.predict([config], np.array(loads, dtype=float), 1024, 256)
    for at, load in enumerate(loads):
        ttft, itl = closed_loop(profile, load, 1024, 256)
        assert itl == pytest.approx(found.itl_ms[0, at], rel=0.1)
        # Equal lengths keep the loop in step, so that more prompts meet than in a run of mixed ones.
        assert ttft == pytest.approx(found.ttft_ms[0, at], rel=0.35)


def test_a_run_without_a_release_has_that_of_its_day() -> None:
    assert release_on("2025-10-29") == "0.11.0"
    assert release_on("") is None
