"""What the planner counts on: bills, chances, winners at other loads, the front and the views."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.catalog import load_catalog
from compass.planning import Wishes, make_plan, specify
from compass.planning.cost import Offer, offers_of
from compass.planning.ranking import (
    LIKELY,
    as_fast_as_the_fastest,
    expected,
    pareto,
    quality_part,
    scores,
    views,
)
from compass.planning.rental_offers import market_of, terms_of
from compass.planning.search import evaluate, search
from compass.planning.slo_probability import Z80, holding_probability
from compass.planning.winner_by_load import Contest
from tests.shipped import shipped_field

CATALOG = load_catalog()
FIELD = shipped_field()
WISH = specify(CATALOG, Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300))
FOUND = search(FIELD, WISH)
TABLE = evaluate(FOUND, WISH.peak_requests_per_second)
OFFERS = st.builds(
    Offer,
    usd_per_gpu_hour=st.floats(0.5, 10),
    lot=st.sampled_from((1, 2, 4, 8)),
    largest=st.sampled_from((1, 2, 4, 8)),
    source=st.just("somebody"),
)


def cheapest(offers: list[Offer], size: int, replicas: int) -> float:
    """A month by hand: single GPUs as many as are used, machines of a lot as whole ones."""
    costs = [math.inf]
    for offer in offers:
        if size > offer.largest or (offer.lot > 1 and size > offer.lot):
            continue
        gpus = replicas * size
        if offer.lot > 1:
            gpus = math.ceil(replicas / (offer.lot // size)) * offer.lot
        costs.append(gpus * offer.usd_per_gpu_hour * 730)
    return min(costs)


@given(st.lists(OFFERS, min_size=1, max_size=6), st.sampled_from((1, 2, 4, 8)), st.integers(1, 40))
def test_the_bill_is_that_of_the_cheapest_offer_that_fits(
    offers: list[Offer], size: int, replicas: int
) -> None:
    terms = terms_of(market_of([tuple(offers)]), np.array([0]), np.array([size]))
    month = terms.usd_per_month(np.array([[replicas]]))[0, 0]
    billed, price, place = (found[0] for found in terms.bill(np.array([replicas])))

    assert month == pytest.approx(cheapest(offers, size, replicas))
    if math.isfinite(month):
        assert billed * price * 730 == pytest.approx(month)
        assert offers[place].usd_per_gpu_hour == price and billed >= replicas * size


def chance_of(ttft: float, itl: float, e2e: float, spreads: tuple[float, float]) -> float:
    one = [np.array([value]) for value in (ttft, itl, e2e, *spreads)]
    return float(holding_probability((one[0], one[1], one[2]), (300.0, 25.0, 7000.0), one[3], one[4])[0])


def test_a_chance_is_that_of_many_draws() -> None:
    rng = np.random.default_rng(3)
    ttft, itl, decode, spreads = 210.0, 19.0, 5200.0, (0.5, 0.35)
    off_ttft, off_itl = (np.exp(rng.normal(0, width / Z80, 400_000)) for width in spreads)
    drawn = np.mean(
        (ttft * off_ttft <= 300) & (itl * off_itl <= 25) & (ttft * off_ttft + decode * off_itl <= 7000)
    )

    assert chance_of(ttft, itl, ttft + decode, spreads) == pytest.approx(drawn, abs=0.01)


def test_a_chance_is_sure_where_nothing_is_in_doubt_and_none_where_saturated() -> None:
    assert chance_of(100, 10, 3000, (1e-6, 1e-6)) == pytest.approx(1, abs=1e-3)
    assert chance_of(400, 10, 3000, (1e-6, 1e-6)) == pytest.approx(0, abs=1e-3)
    assert chance_of(100, math.inf, math.inf, (0.3, 0.3)) == 0


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(0.2, 400), min_size=1, max_size=4))
def test_the_winner_at_any_load_is_that_of_a_whole_plan(peaks: list[float]) -> None:
    wins = Contest(FOUND).winners(np.array(peaks))

    for peak, win in zip(peaks, wins, strict=True):
        best = make_plan(FIELD, WISH.model_copy(update={"peak_requests_per_second": peak})).options[0]
        assert win is not None
        candidate = FIELD.candidates[win.candidate]
        assert (candidate.checkpoint.id, candidate.gpu.name) == (best.checkpoint, best.gpu)
        assert win.replicas == best.replicas
        assert win.usd_per_month == pytest.approx(best.usd_per_month)


def test_the_front_is_what_nothing_beats() -> None:
    goals = np.column_stack([TABLE.usd_per_month, TABLE.ttft_ms, -quality_part(TABLE.quality)])
    front = np.flatnonzero(pareto(TABLE))
    unbeaten = [
        row
        for row in range(len(TABLE))
        if not ((goals <= goals[row]).all(axis=1) & (goals < goals[row]).any(axis=1)).any()
    ]

    assert {tuple(goals[row]) for row in front} == {tuple(goals[row]) for row in unbeaten}
    assert len({tuple(goals[row]) for row in front}) == len(front)


def test_no_view_is_won_by_what_probably_fails() -> None:
    won = views(FOUND, TABLE, scores(TABLE, WISH))

    least = min(LIKELY, float(TABLE.probability.max()))
    assert all(TABLE.probability[row] >= least for view, row in won.items() if view != "balanced")


def test_lowest_latency_pays_for_no_difference_that_cannot_be_told() -> None:
    likely = np.flatnonzero(TABLE.probability >= min(LIKELY, float(TABLE.probability.max())))
    alike = as_fast_as_the_fastest(FOUND, TABLE, likely)
    won = views(FOUND, TABLE, scores(TABLE, WISH))["lowest_latency"]
    relative = TABLE.ttft_ms / WISH.ttft_p95_ms + TABLE.itl_ms / WISH.itl_p95_ms
    fastest = likely[np.argmin(relative[likely])]

    assert fastest in alike and won in alike
    assert TABLE.usd_per_month[won] == TABLE.usd_per_month[alike].min() <= TABLE.usd_per_month[fastest]


def test_a_sure_option_beats_an_unsure_one_that_scores_a_little_higher() -> None:
    sure, unsure = expected(np.array([0.70]), np.array([0.99])), expected(np.array([0.75]), np.array([0.7]))

    assert sure[0] > unsure[0]


def test_a_price_of_ones_own_is_the_only_offer() -> None:
    wish = WISH.model_copy(update={"gpu_prices": {"H100-SXM": 1.5}})

    (offer,) = offers_of(CATALOG, "H100-SXM", wish)
    assert (offer.usd_per_gpu_hour, offer.lot, offer.source) == (1.5, 1, "your price")
