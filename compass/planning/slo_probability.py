"""Computes the probability that an option holds its targets, given the errors of its predictions."""

from statistics import NormalDist

import numpy as np

from compass.capacity import FloatArray
from compass.traffic import Limits

# An 80 % interval reaches this many standard deviations to each side.
Z80 = 1.2815515655446004
# The error of ITL is taken at so many equally likely quantiles; that of TTFT is integrated exactly.
QUANTILES = 12
NORMAL = NormalDist()
# The normal distribution and its inverse as tables on even grids: looked up, not searched.
REACH, PER_UNIT = 5.0, 200.0
CUMULATIVE = np.array([NORMAL.cdf(at / PER_UNIT - REACH) for at in range(int(2 * REACH * PER_UNIT) + 1)])
PER_ONE = 4096
INVERSE = np.array([NORMAL.inv_cdf(max(at, 0.25) / (PER_ONE + 0.25)) for at in range(PER_ONE + 1)])


def holding_probability(
    predicted: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    targets: Limits,
    ttft_log_spread: FloatArray,
    itl_log_spread: FloatArray,
) -> FloatArray:
    """Return the probability that TTFT, ITL, E2E and first answer token all hold, shape (K,).

    Errors of TTFT and of ITL are log-normal with the estimator's 80 % spreads and independent; what comes
    after the first token is decoding and moves with ITL. Where a replica is saturated (infinite latencies)
    it is 0.
    """
    ttft, itl, e2e, answer = predicted
    finite = np.isfinite(ttft) & np.isfinite(itl) & np.isfinite(e2e)
    first, gap = np.where(finite, ttft, 1.0), np.where(finite, itl, 1.0)
    decode, thinking = (np.maximum(np.where(finite, late, 0.0) - first, 0.0) for late in (e2e, answer))
    sigma_ttft, sigma_itl = ttft_log_spread / Z80, np.maximum(itl_log_spread / Z80, 1e-12)
    itl_holds = probability_below(np.log(targets[1] / gap) / sigma_itl)
    # Given that ITL holds, its error is somewhere below; what it leaves of E2E bounds TTFT.
    shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
    error = INVERSE[(itl_holds[:, None] * shares * PER_ONE + 0.5).astype(np.int64)]
    slower = np.exp(sigma_itl[:, None] * error)
    left = np.minimum(targets[0], targets[2] - decode[:, None] * slower)
    if targets[3] < np.inf:
        left = np.minimum(left, targets[3] - thinking[:, None] * slower)
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.log(np.maximum(left, 0.0) / first[:, None]) / np.maximum(sigma_ttft, 1e-12)[:, None]
    return np.asarray(np.where(finite, itl_holds * probability_below(room).mean(axis=1), 0.0))


def probability_below(z: FloatArray) -> FloatArray:
    """Return the standard normal distribution function."""
    place = np.clip((z + REACH) * PER_UNIT, 0.0, len(CUMULATIVE) - 1.001)
    left = place.astype(np.int64)
    low = CUMULATIVE[left]
    return np.asarray(low + (place - left) * (CUMULATIVE[left + 1] - low))
