"""Own hardware and the break-even against an API, checked by hand."""

import pytest

from compass.core import InvalidInput
from compass.planning import break_even_requests_per_second, own_hardware_usd_per_hour


def test_own_hardware_is_purchase_over_its_years_and_power() -> None:
    usd = own_hardware_usd_per_hour(26_280, years=3, watts=700, usd_per_kwh=0.10)

    assert usd == pytest.approx(26_280 / (3 * 8760) + 0.7 * 1.4 * 0.10)


def test_a_gpu_for_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="years"):
        own_hardware_usd_per_hour(1000, years=0, watts=1, usd_per_kwh=1)


def test_the_break_even_costs_what_the_api_does() -> None:
    rate = break_even_requests_per_second(2628, 1000, 500, 1.0, 2.0)

    assert rate * 730 * 3600 * (1000 * 1.0 + 500 * 2.0) / 1e6 == pytest.approx(2628)
