"""Finds shipped runs whose latencies contradict their stated conditions; plans exclude them.

They stay in use where a run of the same batch is looked up. In a plan, a server that answers from its prefix
cache, or queues requests at an unstated limit, would be taken for one that is faster, or slower, than it is.
"""

import numpy as np
from numpy.typing import NDArray

from calibration.fit_constants import POSSIBLE_RATE, Problem
from compass.capacity import Constants

TTFT_OFF, ITL_OFF = 0.8, 0.55
"""Log residuals of physics beyond which a run is an outlier: ten times the median."""
BATCH = 0.5
"""Share of outliers in a batch (model, precision, GPU, release) from which all of it is excluded."""


def find_outliers(problem: Problem, constants: Constants) -> dict[str, str]:
    """The reason for each outlier, by the label of the run."""
    itl, ttft = problem.predicted(constants)
    rate = problem.implied_rate()
    itl_off, ttft_off = problem.itl - itl, problem.ttft - ttft
    odd = (rate > POSSIBLE_RATE) | (np.abs(itl_off) > ITL_OFF) | (np.abs(ttft_off) > TTFT_OFF)
    batch = batches(problem)
    mates = np.array([odd[batch == name].mean() > BATCH for name in batch]) & ~odd
    return {
        problem.runs.ids[at]: "of a batch that is mostly outliers"
        if mates[at]
        else reason(float(rate[at]), float(itl_off[at]), float(ttft_off[at]))
        for at in np.flatnonzero(odd | mates)
    }


def batches(problem: Problem) -> NDArray[np.str_]:
    """The batch of each run."""
    return np.array([
        f"{config.model} {config.precision} {config.gpu.name} {config.engine_version}"
        for config in problem.runs.configs
    ])  # fmt: skip


def reason(rate: float, itl: float, ttft: float) -> str:
    """The reason in words, from the share of the peak rate and the log residuals of ITL and TTFT."""
    if rate > POSSIBLE_RATE:
        return f"needs {100 * rate:.0f} % of the GPUs' peak, as if prompts were cached"
    if abs(ttft) > TTFT_OFF:
        return f"TTFT is {np.exp(ttft):.3g} times what its concurrency explains"
    return f"ITL is {np.exp(itl):.2g} times what its concurrency explains"
