"""Runs take part in planning by the grade of their evidence."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np

from compass.benchmarks import Run, shipped_runs
from compass.capacity import Configuration, Estimator, Runs, configuration_of
from compass.capacity.evidence_runs import DOUBT, MOST_RUNS, load_of, runs_of
from compass.catalog import load_catalog
from compass.core import EvidenceKind


@cache
def one_run() -> Run:
    """A measured run of 16 concurrent requests."""
    return next(run for run in shipped_runs() if run.concurrency == 16)


def slower(kind: EvidenceKind) -> list[Run]:
    """One run, twice as slow as measured, of some grade; and no other evidence."""
    run = one_run()
    return [replace(run, itl_ms=2 * run.itl_ms, ttft_ms=2 * run.ttft_ms, evidence=kind, source=kind)]  # type: ignore[operator]


def evidence(rows: Iterable[Run]) -> Runs:
    return runs_of(rows, load_catalog())


def predicted(estimator: Estimator, config: Configuration) -> tuple[float, float]:
    found = estimator.predict([config], np.array([16.0]), one_run().prompt_tokens, one_run().output_tokens)
    return float(found.itl_ms[0, 0]), float(found.itl_log_spread[0, 0])


def test_the_better_the_grade_the_more_it_moves_and_the_narrower_the_interval() -> None:
    config = configuration_of(one_run(), load_catalog())
    physics = predicted(Estimator.of_runs(evidence([])), config)
    kinds: tuple[EvidenceKind, ...] = ("measured", "simulated", "estimated")
    found = {kind: predicted(Estimator.of_runs(evidence(slower(kind))), config) for kind in kinds}

    moved = [abs(np.log(found[kind][0] / physics[0])) for kind in kinds]
    assert moved[0] > moved[1] > moved[2] > 0
    assert found["measured"][1] < found["simulated"][1] < found["estimated"][1]


def test_a_prediction_names_the_grade_and_the_source_of_its_nearest_run() -> None:
    label = Estimator.of_runs(evidence(slower("simulated"))).evidence_of(0, 0.01)

    assert label.kind == "simulated" and label.nearest_source == "simulated"
    assert label.nearest is not None and label.nearest.endswith("(simulated)")


def test_an_open_load_is_requests_inside_by_littles_law() -> None:
    open_run = replace(
        one_run(), concurrency=None, request_rate=2.0, ttft_ms=500.0, itl_ms=10.0, output_tokens=151.0
    )

    assert load_of(open_run) == 2.0 * (0.5 + 1.5)
    assert load_of(replace(open_run, ttft_ms=None)) == 0.0


def test_a_flood_of_estimates_never_crowds_out_what_was_measured() -> None:
    flood = [replace(one_run(), label=f"e{at}", evidence="estimated", source="x") for at in range(3000)]
    kept = evidence([*flood, *shipped_runs()])

    assert len(kept) == MOST_RUNS
    assert kept.kinds.count("measured") == len(evidence(shipped_runs()))


def test_a_measured_run_carries_no_doubt_of_its_grade() -> None:
    assert DOUBT["measured"] == {"itl": 0.0, "ttft": 0.0}
    assert not evidence(shipped_runs()).doubt["itl"].any()
