"""Shipped runs that are no evidence for a plan: what they show is not what their columns say.

They stay in use where a run of the same batch is looked up. A plan trusts none of them: a server that answers
from its prefix cache, or lets requests queue at a limit that the row does not tell, would be taken for one
that is faster, or slower, than it can be.
"""

import numpy as np
from numpy.typing import NDArray

from calibration.fit_constants import POSSIBLE_RATE, Problem
from compass.capacity.constants import Constants

TTFT_OFF, ITL_OFF = 0.8, 0.55
"""Log residuals of physics beyond which nothing that the columns say explains a run: ten times the median."""
BATCH = 0.5
"""Share of a batch (model, precision, GPU, release) from which the rest of it is not trusted either."""


def set_aside(problem: Problem, constants: Constants) -> dict[str, str]:
    """Label of each run that no plan should lean on, and why."""
    itl, ttft = problem.predicted(constants)
    rate = problem.implied_rate()
    itl_off, ttft_off = problem.itl - itl, problem.ttft - ttft
    odd = (rate > POSSIBLE_RATE) | (np.abs(itl_off) > ITL_OFF) | (np.abs(ttft_off) > TTFT_OFF)
    batch = batches(problem)
    mates = np.array([odd[batch == name].mean() > BATCH for name in batch]) & ~odd
    return {
        problem.runs.ids[at]: "of a batch most of which is set aside"
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
    """In words, from the share of the peak and the log residuals of ITL and TTFT."""
    if rate > POSSIBLE_RATE:
        return f"needs {100 * rate:.0f} % of the GPUs' peak, as if prompts were cached"
    if abs(ttft) > TTFT_OFF:
        return f"TTFT is {np.exp(ttft):.3g} times what its concurrency explains"
    return f"ITL is {np.exp(itl):.2g} times what its concurrency explains"
