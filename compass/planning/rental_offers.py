"""Rental offers as arrays: the cheapest way to rent the replicas of thousands of candidates at once."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.planning.cost import HOURS_PER_MONTH, Offer


@dataclass(frozen=True)
class OfferTable:
    """Offers of each GPU, arrays of shape (G, O), filled up with infinite prices."""

    usd_per_gpu_hour: FloatArray
    gpus_per_instance: IntArray
    """1 where GPUs are rented singly."""
    gpus_connected: IntArray
    """The most GPUs that one replica can span."""
    position: IntArray
    """Of the offer in the GPU's own list."""


@dataclass(frozen=True)
class CandidateOffers:
    """Offers that each of K candidates may rent, arrays of shape (K, O); infinite prices where none."""

    replicas_per_unit: IntArray
    """A unit is an instance, or just the GPUs of one replica where GPUs are rented singly."""
    gpus_per_unit: IntArray
    usd_per_gpu_hour: FloatArray
    position: IntArray
    nodes: IntArray
    """Units of one replica, shape (K,)."""

    def take(self, rows: IntArray) -> "CandidateOffers":
        """Return the offers of some of the candidates."""
        return CandidateOffers(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def usd_per_month(self, replicas: IntArray) -> FloatArray:
        """Return the cost of the cheapest offer for `replicas` of shape (K, B); infinite where none fits."""
        best = np.full(replicas.shape, np.inf)
        for column in range(self.replicas_per_unit.shape[1]):
            units = np.ceil(replicas * self.nodes[:, None] / self.replicas_per_unit[:, column, None])
            unit = self.gpus_per_unit[:, column] * self.usd_per_gpu_hour[:, column] * HOURS_PER_MONTH
            best = np.minimum(best, units * unit[:, None])
        return best

    def cheapest(self, replicas: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
        """Return GPUs billed, US dollars per GPU-hour and position of the cheapest offer, `replicas` (K,)."""
        parts = (replicas * self.nodes)[:, None]
        billed = -(-parts // self.replicas_per_unit) * self.gpus_per_unit
        cheapest = (billed * self.usd_per_gpu_hour).argmin(axis=1)
        at = (np.arange(len(replicas)), cheapest)
        return billed[at], self.usd_per_gpu_hour[at], self.position[at]


def offer_table(offers: list[tuple[Offer, ...]]) -> OfferTable:
    """Return the offers of each GPU as arrays, without those that another one dominates."""
    kept = [[place for place in range(len(mine)) if not is_dominated(mine, place)] for mine in offers]
    width = max(1, *(len(places) for places in kept))
    shape = (len(offers), width)
    table = OfferTable(
        usd_per_gpu_hour=np.full(shape, np.inf),
        gpus_per_instance=np.ones(shape, np.int64),
        gpus_connected=np.zeros(shape, np.int64),
        position=np.full(shape, -1, np.int64),
    )
    for gpu, places in enumerate(kept):
        for column, place in enumerate(places):
            offer = offers[gpu][place]
            table.usd_per_gpu_hour[gpu, column] = offer.usd_per_gpu_hour
            table.gpus_per_instance[gpu, column] = offer.gpus_per_instance
            table.gpus_connected[gpu, column] = offer.gpus_connected
            table.position[gpu, column] = place
    return table


def is_dominated(offers: tuple[Offer, ...], place: int) -> bool:
    """Whether another offer is never dearer, whatever is rented; of equal ones the first stays."""
    mine = offers[place]
    for at, other in enumerate(offers):
        no_worse = (
            other.usd_per_gpu_hour <= mine.usd_per_gpu_hour
            and other.gpus_connected >= mine.gpus_connected
            and other.gpus_per_instance in (1, mine.gpus_per_instance)
        )
        terms = (other.usd_per_gpu_hour, other.gpus_connected, other.gpus_per_instance)
        equal = terms == (mine.usd_per_gpu_hour, mine.gpus_connected, mine.gpus_per_instance)
        if at != place and no_worse and (not equal or at < place):
            return True
    return False


def candidate_offers(
    table: OfferTable, gpu_at: IntArray, gpus_per_replica: IntArray, nodes: IntArray
) -> CandidateOffers:
    """Return the offers for candidates on GPUs `gpu_at`, of sizes `gpus_per_replica` over `nodes`, all (K,).

    Instances are rented whole, and hold whole replicas, or the part of one that a machine has.
    """
    instance, replica = table.gpus_per_instance[gpu_at], (gpus_per_replica // nodes)[:, None]
    single = instance == 1
    fits = (replica <= table.gpus_connected[gpu_at]) & (single | (replica <= instance))
    return CandidateOffers(
        replicas_per_unit=np.where(single, 1, np.maximum(1, instance // replica)),
        gpus_per_unit=np.where(single, replica, instance),
        usd_per_gpu_hour=np.where(fits, table.usd_per_gpu_hour[gpu_at], np.inf),
        position=table.position[gpu_at],
        nodes=nodes,
    )
