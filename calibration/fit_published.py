"""Fits factors and intervals to published runs: `python -m calibration.fit_published RUNS.csv`.

Fits the factors of GPU generations, then the intervals from what is left of each source when the factors come
from the other sources alone. Writes `data/generations.yaml`, `data/published_intervals.yaml` and
`docs/accuracy-published.md`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import yaml

from calibration.fit_generations import MEASURED, Slopes, fit_generations, with_doubt
from calibration.fit_intervals import fit_intervals
from calibration.published_report import REPORT, report
from calibration.published_runs import FEW, Case, read_cases, source_weights
from compass.capacity import FITTED_DATA, FloatArray, Generations
from compass.catalog import load_catalog
from compass.estimates import INTERVALS_FILE, PublishedInterval, load_class

MOST = 40
"""Most runs of a source and doubt that are used."""


def main() -> None:
    """Fit, and write the data files and the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path)
    cases = read_cases(parser.parse_args().runs, load_catalog(), MOST)
    generations, slopes = fit_generations(cases)
    itl, ttft = residuals_by_other_sources(cases, slopes)
    write_generations(FITTED_DATA / "generations.yaml", with_doubt(generations, cases, itl))
    kinds = load_classes(cases, slopes)
    weight = source_weights(cases, FEW) * np.array([not case.doubt for case in cases])
    ranges = {"ttft": fit_intervals(kinds, ttft, weight), "itl": fit_intervals(kinds, itl, weight)}
    write_intervals(INTERVALS_FILE, ranges)
    REPORT.write_text("\n".join(report(cases, slopes.estimates, itl, ttft, kinds)) + "\n", encoding="utf-8")


def residuals_by_other_sources(cases: Sequence[Case], slopes: Slopes) -> tuple[FloatArray, FloatArray]:
    """Log residuals of ITL and TTFT, shape (C,) each; every source by factors of the other sources."""
    sources = np.array([case.source for case in cases])
    left = np.full((2, len(cases)), np.nan)
    for source in np.unique(sources):
        mine = np.tile(sources == source, 2)
        moved = slopes.residual - slopes.slope @ slopes.step(~mine)
        left[:, sources == source] = moved[mine].reshape(2, -1)
    return left[0], left[1]


def load_classes(cases: Sequence[Case], slopes: Slopes) -> list[str]:
    """The interval class of each case."""
    waiting = np.nan_to_num(slopes.estimates.waiting)
    return [load_class(case.load, float(share)) for case, share in zip(cases, waiting, strict=True)]


def write_generations(path: Path, generations: Generations) -> None:
    """Write the factors of generations, and apart those of habits."""
    rows = {name: asdict(factors) for name, factors in generations.items()}
    content = {
        "generations": {name: row for name, row in rows.items() if name not in MEASURED},
        "habits": {name: rows[name] for name in MEASURED},
    }
    write(
        path,
        (
            "Factors on the fitted constants by generation of GPUs: of those without end-to-end runs among",
            "the shipped ones; and, under habits, of the others as people who publish run them. `doubt` is",
            "the log half width that sources leave between them.",
        ),
        content,
    )


def write_intervals(path: Path, ranges: dict[str, dict[str, PublishedInterval]]) -> None:
    """Write the intervals."""
    content = {name: {key: asdict(row) for key, row in rows.items()} for name, rows in ranges.items()}
    write(path, ("Factors on an estimate between which 80 % of published runs of a kind lie.",), content)


def write(path: Path, title: Sequence[str], content: object) -> None:
    """Write a generated data file."""
    head = [*title, "Written by `python -m calibration.fit_published`; do not edit."]
    text = "".join(f"# {line}\n" for line in head)
    path.write_text(text + yaml.safe_dump(content, sort_keys=False, width=110), encoding="utf-8")


if __name__ == "__main__":
    main()
