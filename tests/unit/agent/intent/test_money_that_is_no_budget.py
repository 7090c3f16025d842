"""Money: only US dollars of a period are a budget; other money is named as not used."""

import pytest

from agent.intent import understand

CHATBOT = "chatbot for 300 users, "


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("$4,000 a month at most", 4000),
        ("no more than $60,000 a year", 5000),
        ("we can spend $12 an hour on all of it", 8760),
        ("budget 3k", 3000),
        ("€5,000 a month at 1 EUR = 1.1 USD", 5500),
        ("4.000 Euro im Monat, Kurs 1,2", 4800),
        ("höchstens 3.000 $ im Monat", 3000),
        ("2 500 $ par mois au maximum", 2500),
    ],
)
def test_budgets(text: str, budget: float) -> None:
    intent = understand([CHATBOT + text])

    assert intent.budget_usd_per_month == pytest.approx(budget)


def test_the_same_money_as_today_is_a_budget() -> None:
    text = (
        "Copilot cost us $1,200 a month. Code completion for 50 engineers on our own GPUs for the same money?"
    )

    assert understand([text]).budget_usd_per_month == 1200


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("we have $50k to buy hardware", "$50k to buy"),
        ("one-off budget of $80,000", "$80,000"),
        ("the host wants 212 francs a month", "212 francs a month"),
        ("höchstens 5.000 € im Monat", "5.000 € im Monat"),
        ("£900 a month at most", "£900 a month"),
        ("today we pay $0.60 per million tokens", "$0.60 per million tokens"),
        ("$15 per user", "$15"),
        ("3 000 euros par mois au maximum", "3 000 euros par mois"),
    ],
)
def test_other_money_is_named_and_not_used(text: str, unread: str) -> None:
    intent = understand([CHATBOT + text])

    assert intent.budget_usd_per_month is None
    assert any(unread in phrase for phrase in intent.unread), intent.unread


def test_an_hourly_amount_is_an_assumption() -> None:
    intent = understand([CHATBOT + "$10 an hour for everything"])

    assert any(entry.field == "budget_usd_per_month" for entry in intent.assumptions)
