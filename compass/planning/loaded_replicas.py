"""Replicas under the planned load, whatever its form: how much one carries, latencies, chance to hold.

The load is in requests a second, or in requests in flight of a closed loop. In a closed loop the rate follows
from Little's law: at `b` requests in flight a replica serves the rate λ at which the open model holds `b` of
them on average. A batch job keeps every replica as full as its KV cache, engine and targets allow.
"""

from dataclasses import dataclass

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import Percentile
from compass.planning.slo_probability import Z80, probability_below
from compass.traffic import ProfileBatch, Workload, open_load

RATE_SHARES = np.array([0.05, 0.15, 0.3, 0.45, 0.6, 0.75, 0.87, 0.95, 1.0])
"""Rates, as shares of the highest one that holds, at which requests in flight are computed."""
FULL = 0.97
"""Share of its highest rate at which the latencies of a full replica are read: at the rate itself its queue,
which in a batch job holds what has not been sent yet, would count."""


@dataclass(frozen=True)
class InFlightTable:
    """Requests in flight of N configurations at some rates, arrays of shape (N, len(RATE_SHARES) + 1)."""

    rate_per_s: FloatArray
    in_flight: FloatArray

    @property
    def most(self) -> FloatArray:
        """Requests in flight at the highest rate, shape (N,)."""
        return self.in_flight[:, -1]

    def rate_at(self, in_flight: FloatArray, rows: IntArray) -> FloatArray:
        """Return requests a second of some rows with so many requests in flight each, both of shape (K,)."""
        held, rate = self.in_flight[rows], self.rate_per_s[rows]
        right = np.clip((held < in_flight[:, None]).sum(axis=1), 1, held.shape[1] - 1)
        at = np.arange(len(rows))
        low, high = held[at, right - 1], held[at, right]
        part = (in_flight - low) / np.maximum(high - low, 1e-12)
        # Beyond the highest rate along the last segment: such a load does not hold anyway.
        return np.asarray(rate[at, right - 1] + part * (rate[at, right] - rate[at, right - 1]))


def in_flight_table(
    profiles: ProfileBatch, highest_per_s: FloatArray, workload: Workload, by_sessions: bool = False
) -> InFlightTable:
    """Return requests in flight from an idle replica to one at its highest rate, shape (N,).

    `by_sessions`: sessions in place of requests in flight.
    """
    rates = highest_per_s[:, None] * RATE_SHARES
    held = rates
    if len(rates):
        loads = open_load(profiles, rates, workload)
        held = loads.sessions if by_sessions and loads.sessions is not None else loads.concurrency
    nothing = np.zeros((len(rates), 1))
    return InFlightTable(np.hstack([nothing, rates]), np.hstack([nothing, held]))


def percentiles_at(
    profiles: ProfileBatch, rate_per_s: FloatArray, workload: Workload, percentile: Percentile
) -> tuple[FloatArray, ...]:
    """Return TTFT, ITL, E2E and first answer token in ms, and requests in flight, all of shape (K,)."""
    loads = open_load(profiles, rate_per_s[:, None], workload)
    ttft = loads.ttft(percentile)
    first_answer = ttft if profiles.answers is None else loads.first_answer(percentile)
    arrays = (ttft, loads.itl(percentile), loads.e2e(percentile), first_answer, loads.concurrency)
    return tuple(array[:, 0] for array in arrays)


def in_time(load_share: FloatArray, log_spread: FloatArray) -> FloatArray:
    """Return the probability that a job is done in its window, shape (K,).

    `load_share`: the throughput that is needed over that predicted, whose error is log-normal with the
    estimator's 80 % spread of ITL.
    """
    with np.errstate(divide="ignore"):
        room = -np.log(np.maximum(load_share, 1e-300)) / np.maximum(log_spread / Z80, 1e-12)
    return probability_below(room)
