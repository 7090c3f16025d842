"""Shown options against the simulation: the replicas hold, one fewer does not or is said to be spare."""

import pytest

from compass.planning import Plan, Wishes, make_plan, specify
from compass.planning.verification import contradictions, misses, verify
from tests.shipped import shipped_field

FIELD = shipped_field()


def planned(**wishes: object) -> Plan:
    return verify(FIELD, make_plan(FIELD, specify(FIELD.catalog, Wishes(**wishes))))


@pytest.mark.parametrize(
    "wishes",
    [
        {"use_case": "chatbot_conversational", "user_count": 5000, "ttft_ms": 300.0},
        {"use_case": "summarization_short", "requests_per_second": 50.0},
        {"use_case": "chatbot_conversational", "user_count": 200_000, "availability": "n+1"},
        {"use_case": "document_analysis_rag", "user_count": 20_000},
        {"use_case": "code_completion", "user_count": 3000},
    ],
    ids=lambda wishes: wishes["use_case"],
)
def test_the_simulation_holds_or_the_plan_says_that_it_does_not(wishes: dict[str, object]) -> None:
    plan = planned(**wishes)

    assert plan.options
    for option in plan.options:
        assert option.simulated is not None
        said = contradictions([option], plan.specification)
        assert option.simulated.holds == (not said) and set(said) <= set(plan.remarks)
        # At light load the closed form spreads over all requests what long prompts do to a few.
        assert option.simulated.itl_ms == pytest.approx(option.itl_p95_ms.value, rel=0.35)


def test_one_replica_fewer_breaks_a_target_or_is_the_headroom() -> None:
    plan = planned(use_case="summarization_short", requests_per_second=50.0)

    for option in plan.options:
        assert option.simulated is not None
        if option.replicas > 1:
            assert option.simulated.one_fewer.startswith(str(option.replicas - 1))
            assert option.simulated.one_fewer_kind in ("breaks", "overloaded", "headroom")


def test_the_spare_of_n_plus_one_is_called_by_its_name() -> None:
    plan = planned(use_case="chatbot_conversational", user_count=200_000, availability="n+1")

    balanced = plan.options[0].simulated
    assert balanced is not None and balanced.holds and balanced.one_fewer_kind == "n+1"


def test_a_miss_is_found_and_said() -> None:
    plan = planned(use_case="chatbot_conversational", user_count=5000)
    wish = plan.specification
    late = (wish.ttft_p95_ms * 2, wish.itl_p95_ms / 2, wish.e2e_p95_ms / 2)

    assert misses(late, wish) == ("TTFT",)
    seen = plan.options[0].simulated
    assert seen is not None
    wrong = plan.options[0].model_copy(
        update={"simulated": seen.model_copy(update={"holds": False, "broken": ("TTFT",)})}
    )
    assert "misses TTFT" in contradictions([wrong], wish)[0]
