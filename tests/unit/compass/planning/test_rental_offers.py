"""Bills of many candidates at once are those of the cheapest offer that fits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.planning import SearchSpace, Wishes, specify
from compass.planning.cost import Offer, offers_of
from compass.planning.rental_offers import candidate_offers, offer_table

OFFERS = st.builds(
    Offer,
    usd_per_gpu_hour=st.floats(0.5, 10),
    gpus_per_instance=st.sampled_from((1, 2, 4, 8)),
    gpus_connected=st.sampled_from((1, 2, 4, 8)),
    source=st.just("somebody"),
)


def cheapest(offers: list[Offer], gpus_per_replica: int, replicas: int) -> float:
    """A month by hand: single GPUs as many as are used, instances whole."""
    costs = [math.inf]
    for offer in offers:
        instance = offer.gpus_per_instance
        if gpus_per_replica > offer.gpus_connected or (instance > 1 and gpus_per_replica > instance):
            continue
        gpus = replicas * gpus_per_replica
        if instance > 1:
            gpus = math.ceil(replicas / (instance // gpus_per_replica)) * instance
        costs.append(gpus * offer.usd_per_gpu_hour * 730)
    return min(costs)


@given(st.lists(OFFERS, min_size=1, max_size=6), st.sampled_from((1, 2, 4, 8)), st.integers(1, 40))
def test_the_bill_is_that_of_the_cheapest_offer_that_fits(
    offers: list[Offer], gpus_per_replica: int, replicas: int
) -> None:
    table = offer_table([tuple(offers)])
    rentable = candidate_offers(table, np.array([0]), np.array([gpus_per_replica]), np.array([1]))
    month = rentable.usd_per_month(np.array([[replicas]]))[0, 0]
    billed, price, place = (column[0] for column in rentable.cheapest(np.array([replicas])))

    assert month == pytest.approx(cheapest(offers, gpus_per_replica, replicas))
    if math.isfinite(month):
        assert billed * price * 730 == pytest.approx(month)
        assert offers[place].usd_per_gpu_hour == price and billed >= replicas * gpus_per_replica


def test_a_price_of_ones_own_is_the_only_offer(search_space: SearchSpace) -> None:
    wishes = Wishes(use_case="chatbot_conversational", gpu_prices=("H100-SXM=1.5",))

    (offer,) = offers_of(search_space.catalog, "H100-SXM", specify(search_space.catalog, wishes))

    assert (offer.usd_per_gpu_hour, offer.gpus_per_instance, offer.source) == (1.5, 1, "your price")
