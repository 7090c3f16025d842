"""The planner's closed form against the discrete-event simulation, and what both must keep."""

import math

import numpy as np
import pytest

from compass.capacity import Estimator, LatencyProfile
from compass.catalog import load_catalog
from compass.planning import candidate_profile, find_candidate
from compass.traffic import (
    Requests,
    Summary,
    Workload,
    arrival_times,
    capacity,
    lengths,
    open_load,
    simulate,
    stack,
)

CV = 0.25
TARGETS = (500.0, 30.0, 12_000.0, math.inf)


def profile(model: str, gpu: str, size: int, prompt: int, output: int) -> LatencyProfile:
    candidate = find_candidate(load_catalog(), model, gpu, "fp8", size)
    return candidate_profile(candidate, Estimator.for_plans(), prompt, output)


def simulated(chosen: LatencyProfile, rate: float, prompt: int, output: int, seed: int = 3) -> Summary:
    rng = np.random.default_rng(seed)
    times = arrival_times(rng, rate, 900)
    requests = Requests(times, lengths(rng, prompt, CV, len(times)), lengths(rng, output, CV, len(times)))
    return simulate(chosen, requests, warmup_s=60).summary()


CASES = [
    ("Qwen3-8B", "H100", 1, 512, 256),
    ("Llama-3.1-70B", "H200", 4, 1024, 512),
    ("Qwen3-8B", "L40S", 1, 512, 256),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} on {case[2]} × {case[1]}")
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_the_closed_form_agrees_with_the_simulation(
    case: tuple[str, str, int, int, int], share: float
) -> None:
    model, gpu, size, prompt, output = case
    chosen = profile(model, gpu, size, prompt, output)
    work = Workload(prompt, output, CV, CV)
    highest = float(capacity(stack([chosen]), work, TARGETS).rate_per_s[0])

    seen = simulated(chosen, highest * share, prompt, output)
    quick = open_load(stack([chosen]), highest * share, work)

    assert highest > 0
    assert float(quick.itl("p95")[0, 0]) == pytest.approx(seen.itl_ms.p95, rel=0.12)
    assert float(quick.e2e("p95")[0, 0]) == pytest.approx(seen.e2e_ms.p95, rel=0.15)
    assert float(quick.ttft("p95")[0, 0]) == pytest.approx(seen.ttft_ms.p95, rel=0.25)


def test_the_planned_load_holds_its_targets_in_the_simulation() -> None:
    chosen = profile(*CASES[0])
    work = Workload(512, 256, CV, CV)
    highest = float(capacity(stack([chosen]), work, TARGETS).rate_per_s[0])

    seen = simulated(chosen, highest * 0.8, 512, 256)

    assert seen.ttft_ms.p95 <= TARGETS[0] and seen.itl_ms.p95 <= TARGETS[1] and seen.e2e_ms.p95 <= TARGETS[2]


def test_latency_grows_with_load_and_repeats_by_seed() -> None:
    chosen = profile(*CASES[0])
    rates = np.array([1.0, 5.0, 10.0, 20.0])
    quick = open_load(stack([chosen]), rates, Workload(512, 256, CV, CV))

    assert np.all(np.diff(quick.itl("p95")[0]) >= 0) and np.all(np.diff(quick.e2e("p95")[0]) >= 0)
    assert simulated(chosen, 5, 512, 256) == simulated(chosen, 5, 512, 256)


def test_requests_inside_are_rate_times_time_in_the_system() -> None:
    chosen = profile(*CASES[0])

    seen = simulated(chosen, 8, 512, 256)

    assert seen.concurrency == pytest.approx(8 * seen.e2e_ms.mean / 1000, rel=0.08)
