"""Fits the factors of GPU generations to published runs, by the Gauss-Newton method on simulated latencies.

Each run is served in virtual time; the slopes are differences, one evaluation for each kind of factor, since
a run feels the factors of its own generation alone. Huber's weights keep single runs from pulling, and a
prior keeps what a few runs say near what is plausible. Of the generations that the shipped runs have, the
factors are those of the habits of people who publish, whose engines are less tuned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from calibration.published_runs import Case, Estimates, estimate_cases, source_weights
from compass.capacity import BoolArray, Factors, FloatArray, Generations

KINDS = ("bandwidth", "compute", "overhead", "experts", "exchange")
DEVIATION = (0.08, 0.12, 0.18, 0.18, 0.4)
"""Standard deviation of the prior on the log of each kind of factor."""
HABIT = 0.3
"""Share of that deviation for generations whose constants are measured."""
MEASURED = ("Hopper", "Blackwell")
"""Generations of the shipped runs: their factors only describe less tuned engines."""
PRIORS: Mapping[str, tuple[float, ...]] = {
    "Hopper": (1.0, 1.0, 1.15, 0.7, 1.5),
    "Blackwell": (1.0, 1.0, 1.15, 0.7, 1.5),
    "Ampere": (0.85, 1.15, 1.3, 1.0, 1.0),
    "Ampere RTX": (0.88, 0.9, 1.2, 1.0, 1.0),
    "Ada": (1.0, 1.1, 1.0, 0.7, 1.0),
    "Blackwell RTX": (0.97, 1.4, 1.1, 0.7, 1.5),
    "CDNA3": (0.75, 0.5, 1.5, 0.7, 2.5),
    "Gaudi": (1.0, 0.6, 1.4, 0.7, 1.0),
    "Volta": (0.92, 0.9, 1.1, 1.0, 1.0),
}
"""Centres of the priors. Ampere, Ada and Blackwell RTX: between another tool's estimates from measured
kernels (A100, L40S, RTX PRO 6000, over our physics, against the same for H100) and the runs; the others:
Hopper's constants, taken down where kernels are younger (AMD's and Intel's). Of experts: vLLM warns that its
kernel for them may be slow without a tuned file, and few published models have one. Of exchange: messages of
a decode step are small, which PCIe and AMD's library are slow at. One step of the method is then enough."""
LIKE = {"Turing": "Volta", "CDNA4": "CDNA3"}
"""Generations with too few runs, and the one whose factors they take."""
STEP = 0.15
SOURCE_WEIGHT = 5.0
"""Most runs that a source counts as: its errors are shared by all of its runs."""
HUBER = 0.35
SCATTER = 0.35
"""Standard deviation of the log residual of a run of weight one."""
TTFT_WEIGHT = 0.5
DOUBTS = (("power", 0.15, 0.05), ("old engine", 0.25, 0.1), ("in process", 0.5, 0.25))
"""Factors on the weights of ITL and of TTFT where a run's doubt contains a word."""
DOUBT_SHARE = 0.5
"""Share of the scatter of a generation's runs that its intervals grow by."""


@dataclass(frozen=True)
class Slopes:
    """The last round's linear system: residuals, weights and slopes, rows of ITL, then of TTFT: (2C, …)."""

    residual: FloatArray
    weight: FloatArray
    slope: FloatArray
    """Shape (2C, parameters)."""
    usable: BoolArray
    place: FloatArray
    """Where the parameters (logs) were, the centre of the prior: shape (parameters,)."""
    estimates: Estimates

    def step(self, use: BoolArray | None = None) -> FloatArray:
        """The Gauss-Newton step from the rows in `use`, shape (parameters,)."""
        rows = self.usable if use is None else self.usable & use
        slope, residual, weight = self.slope[rows], self.residual[rows], self.weight[rows] / SCATTER**2
        trust = [HABIT if name in MEASURED else 1.0 for name in PRIORS]
        deviation = np.outer(trust, DEVIATION).ravel()
        found: FloatArray = np.zeros(len(self.place))
        for _ in range(12):
            left = np.abs(residual - slope @ found)
            robust = weight * np.minimum(1.0, HUBER / np.maximum(left, 1e-9))
            matrix = slope.T @ (slope * robust[:, None]) + np.diag(deviation**-2)
            pull = slope.T @ (robust * residual)
            found = np.asarray(np.linalg.solve(matrix, pull), dtype=np.float64)
        return found


def fit_generations(cases: Sequence[Case]) -> tuple[Generations, Slopes]:
    """Fit the factors of every generation, without their doubt; also returns the linear system."""
    slopes = linearise(cases, np.log(np.array(list(PRIORS.values()))).ravel())
    return as_generations(slopes.place + slopes.step()), slopes


def linearise(cases: Sequence[Case], place: FloatArray) -> Slopes:
    """Residuals of the cases at some parameters, and their derivatives."""
    base = estimate_cases(cases, as_generations(place))
    names = list(PRIORS)
    of_case = np.array([names.index(g) if (g := factors_generation(case)) in names else -1 for case in cases])
    slope = np.zeros((2 * len(cases), len(place)))
    for kind in range(len(KINDS)):
        moved = place.copy()
        moved[kind :: len(KINDS)] += STEP
        there = estimate_cases(cases, as_generations(moved))
        change = np.concatenate([np.log(there.itl / base.itl), np.log(there.ttft / base.ttft)]) / STEP
        for at in range(len(names)):
            mine = np.tile(of_case == at, 2)
            slope[mine, at * len(KINDS) + kind] = change[mine]
    measured = np.log([[case.itl for case in cases], [case.ttft for case in cases]]).ravel()
    residual = measured - np.log(np.concatenate([base.itl, base.ttft]))
    weight = weights(cases)
    usable = np.isfinite(residual) & np.isfinite(slope).all(axis=1) & (weight > 0)
    return Slopes(residual, weight, np.nan_to_num(slope), usable, place, base)


def factors_generation(case: Case) -> str:
    """The generation whose factors apply to a case."""
    return LIKE.get(case.generation, case.generation)


def weights(cases: Sequence[Case]) -> FloatArray:
    """Row weights, shape (2C,): per-source cap times a penalty for doubtful runs."""
    itl, ttft = np.ones(len(cases)), np.full(len(cases), TTFT_WEIGHT)
    for at, case in enumerate(cases):
        for word, of_itl, of_ttft in DOUBTS:
            if word in case.doubt:
                itl[at], ttft[at] = itl[at] * of_itl, ttft[at] * of_ttft
    of_source = source_weights(cases, SOURCE_WEIGHT)
    result: FloatArray = np.concatenate([itl * of_source, ttft * of_source])
    return result


def as_generations(place: FloatArray) -> Generations:
    """Parameters (logs) as factors by generation."""
    rows = np.exp(place).reshape(-1, len(KINDS))
    found = {name: Factors(*map(float, row)) for name, row in zip(PRIORS, rows, strict=True)}
    return found | {name: found[other] for name, other in LIKE.items()}


def with_doubt(generations: Generations, cases: Sequence[Case], left: FloatArray) -> Generations:
    """The factors with their doubt, from the scatter between sources.

    `left`: log residuals of ITL by the factors of other sources, shape (C,).
    """
    clear = np.array([not case.doubt for case in cases]) & np.isfinite(left)
    everyone = float(np.quantile(np.abs(left[clear]), 0.8))
    result = {}
    for name, factors in generations.items():
        mine = clear & np.array([case.generation == name for case in cases])
        count = int(mine.sum())
        own = float(np.quantile(np.abs(left[mine]), 0.8)) if count else everyone
        shrunk = (count * own + 10 * everyone) / (count + 10)
        rounded = {field.name: round(getattr(factors, field.name), 3) for field in fields(Factors)}
        result[name] = replace(Factors(**rounded), doubt=round(DOUBT_SHARE * shrunk, 2))
    return result
