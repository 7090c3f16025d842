"""Where a plan says that its answer changes, it changes; what it asks has the answers that it foretells."""

from collections.abc import Callable

import pytest

from compass.planning import Option, Plan, SearchSpace, Specification, TippingPoint, Wishes
from tests.unit.compass.planning.planned_requests import (
    REQUESTS,
    SERVICES,
    configuration_key,
    planned,
    planned_at,
)

each = pytest.mark.parametrize("name", REQUESTS)
# Thresholds are known to 0.5 %; two that are nearly alike may change places more than once near it.
JUST_BEFORE = (0.0055, 0.01, 0.02, 0.03)


def winner_under(
    space: SearchSpace, specification: Specification, point: TippingPoint, gpu: str
) -> Callable[[float], Option | None]:
    """The winner as a function of the quantity that tips; None where nothing holds."""

    def winner(value: float) -> Option | None:
        if point.kind == "gpu_price":
            update: dict[str, object] = {"gpu_prices": specification.gpu_prices | {gpu: value}}
        else:
            update = {"peak_requests_per_second": value}
        return next(iter(planned_at(space, specification.model_copy(update=update)).options), None)

    return winner


@each
def test_every_tipping_point_flips_the_answer_where_it_says(
    search_space: SearchSpace, plans: dict[str, Plan], name: str
) -> None:
    plan = plans[name]
    best = plan.options[0]

    for point in plan.tipping_points:
        if point.kind == "next_replica":
            continue
        winner_at = winner_under(search_space, plan.specification, point, best.gpu)
        sign = 1 if point.kind == "load_below" else -1
        before = (winner_at(point.threshold * (1 + sign * part)) for part in JUST_BEFORE)
        assert any(won and configuration_key(won) == configuration_key(best) for won in before), point
        rival = winner_at(point.threshold * (1 - sign * 0.0001))
        if rival is None:
            assert point.then == "nothing holds within the budget"
            continue
        assert configuration_key(rival) != configuration_key(best), point
        assert f"{rival.model.rsplit('/', 1)[-1]} {rival.precision} on" in point.then
        assert rival.gpu in point.then


@pytest.mark.parametrize("name", SERVICES)
def test_above_the_next_replica_s_load_one_more_is_needed(
    search_space: SearchSpace, plans: dict[str, Plan], name: str
) -> None:
    plan = plans[name]
    best = plan.options[0]
    point = next(point for point in plan.tipping_points if point.kind == "next_replica")

    for factor, replicas in ((0.999, best.replicas), (1.0001, best.replicas + 1)):
        update = {"peak_requests_per_second": point.threshold * factor}
        options = planned_at(search_space, plan.specification.model_copy(update=update)).options
        same = [option for option in options if configuration_key(option) == configuration_key(best)]
        assert all(option.replicas == replicas for option in same)


@each
def test_an_answer_to_the_question_gives_what_was_foretold(
    search_space: SearchSpace, plans: dict[str, Plan], name: str
) -> None:
    plan = plans[name]

    for answer in plan.question.answers if plan.question else ():
        number = float(answer.value)
        value = int(number) if answer.field == "user_count" else number
        told = planned(search_space, plan.specification.wishes.changed(**{answer.field: value}))
        if not told.options:
            assert answer.usd_per_month is None
            continue
        best = told.options[0]
        assert answer.usd_per_month == pytest.approx(best.usd_per_month, abs=0.01)
        today = (configuration_key(plan.options[0]), plan.options[0].replicas)
        assert answer.same_option == (today == (configuration_key(best), best.replicas))
        if not answer.same_option:
            assert f"{best.precision} on {best.replicas} × " in answer.then and best.gpu in answer.then


def test_the_question_asks_what_would_be_dearest_to_have_guessed(
    search_space: SearchSpace, plans: dict[str, Plan]
) -> None:
    unsaid = planned(search_space, Wishes(use_case="chatbot_conversational"))

    assert unsaid.question is not None and unsaid.question.answers[0].field == "user_count"
    assert plans["huge"].question is not None
    assert plans["rate and p99"].question is None
