"""Winners at other loads, the Pareto front and the views of one search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.planning import SearchSpace, Wishes, make_plan, specify
from compass.planning.ranking import (
    LIKELY,
    WEIGHTS,
    as_fast_as_the_fastest,
    cost_score,
    expected_score,
    pareto,
    quality_score,
    scores,
    view_winners,
)
from compass.planning.search import FeasibleTable, Search, feasible_table, run_search
from compass.planning.winner_by_load import WinnerByLoad
from tests.unit.compass.planning.planned_requests import known


@pytest.fixture(scope="module")
def search(search_space: SearchSpace) -> Search:
    wishes = Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300)
    return run_search(search_space, specify(search_space.catalog, wishes))


@pytest.fixture(scope="module")
def feasible(search: Search) -> FeasibleTable:
    return feasible_table(search, search.specification.peak_requests_per_second)


@settings(max_examples=8)
@given(peaks=st.lists(st.floats(0.2, 400), min_size=1, max_size=4))
def test_the_winner_at_any_load_is_that_of_a_whole_plan(search: Search, peaks: list[float]) -> None:
    winners = WinnerByLoad(search).winners(np.array(peaks))

    for peak, winner in zip(peaks, winners, strict=True):
        specification = search.specification.model_copy(update={"peak_requests_per_second": peak})
        best = make_plan(search.space, specification).options[0]
        assert winner is not None
        candidate = search.space.candidates[winner.candidate]
        assert (candidate.checkpoint.id, candidate.gpu.name) == (best.checkpoint, best.gpu)
        assert winner.replicas == best.replicas
        assert winner.usd_per_month == pytest.approx(best.usd_per_month)


def test_the_front_is_what_nothing_beats(feasible: FeasibleTable) -> None:
    goals = np.column_stack([feasible.usd_per_month, feasible.ttft_ms, -quality_score(feasible.quality)])
    front = np.flatnonzero(pareto(feasible))
    unbeaten = [
        row
        for row in range(len(feasible))
        if not ((goals <= goals[row]).all(axis=1) & (goals < goals[row]).any(axis=1)).any()
    ]

    assert {tuple(goals[row]) for row in front} == {tuple(goals[row]) for row in unbeaten}
    assert len({tuple(goals[row]) for row in front}) == len(front)


def test_no_view_is_won_by_what_probably_fails(search: Search, feasible: FeasibleTable) -> None:
    won = view_winners(search, feasible, scores(feasible, search.specification))

    least = min(LIKELY, float(feasible.surety.max()))
    assert all(feasible.surety[row] >= least for view, row in won.items() if view != "balanced")


def test_lowest_latency_pays_for_no_difference_that_cannot_be_told(
    search: Search, feasible: FeasibleTable
) -> None:
    specification = search.specification
    likely = np.flatnonzero(feasible.surety >= min(LIKELY, float(feasible.surety.max())))
    alike = as_fast_as_the_fastest(search, feasible, likely)
    won = view_winners(search, feasible, scores(feasible, specification))["lowest_latency"]
    relative = feasible.ttft_ms / known(specification.ttft_p95_ms)
    relative = relative + feasible.itl_ms / known(specification.itl_p95_ms)
    fastest = likely[np.argmin(relative[likely])]

    month = feasible.usd_per_month
    assert fastest in alike and won in alike
    assert month[won] == month[alike].min() <= month[fastest]


def test_a_sure_option_beats_an_unsure_one_that_scores_a_little_higher() -> None:
    surety = np.array([0.99, 0.7])
    sure, unsure = expected_score(np.array([0.70, 0.75]), surety, surety)

    assert sure > unsure


def test_doubt_about_an_assumed_target_costs_little_and_less_than_twice_the_money() -> None:
    cost = WEIGHTS["cost"] * cost_score(np.array([5000.0, 10_000.0]))
    cheap, dear = expected_score(0.4 + cost, np.ones(2), np.array([0.3, 0.99]))
    alike, surer = expected_score(np.array([0.7, 0.7]), np.ones(2), np.array([0.5, 0.9]))

    assert cheap > dear and surer > alike
