"""Later messages change one thing and keep the rest."""

from typing import Any

import pytest

from agent.intent import understand

FIRST = "support chatbot for 1,000 users on H100, first token within 300 ms, $5,000 a month"


@pytest.mark.parametrize(
    ("later", "changed"),
    [
        ("make it 2,000", {"user_count": 2000}),
        ("add another 500 users", {"user_count": 1500}),
        ("halve the number of users", {"user_count": 500}),
        ("30 % more users", {"user_count": 1300}),
        ("double the users and forget the budget", {"user_count": 2000, "budget_usd_per_month": None}),
        ("cut the budget in half", {"budget_usd_per_month": 2500}),
        ("the budget limit is gone", {"budget_usd_per_month": None}),
        ("loosen the latency to 600 ms", {"ttft_ms": 600}),
        ("no latency target please", {"ttft_ms": None}),
        ("drop the GPU restriction", {"preferred_gpu_types": ()}),
        ("replace H100 by L40S", {"preferred_gpu_types": ("L40S",)}),
        ("H200 would also be ok", {"preferred_gpu_types": ("H100", "H200")}),
        ("why not the B200?", {}),
        ("thanks, looks good", {}),
        (
            "sorry I meant a code assistant",
            {"use_case": "code_generation_detailed", "experience_class": "interactive"},
        ),
    ],
)
def test_one_thing_changes(later: str, changed: dict[str, Any]) -> None:
    before, now = understand([FIRST]).model_dump(), understand([FIRST, later]).model_dump()

    now.pop("assumptions")
    assert {name: value for name, value in now.items() if value != before[name]} == changed


def test_a_ban_is_lifted_without_becoming_a_wish() -> None:
    intent = understand(["chatbot, 600 users, no L4", "L4 is fine after all"])

    assert (intent.preferred_gpu_types, intent.excluded_gpu_types) == ((), ())


def test_starting_over_forgets() -> None:
    intent = understand([FIRST, "scrap all that and start from zero: translation for 12 people"])

    assert (intent.use_case, intent.user_count, intent.ttft_ms) == ("translation", 12, None)


def test_a_short_message_is_read_in_the_language_of_the_first() -> None:
    assert understand(["assistant RH, 700 salariés", "passe à 1 000 salariés"]).user_count == 1000


@pytest.mark.parametrize(
    "text",
    ["What is 17 times 23?", "Raconte-moi une blague", "translate 'good morning' into French please",
     "Wie lange muss ein Ei kochen?", "i need a hotel in Lisbon for 2 nights"],
)  # fmt: skip
def test_other_topics_are_told(text: str) -> None:
    assert understand([text]).on_topic is False
    assert understand([FIRST, text]).user_count == 1000
