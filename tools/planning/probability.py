"""How likely an option holds its targets, given how far its predictions may be off."""

from statistics import NormalDist

import numpy as np

from tools.capacity.types import FloatArray

# An 80 % interval reaches this many standard deviations to each side.
Z80 = 1.2815515655446004
# Each of the two model errors is taken at so many equally likely places, in all pairs.
PLACES = 12


def errors() -> tuple[FloatArray, FloatArray]:
    """Standard normal errors of TTFT and ITL, all pairs, shape (PLACES²,) each."""
    normal = NormalDist()
    places = np.array([normal.inv_cdf((at + 0.5) / PLACES) for at in range(PLACES)])
    return np.repeat(places, PLACES), np.tile(places, PLACES)


ERRORS = errors()


def holding_probability(
    predicted: tuple[FloatArray, FloatArray, FloatArray],
    targets: tuple[float, float, float],
    ttft_log_spread: FloatArray,
    itl_log_spread: FloatArray,
) -> FloatArray:
    """Probability that TTFT, ITL and E2E all hold, shape (K,).

    Errors of TTFT and of ITL are log-normal with the estimator's 80 % spreads and independent; E2E is
    mostly decoding and moves with ITL.
    """
    ttft, itl, e2e = predicted
    sigma_ttft, sigma_itl = ttft_log_spread / Z80, itl_log_spread / Z80
    off_ttft = np.exp(sigma_ttft[:, None] * ERRORS[0])
    off_itl = np.exp(sigma_itl[:, None] * ERRORS[1])
    with np.errstate(invalid="ignore"):
        # Both are infinite where a replica is saturated: such a load does not hold anyway.
        decode = np.nan_to_num(np.maximum(e2e - ttft, 0.0), nan=np.inf)
    holds = (
        (ttft[:, None] * off_ttft <= targets[0])
        & (itl[:, None] * off_itl <= targets[1])
        & (ttft[:, None] * off_ttft + decode[:, None] * off_itl <= targets[2])
    )
    return np.asarray(holds.mean(axis=1))
