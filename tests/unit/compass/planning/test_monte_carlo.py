"""Monte Carlo: reproducible, monotone, and the closed form where nothing is uncertain."""

import pytest

from compass.capacity import LatencyProfile
from compass.core import InvalidInput
from compass.planning import Plan, Wishes, make_plan, monte_carlo, replica_of, specify
from compass.planning.monte_carlo import chances, spread_of
from tests.shipped import shipped_field

FIELD = shipped_field()
PLAN: Plan = make_plan(
    FIELD, specify(FIELD.catalog, Wishes(use_case="summarization_short", requests_per_second=50.0))
)
OPTION, WISH = PLAN.options[0], PLAN.specification
PROFILE: LatencyProfile = replica_of(OPTION, WISH, FIELD.catalog, FIELD.estimator)


def test_the_same_seed_gives_the_same_chances_and_another_nearly_so() -> None:
    one, again, other = (chances(PROFILE, WISH, OPTION.replicas, (0.3, 0.3), seed=seed) for seed in (5, 5, 6))

    assert one == again
    assert one.all_targets == pytest.approx(other.all_targets, abs=0.06)


def test_more_replicas_hold_more_often() -> None:
    found = [chances(PROFILE, WISH, count, (0.4, 0.4)).all_targets for count in (3, 4, 6, 9)]

    assert found == sorted(found) and found[0] < found[-1]
    wanted = chances(PROFILE, WISH, OPTION.replicas, (0.3, 0.3)).replicas_for
    assert list(wanted.values()) == sorted(wanted.values())


def test_without_any_doubt_the_chance_is_none_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monte_carlo, "DEMAND", {"stated": 1e-9, "assumed": 1e-9})
    monkeypatch.setattr(monte_carlo, "LENGTH", {"stated": 1e-9, "assumed": 1e-9})

    assert chances(PROFILE, WISH, OPTION.replicas, (1e-9, 1e-9), draws=20).all_targets == 1.0
    assert chances(PROFILE, WISH, 1, (1e-9, 1e-9), draws=20).all_targets == 0.0


def test_all_targets_are_held_no_more_often_than_each() -> None:
    found = chances(PROFILE, WISH, OPTION.replicas, (0.5, 0.5))

    assert found.all_targets <= min(found.ttft, found.itl, found.e2e)


def test_a_stated_rate_is_doubted_less_than_an_assumed_one() -> None:
    guessed = specify(FIELD.catalog, Wishes(use_case="summarization_short", user_count=5000))

    assert spread_of("peak", WISH) < spread_of("peak", guessed)


def test_no_draw_is_refused() -> None:
    with pytest.raises(InvalidInput, match="--runs"):
        chances(PROFILE, WISH, 1, (0.1, 0.1), draws=0)
