"""Factors of the load and own prices, read from messages."""

import pytest

from agent.intent import understand

CHATBOT = "a support chatbot for 5,000 users"
NAMES = (
    "active_share", "requests_per_minute", "peak_factor", "prefix_cache_hit_rate", "provider", "pricing",
    "gpu_prices",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40 % active at once", {"active_share": 0.4}),
        ("active share: 0.25", {"active_share": 0.25}),
        ("about 30% of them are active", {"active_share": 0.3}),
        ("each sends 3 messages a minute per user", {"requests_per_minute": 3}),
        ("the peak is 2.5 times the mean", {"peak_factor": 2.5}),
        ("the prefix cache answers 60 % of the prompt", {"prefix_cache_hit_rate": 0.6}),
        ("on aws with spot instances", {"provider": "aws", "pricing": "spot"}),
        ("My GPU prices: H100-SXM=2.20, L40S=0.95.", {"gpu_prices": ("H100-SXM=2.20", "L40S=0.95")}),
        ("we pay $2.20 an hour for an H100", {"gpu_prices": ("H100=2.20",)}),
        ("my H100 costs $2.20 an hour", {"gpu_prices": ("H100=2.20",)}),
        ("make it within 300 ms, 95 % of the time", {}),
        ("5 requests a second at peak, on AMD MI300X", {}),
    ],
)
def test_what_a_follow_up_says_of_load_and_prices(text: str, expected: dict[str, object]) -> None:
    stated = understand([CHATBOT, text]).stated()

    assert {name: stated[name] for name in NAMES if name in stated} == expected


def test_a_later_message_wins() -> None:
    intent = understand([CHATBOT, "20 % active at once", "no, 50 % active at once"])

    assert intent.active_share == 0.5


@pytest.mark.parametrize("text", ["my H100 costs $2.20 an hour", "we pay $2.20 per hour for an H100"])
def test_what_a_gpu_costs_an_hour_is_no_budget(text: str) -> None:
    intent = understand([f"{CHATBOT}, {text}"])

    assert intent.gpu_prices == ("H100=2.20",)
    assert intent.budget_usd_per_month is None


def test_a_price_tag_says_what_a_gpu_costs_and_not_that_it_is_wanted() -> None:
    intent = understand([f"{CHATBOT}, L4=0.50"])

    assert intent.gpu_prices == ("L4=0.50",)
    assert intent.preferred_gpu_types == ()
