"""Shown options against the simulation: the replicas hold, one fewer does not or is said to be spare."""

import pytest

from compass.planning import Plan, SearchSpace, Wishes, verify_plan
from compass.planning.verification import contradictions, missed_targets
from tests.unit.compass.planning.planned_requests import REQUESTS, known, planned

each = pytest.mark.parametrize("name", REQUESTS)


@each
def test_the_simulation_holds_or_the_plan_says_that_it_does_not(plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]

    assert plan.options[0].simulated is not None and plan.options[0].simulated.holds
    for option in plan.options:
        seen = option.simulated
        assert seen is not None
        said = contradictions([option], plan.specification)
        assert seen.holds == (not said) and set(said) <= set(plan.remarks)
        values = (seen.ttft_ms, seen.itl_ms, seen.e2e_ms, seen.first_answer_ms or seen.ttft_ms)
        assert missed_targets(values, plan.specification) == seen.broken


@each
def test_one_replica_fewer_breaks_a_target_or_is_the_headroom(plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]

    for option in plan.options:
        assert option.simulated is not None
        kind, words = option.simulated.one_fewer_kind, option.simulated.one_fewer
        assert (kind == "last_replica") == (option.replicas == 1)
        assert option.replicas == 1 or words.startswith(f"{option.replicas - 1} ")
        assert (kind == "n+1") <= (plan.specification.availability == "n+1")


def test_the_spare_of_n_plus_one_is_called_by_its_name(plans: dict[str, Plan]) -> None:
    balanced = plans["n+1"].options[0].simulated

    assert balanced is not None and balanced.holds and balanced.one_fewer_kind == "n+1"


def test_the_closed_form_of_itl_is_near_the_simulation(search_space: SearchSpace) -> None:
    plan = verify_plan(
        search_space,
        planned(search_space, Wishes(use_case="summarization_short", requests_per_second=50.0)),
    )

    for option in plan.options:
        assert option.simulated is not None
        assert option.simulated.itl_ms == pytest.approx(option.itl_p95_ms.value, rel=0.35)


def test_a_miss_is_found_and_said(plans: dict[str, Plan]) -> None:
    option, specification = plans["support"].options[0], plans["support"].specification
    late = (
        known(specification.ttft_p95_ms) * 2, known(specification.itl_p95_ms) / 2,
        known(specification.e2e_p95_ms) / 2, 1.0,
    )  # fmt: skip

    assert missed_targets(late, specification) == ("TTFT",)
    assert option.simulated is not None
    missing = option.simulated.model_copy(update={"holds": False, "broken": ("TTFT",)})
    (sentence,) = contradictions([option.model_copy(update={"simulated": missing})], specification)
    assert "misses TTFT" in sentence
