"""Factors of GPU generations and intervals, learnt from published runs."""

import csv
from pathlib import Path

import numpy as np
import pytest

from calibration.fit_generations import fit_generations
from calibration.fit_intervals import fit_intervals, weighted_quantile
from calibration.fit_published import residuals_by_other_sources
from calibration.published_runs import Case, estimate_cases, read_cases
from compass.capacity import Factors
from compass.capacity.constants import load_habits
from compass.catalog import load_catalog
from compass.estimates import LOAD_CLASSES

COLUMNS = (
    "source", "doubt", "model", "gpu", "precision", "gpus", "tensor_parallel", "prompt_tokens",
    "output_tokens", "load", "concurrency", "request_rate", "num_prompts", "dataset", "median_ttft_ms",
    "median_tpot_ms",
)  # fmt: skip
LOADS = (("Qwen/Qwen3-8B", 1, 512), ("Qwen/Qwen3-8B", 16, 2048), ("Qwen/Qwen3-14B", 4, 4096))
TRUE = Factors(bandwidth=0.81, compute=1.07, overhead=1.3)


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows(latencies: list[tuple[float, float]]) -> list[dict[str, object]]:
    return [
        {
            "source": f"people/number-{voice} file.json", "model": model, "gpu": "A100-80-SXM",
            "precision": "bf16", "gpus": 1, "tensor_parallel": 1, "prompt_tokens": prompt,
            "output_tokens": 256, "load": "closed", "concurrency": concurrency, "dataset": "sharegpt",
            "num_prompts": 3 * concurrency, "median_ttft_ms": ttft, "median_tpot_ms": itl,
        }
        for voice in range(2)
        for (model, concurrency, prompt), (ttft, itl) in zip(LOADS, latencies, strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """Runs of two sources whose A100 is slower than the constants say, by known factors."""
    path = tmp_path_factory.mktemp("published") / "runs.csv"
    blank = read_cases(write(path, rows([(1.0, 1.0)] * len(LOADS))), load_catalog())
    slow = estimate_cases(blank[: len(LOADS)], {**load_habits(), "Ampere": TRUE})
    return read_cases(write(path, rows(list(zip(slow.ttft, slow.itl, strict=True)))), load_catalog())


def test_known_factors_come_back_as_far_as_the_prior_lets_them(cases: list[Case]) -> None:
    generations, slopes = fit_generations(cases)

    found = generations["Ampere"]
    assert found.bandwidth == pytest.approx(TRUE.bandwidth, rel=0.05)
    assert found.compute == pytest.approx(TRUE.compute, rel=0.06)
    assert generations["Gaudi"].bandwidth == pytest.approx(1.0, rel=1e-6), "no run, no change"
    itl, ttft = residuals_by_other_sources(cases, slopes)
    assert np.abs(itl).max() < 0.2
    assert np.abs(ttft).max() < 0.3


def test_a_run_of_speculation_or_of_an_unknown_model_teaches_nothing(tmp_path: Path) -> None:
    three = rows([(10.0, 5.0)] * len(LOADS))[: len(LOADS)]
    three[0]["doubt"] = "speculative decoding"
    three[1]["model"] = "somebody/else"

    assert [
        case.line.resolved.name for case in read_cases(write(tmp_path / "runs.csv", three), load_catalog())
    ] == ["Qwen/Qwen3-14B"]


def test_few_are_chosen_evenly_from_a_source(tmp_path: Path) -> None:
    path = write(tmp_path / "runs.csv", rows([(10.0, 5.0)] * len(LOADS)))

    assert [case.source for case in read_cases(path, load_catalog(), 1)] == [
        "people/number-0",
        "people/number-1",
    ]


def test_a_range_holds_the_asked_share_of_a_large_cell() -> None:
    rng = np.random.default_rng(5)
    left = rng.normal(0.1, 0.4, 4000)

    found = fit_intervals([LOAD_CLASSES[0]] * 4000, left, np.ones(4000))[LOAD_CLASSES[0]]

    inside = (left >= np.log(found.low)) & (left <= np.log(found.high))
    assert inside.mean() == pytest.approx(0.82, abs=0.01)


def test_a_cell_without_runs_leans_on_all_of_them() -> None:
    left = np.linspace(-1, 1, 101)

    ranges = fit_intervals([LOAD_CLASSES[0]] * 101, left, np.ones(101))

    assert set(ranges) == set(LOAD_CLASSES)
    assert ranges["burst queue"].low < 1 < ranges["burst queue"].high


def test_a_heavier_run_moves_the_quantile() -> None:
    values = np.array([1.0, 2.0, 3.0])

    assert weighted_quantile(values, np.array([1.0, 1.0, 1.0]), 0.5) == 2.0
    assert weighted_quantile(values, np.array([1.0, 1.0, 10.0]), 0.5) > 2.0
