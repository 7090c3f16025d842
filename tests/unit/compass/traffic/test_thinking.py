"""Latencies of models that think before they answer: the closed form against the simulation."""

import math
from dataclasses import replace

import numpy as np
import pytest

from compass.capacity import Estimator, LatencyProfile
from compass.catalog import load_catalog
from compass.core import Percentile
from compass.planning import candidate_profile, find_candidate
from compass.traffic import (
    LENGTH_CV,
    Answers,
    OfferedLoad,
    Thinking,
    Workload,
    capacity,
    open_load,
    simulate_load,
    stack,
)

PROMPT, ANSWER = 512, 256


def profile(thinking: int) -> LatencyProfile:
    candidate = find_candidate(load_catalog(), "Qwen3-32B", "H100-SXM", "fp8", 2)
    return candidate_profile(candidate, Estimator.for_plans(), PROMPT, ANSWER + thinking)


@pytest.mark.parametrize("percentile", ["p50", "p95"])
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("thinking", [300, 2000, 8000])
def test_the_closed_form_is_the_simulation(thinking: int, share: float, percentile: Percentile) -> None:
    cv, output = 1.0, ANSWER + thinking
    served, work = profile(thinking), Workload(PROMPT, output, LENGTH_CV, LENGTH_CV)
    spread = math.hypot(thinking * cv, ANSWER * LENGTH_CV) / output
    row = (np.array([float(value)]) for value in (output, spread, thinking, cv))
    batch = replace(stack([served]), answers=Answers(*row))
    rate = share * float(capacity(batch, work, (math.inf,) * 4).rate_per_s[0])

    seen = open_load(batch, rate, work)
    load = OfferedLoad(rate, PROMPT, output, seconds=6000 / rate, thinking=Thinking(thinking, cv))
    run = simulate_load(served, load)

    assert run.first_answer_ms is not None
    pairs = (
        (seen.ttft(percentile), run.ttft_ms), (seen.first_answer(percentile), run.first_answer_ms),
        (seen.e2e(percentile), run.e2e_ms),
    )  # fmt: skip
    for closed, simulated in pairs:
        assert float(closed[0, 0]) == pytest.approx(simulated.at(percentile), rel=0.15)


def test_without_thinking_the_first_token_is_the_answer_s() -> None:
    run = simulate_load(profile(0), OfferedLoad(1.0, PROMPT, ANSWER, seconds=300))

    assert run.first_answer_ms is None
