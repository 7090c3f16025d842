"""The probability of holding the targets, beside many draws and at its limits."""

import math

import numpy as np
import pytest

from compass.planning.slo_probability import Z80, holding_probability


def probability_of(ttft: float, itl: float, e2e: float, spreads: tuple[float, float]) -> float:
    one = [np.array([value]) for value in (ttft, itl, e2e, *spreads)]
    predicted, targets = (one[0], one[1], one[2], one[0]), (300.0, 25.0, 7000.0, math.inf)
    return float(holding_probability(predicted, targets, one[3], one[4])[0])


def test_a_probability_is_that_of_many_draws() -> None:
    rng = np.random.default_rng(3)
    ttft, itl, decode, spreads = 210.0, 19.0, 5200.0, (0.5, 0.35)
    off_ttft, off_itl = (np.exp(rng.normal(0, width / Z80, 400_000)) for width in spreads)
    drawn = np.mean(
        (ttft * off_ttft <= 300) & (itl * off_itl <= 25) & (ttft * off_ttft + decode * off_itl <= 7000)
    )

    assert probability_of(ttft, itl, ttft + decode, spreads) == pytest.approx(drawn, abs=0.01)


def test_it_is_one_or_none_where_nothing_is_in_doubt_and_none_where_saturated() -> None:
    assert probability_of(100, 10, 3000, (1e-6, 1e-6)) == pytest.approx(1, abs=1e-3)
    assert probability_of(400, 10, 3000, (1e-6, 1e-6)) == pytest.approx(0, abs=1e-3)
    assert probability_of(100, math.inf, math.inf, (0.3, 0.3)) == 0
