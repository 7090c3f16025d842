"""Figures in words: no more than is known, never certainty, one form for each."""

import pytest

from compass.core import (
    Interval,
    chance,
    counted,
    exact_milliseconds,
    latency,
    milliseconds,
    money,
    number,
    percent,
    price,
    rounded,
)


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "> 99 %"), (0.9901, "> 99 %"), (0.99, "99 %"), (0.989, "98 %"), (0.8, "80 %"), (0.29, "29 %"),
     (0.01, "1 %"), (0.0099, "< 1 %"), (0.0, "< 1 %")],
)  # fmt: skip
def test_a_chance_is_rounded_down_and_is_never_certain(probability: float, words: str) -> None:
    assert chance(probability) == words


def test_a_share_is_rounded_to_whole_per_cent() -> None:
    assert [percent(share) for share in (0.0, 0.374, 0.376, 1.0, 1.5)] == [
        "0 %", "37 %", "38 %", "100 %", "150 %"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("usd", "words"),
    [(2328.7, "$2,329"), (1_234_567, "$1,234,567"), (9.999, "$10"), (9.99, "$9.99"), (0.46, "$0.46"),
     (0.0298, "$0.03"), (0.0042, "$0.0042"), (0, "$0.00")],
)  # fmt: skip
def test_money_has_thousands_and_below_ten_dollars_cents(usd: float, words: str) -> None:
    assert money(usd) == words


def test_a_listed_price_keeps_its_cents() -> None:
    assert [price(usd) for usd in (2.1, 14.238, 1234)] == ["$2.10", "$14.24", "$1,234.00"]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0.93, "0.93 ms"), (5.508, "5.5 ms"), (47.13, "47 ms"), (99.4, "99 ms"), (99.6, "100 ms"),
     (118.4, "118 ms"), (999.4, "999 ms"), (999.6, "1 s"), (1912, "1.9 s"), (25_000, "25 s"),
     (1_234_000, "1,234 s")],
)  # fmt: skip
def test_a_predicted_time_shows_two_digits_and_is_in_seconds_from_one_up(ms: float, words: str) -> None:
    assert milliseconds(ms) == words


def test_a_stated_time_is_never_rounded() -> None:
    assert [exact_milliseconds(ms) for ms in (300, 12.5, 999, 1250, 60_000)] == [
        "300 ms", "12.5 ms", "999 ms", "1.25 s", "60 s"
    ]  # fmt: skip


def test_an_interval_has_the_unit_of_its_figure() -> None:
    assert latency(Interval(value=47.13, low=25.66, high=86.5)) == "47 ms [26–86]"
    assert latency(Interval(value=1912, low=933, high=3906)) == "1.9 s [0.93–3.9]"
    assert latency(Interval(value=900, low=500, high=1800)) == "900 ms [500–1,800]"


def test_numbers_keep_three_digits_and_never_turn_to_powers_of_ten() -> None:
    assert [number(value) for value in (13.333, 0.5, 999.4, 12_345)] == ["13.3", "0.5", "999", "12,345"]
    assert rounded(12_345) == "12,345"


def test_a_count_agrees_with_its_noun() -> None:
    assert [counted(count, "GPU") for count in (0, 1, 2, 5000)] == ["0 GPUs", "1 GPU", "2 GPUs", "5,000 GPUs"]
