"""Monte Carlo: reproducible, monotone, and the closed form where nothing is uncertain."""

import pytest

from compass.capacity import LatencyProfile
from compass.core import InvalidInput
from compass.planning import (
    Option,
    Plan,
    SearchSpace,
    Specification,
    Wishes,
    chances,
    monte_carlo,
    replica_of,
    specify,
)
from compass.planning.monte_carlo import spread_of
from tests.unit.compass.planning.planned_requests import planned


@pytest.fixture(scope="module")
def plan(search_space: SearchSpace) -> Plan:
    return planned(search_space, Wishes(use_case="summarization_short", requests_per_second=50.0))


@pytest.fixture(scope="module")
def option(plan: Plan) -> Option:
    return plan.options[0]


@pytest.fixture(scope="module")
def specification(plan: Plan) -> Specification:
    return plan.specification


@pytest.fixture(scope="module")
def profile(search_space: SearchSpace, option: Option, specification: Specification) -> LatencyProfile:
    return replica_of(option, specification, search_space.catalog, search_space.estimator)


def test_the_same_seed_gives_the_same_chances_and_another_nearly_so(
    profile: LatencyProfile, specification: Specification, option: Option
) -> None:
    one, again, other = (
        chances(profile, specification, option.replicas, (0.3, 0.3), seed=seed) for seed in (5, 5, 6)
    )

    assert one == again
    assert one.all_targets == pytest.approx(other.all_targets, abs=0.06)


def test_more_replicas_hold_more_often(
    profile: LatencyProfile, specification: Specification, option: Option
) -> None:
    held = [chances(profile, specification, count, (0.4, 0.4)).all_targets for count in (3, 4, 6, 9)]

    assert held == sorted(held) and held[0] < held[-1]
    needed = chances(profile, specification, option.replicas, (0.3, 0.3)).replicas_for
    assert list(needed.values()) == sorted(needed.values())


def test_without_any_doubt_the_chance_is_none_or_all(
    monkeypatch: pytest.MonkeyPatch, profile: LatencyProfile, specification: Specification, option: Option
) -> None:
    monkeypatch.setattr(monte_carlo, "DEMAND", {"stated": 1e-9, "assumed": 1e-9})
    monkeypatch.setattr(monte_carlo, "LENGTH", {"stated": 1e-9, "assumed": 1e-9})

    assert chances(profile, specification, option.replicas, (1e-9, 1e-9), draws=20).all_targets == 1.0
    assert chances(profile, specification, 1, (1e-9, 1e-9), draws=20).all_targets == 0.0


def test_all_targets_are_held_no_more_often_than_each(
    profile: LatencyProfile, specification: Specification, option: Option
) -> None:
    seen = chances(profile, specification, option.replicas, (0.5, 0.5))

    assert seen.all_targets <= min(seen.ttft, seen.itl, seen.e2e)


def test_a_stated_rate_is_doubted_less_than_an_assumed_one(
    search_space: SearchSpace, specification: Specification
) -> None:
    guessed = specify(search_space.catalog, Wishes(use_case="summarization_short", user_count=5000))

    assert spread_of("peak", specification) < spread_of("peak", guessed)


def test_no_draw_is_refused(profile: LatencyProfile, specification: Specification) -> None:
    with pytest.raises(InvalidInput, match="--runs"):
        chances(profile, specification, 1, (0.1, 0.1), draws=0)
