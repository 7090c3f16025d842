"""Writes `docs/accuracy.md`, the errors on held-out runs: `python -m calibration.accuracy`."""

import argparse
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibration.calibrate import fit_interval_widths
from calibration.cross_validation import HeldOut, cross_validate, leave_one_out, relative_error, schemes
from calibration.error_table import HEAD, row
from calibration.fit_constants import Problem
from calibration.fit_likeness import Likeness
from compass.capacity import (
    FittedLatency,
    FloatArray,
    interval_half_width,
    load_constants,
    load_fitted_kernel,
    shipped_evidence,
)

REPORT = Path(__file__).parents[1] / "docs" / "accuracy.md"


@dataclass(frozen=True)
class Scored:
    """Errors of held-out runs, shape (R,), and whether the 80 % interval held them."""

    itl: FloatArray
    ttft: FloatArray
    itl_inside: NDArray[np.bool_]
    ttft_inside: NDArray[np.bool_]

    def row(self, name: str, at: NDArray[np.bool_]) -> str:
        """The table's line of some of the runs."""
        latencies = ((self.itl, self.itl_inside), (self.ttft, self.ttft_inside))
        return row(name, int(at.sum()), [(errors[at], inside[at]) for errors, inside in latencies])


def main() -> None:
    """Cross-validates and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPORT)
    out = parser.parse_args().out
    out.write_text("\n".join(report()) + "\n", encoding="utf-8")


def report() -> list[str]:
    """The lines of the report."""
    problem, constants, kernel = Problem(shipped_evidence()), load_constants(), load_fitted_kernel()
    itl, ttft = (likeness_of(part, problem.runs.ids) for part in (kernel.itl, kernel.ttft))
    problem.with_waiting(constants)
    labels = schemes(problem)
    held = {"one run": leave_one_out(problem, itl, ttft, constants)}
    held |= {name: cross_validate(problem, label, itl, ttft, constants) for name, label in labels.items()}
    intervals = _cross_fitted(problem, held, kernel.outliers)
    scored = {name: score(problem, part, *intervals[name]) for name, part in held.items()}
    every = np.ones(len(problem.runs), dtype=np.bool_)
    lines = [*INTRODUCTION, "", "## By what was held out", "", *HEAD]
    lines += [part.row(name, every) for name, part in scored.items()]
    near, pair = scored["one run in five"], scored["model x GPU pair"]
    for title, part in (("One run in five held out", near), ("Pairs without any run", pair)):
        for kind, values in _kinds(problem).items():
            lines += ["", f"## {title}, by {kind}", "", *HEAD]
            lines += [part.row(value, values == value) for value in np.unique(values)]
    lines += ["", "## By distance of the nearest run", "", *HEAD]
    lines += _by_distance(held["model x GPU pair"].distance, pair)
    lines += [
        "",
        "## Runs that contradict their neighbours",
        "",
        *_doubtful(problem, kernel.itl, kernel.ttft),
        "",
        "## Runs that no plan leans on",
        "",
        *ASIDE,
        "",
        "| run | model | GPUs | tokens | concurrency | TTFT ms | ITL ms | why |",
        "|---|---|---|---|---:|---:|---:|---|",
        *(
            _line(problem, at, kernel.outliers[run])
            for at, run in enumerate(problem.runs.ids)
            if run in kernel.outliers
        ),
    ]
    return lines


INTRODUCTION = (
    "# How far off the estimates are",
    "",
    "Written by `python -m calibration.accuracy`. Every figure is of runs that the fitted model had not",
    "seen: runs are held out in groups, the physical constants and the correction are computed from the",
    "others (the few lengths of the covariance are those of all runs), and the held-out ones are predicted.",
    "Where one run is held out, the constants are those of all. Runs that others published, on other GPUs:",
    "[accuracy-published.md](accuracy-published.md).",
    "The error is |predicted / measured − 1|. An interval is the 80 % one; its width is fitted on other runs",
    "than it is tried on.",
    "",
    "The runs are public InferenceMAX/InferenceX results and vLLM 0.12 runs as distributed in NVIDIA's",
    "aiconfigurator-core 0.12.0 (Apache-2.0): vLLM on H100, H200, B200 and B300, closed loop at a fixed",
    "concurrency. When a pair of model and GPU is held out, the same model on other GPUs remains; where a",
    "model ran on one GPU only, its pair is also the whole model. Distance 0 is the same configuration and",
    "load, below 0.5 a near one; a known model on a sibling of a known GPU is at 0.7, above 2 nothing near",
    "was measured.",
)


ASIDE = (
    "What they show is not what their columns say: as if prompts came from a prefix cache, or as if requests",
    "queued at a limit of the server. They count in the tables above and where a run of the same batch is",
    "looked up; plans would take one server for faster, another for slower, than it can be.",
)


def score(problem: Problem, held: HeldOut, itl_width: FloatArray, ttft_width: FloatArray) -> Scored:
    """Errors and coverage of one scheme."""
    return Scored(
        itl=relative_error(held.itl, problem.itl),
        ttft=relative_error(held.ttft, problem.ttft),
        itl_inside=np.abs(held.itl - problem.itl) <= itl_width,
        ttft_inside=np.abs(held.ttft - problem.ttft) <= ttft_width,
    )


def _cross_fitted(
    problem: Problem, held: dict[str, HeldOut], outliers: Container[str]
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Half widths (log) of every scheme's runs, each fitted on the other half of the runs."""
    waiting = problem.groups.waiting
    said = np.array([run not in outliers for run in problem.runs.ids])
    half = np.random.default_rng(1).integers(0, 2, len(problem.runs))
    fitted_on = ("one run in five", "model x GPU pair")
    result: dict[str, tuple[FloatArray, FloatArray]] = {}
    for name in held:
        widths: list[FloatArray] = []
        for latency in ("itl", "ttft"):
            width = np.zeros(len(problem.runs))
            for side in (0, 1):
                other, mine = (half != side) & said, half == side
                distance = np.concatenate([held[scheme].distance[other] for scheme in fitted_on])
                misses = np.concatenate(
                    [
                        (getattr(held[scheme], latency) - getattr(problem, latency))[other]
                        for scheme in fitted_on
                    ]
                )
                spread = fit_interval_widths(distance, misses, np.tile(waiting[other], len(fitted_on)))
                width[mine] = interval_half_width(spread, held[name].distance[mine], waiting[mine])
            widths.append(width)
        result[name] = (widths[0], widths[1])
    return result


def _kinds(problem: Problem) -> dict[str, NDArray[np.str_]]:
    configs = problem.runs.configs
    return {
        "model": np.array([config.model for config in configs]),
        "GPU": np.array([config.gpu.name for config in configs]),
        "precision": np.array([config.precision for config in configs]),
    }


def _by_distance(distance: FloatArray, scored: Scored) -> list[str]:
    lines: list[str] = []
    for low, high in ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, np.inf)):
        at = (distance >= low) & (distance < high)
        if at.any():
            lines.append(scored.row(f"{low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}", at))
    return lines


def _doubtful(problem: Problem, itl: FittedLatency, ttft: FittedLatency) -> list[str]:
    """Table of the runs whose noise calibration inflated."""
    lines = [
        "| run | model | GPUs | tokens | concurrency | TTFT ms | ITL ms | doubt |",
        "|---|---|---|---|---:|---:|---:|---|",
    ]
    for at, run in enumerate(problem.runs.ids):
        doubts = [name for name, part in (("ITL", itl), ("TTFT", ttft)) if run in part.doubtful]
        if doubts:
            lines.append(_line(problem, at, " and ".join(doubts)))
    return lines


def _line(problem: Problem, at: int, last: str) -> str:
    """The table line of a run, with a last cell."""
    runs = problem.runs
    config = runs.configs[at]
    return (
        f"| {runs.ids[at]} | {config.model} {config.precision} | {config.gpus} x {config.gpu.name} "
        f"| {runs.prompt_tokens[at]:.0f} → {runs.output_tokens[at]:.0f} | {runs.concurrency[at]:.0f} "
        f"| {runs.ttft_ms[at]:.0f} | {runs.itl_ms[at]:.1f} | {last} |"
    )


def likeness_of(part: FittedLatency, ids: Sequence[str]) -> Likeness:
    """The shipped fit of a latency as a `Likeness`."""
    return Likeness(part.components, part.noise, (part.noise_of(ids) / part.noise) ** 2)


if __name__ == "__main__":
    main()
