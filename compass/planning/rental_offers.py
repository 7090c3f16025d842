"""What replicas cost at the cheapest offer of their GPU, for thousands of candidates at once."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.planning.cost import HOURS_A_MONTH, Offer


@dataclass(frozen=True)
class Market:
    """Offers of each GPU, arrays of shape (G, O), filled up with infinite prices."""

    usd_per_gpu_hour: FloatArray
    lot: IntArray
    largest: IntArray
    position: IntArray
    """Of the offer in the GPU's own list."""


@dataclass(frozen=True)
class Terms:
    """What each of K candidates may rent, arrays of shape (K, O); infinite prices where that is nothing."""

    together: IntArray
    """Replicas that a unit holds: a machine, or just one replica where GPUs are rented singly."""
    gpus: IntArray
    """GPUs of a unit."""
    usd_per_gpu_hour: FloatArray
    position: IntArray

    def take(self, rows: IntArray) -> "Terms":
        """Some of the candidates."""
        return Terms(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def usd_per_month(self, replicas: IntArray) -> FloatArray:
        """The cheapest offer for `replicas` of shape (K, B); infinite where none fits."""
        best = np.full(replicas.shape, np.inf)
        for column in range(self.together.shape[1]):
            units = np.ceil(replicas / self.together[:, column, None])
            unit = self.gpus[:, column] * self.usd_per_gpu_hour[:, column] * HOURS_A_MONTH
            best = np.minimum(best, units * unit[:, None])
        return best

    def bill(self, replicas: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
        """GPUs billed, US dollars per GPU-hour and the offer's position, cheapest for `replicas` (K,)."""
        billed = -(-replicas[:, None] // self.together) * self.gpus
        cheapest = (billed * self.usd_per_gpu_hour).argmin(axis=1)
        at = (np.arange(len(replicas)), cheapest)
        return billed[at], self.usd_per_gpu_hour[at], self.position[at]


def market_of(offers: list[tuple[Offer, ...]]) -> Market:
    """Offers by GPU as arrays, without those that another one beats for every number of GPUs."""
    kept = [[place for place in range(len(mine)) if not beaten(mine, place)] for mine in offers]
    width = max(1, *(len(places) for places in kept))
    shape = (len(offers), width)
    found = Market(np.full(shape, np.inf), np.ones(shape, np.int64), np.zeros(shape, np.int64),
                   np.full(shape, -1, np.int64))  # fmt: skip
    for gpu, places in enumerate(kept):
        for column, place in enumerate(places):
            offer = offers[gpu][place]
            found.usd_per_gpu_hour[gpu, column] = offer.usd_per_gpu_hour
            found.lot[gpu, column] = offer.lot
            found.largest[gpu, column] = offer.largest
            found.position[gpu, column] = place
    return found


def beaten(offers: tuple[Offer, ...], place: int) -> bool:
    """Whether another offer is never dearer, whatever is rented; of equal ones the first stays."""
    mine = offers[place]
    for at, other in enumerate(offers):
        no_worse = (
            other.usd_per_gpu_hour <= mine.usd_per_gpu_hour
            and other.largest >= mine.largest
            and other.lot in (1, mine.lot)
        )
        terms = (other.usd_per_gpu_hour, other.largest, other.lot)
        equal = terms == (mine.usd_per_gpu_hour, mine.largest, mine.lot)
        if at != place and no_worse and (not equal or at < place):
            return True
    return False


def terms_of(market: Market, gpu_at: IntArray, size: IntArray) -> Terms:
    """The offers for candidates on GPUs and of sizes (K,).

    An offer in lots rents whole machines, which hold whole replicas.
    """
    lot, width = market.lot[gpu_at], size[:, None]
    fits = (width <= market.largest[gpu_at]) & ((lot == 1) | (width <= lot))
    return Terms(
        together=np.where(lot == 1, 1, np.maximum(1, lot // width)),
        gpus=np.where(lot == 1, width, lot),
        usd_per_gpu_hour=np.where(fits, market.usd_per_gpu_hour[gpu_at], np.inf),
        position=market.position[gpu_at],
    )
