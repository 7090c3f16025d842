"""Fits data/field.yaml on published runs: `python -m tools.capacity.fit_field RUNS.csv`.

Residuals of the uncorrected estimates are explained by a ridge regression over the properties of field.py.
A source counts as one voice, whatever its number of rows; rows with a stated doubt count a quarter. Spreads
are the 80 % quantiles of what is left when each source is predicted from the others.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from tools.capacity.batch import Line, simulated, understand
from tools.capacity.estimator import Estimator
from tools.capacity.field import DATA, NEAR, properties
from tools.capacity.types import FloatArray
from tools.errors import CompassError

# Closed loops differ by habits that sources share; under open load little carries over from source to source.
RIDGE = {"closed": 1.2, "open": 40.0}
FOLDS = 8
ROUNDS = 6
HUBER = 0.35
# Doubts that change what is measured: such rows say nothing of a server's latency.
USELESS = ("speculative decoding", "offline tool")
SLOW_TTFT_DOUBT = ("prefix cache likely hit",)


@dataclass(frozen=True)
class Residual:
    """One row's logarithm of measured over estimated, None where the row does not publish it."""

    source: str
    keys: list[str]
    load: str
    ttft: float | None
    itl: float | None
    doubtful: bool
    moves: bool


def main(path: Path) -> None:
    """Fit, print the cross-validated errors, write the data file."""
    rows = [row for row in csv.DictReader(path.open(newline="", encoding="utf-8"))]
    found = [entry for row in rows if (entry := residual(row)) is not None]
    content: dict[str, object] = {}
    for name in ("itl", "ttft"):
        content[name] = fit(name, found)
    head = (
        "# Written by `python -m tools.capacity.fit_field`: logarithms of measured over estimated, "
        "on published runs.\n"
    )
    DATA.write_text(head + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def voice(source: str) -> str:
    """Who published: the repository, without the file's own path."""
    return source.split(" ")[0].casefold()


def residual(row: dict[str, str]) -> Residual | None:
    """The row's residuals, None where it cannot be estimated."""
    if any(word in row["doubt"] for word in USELESS):
        return None
    try:
        line = understand(row)
        ttft, itl, distance = estimate(line)
    except CompassError:
        return None
    seen_ttft, seen_itl = measured(row, "ttft"), measured(row, "itl") or measured(row, "tpot")
    hit = any(word in row["doubt"] for word in SLOW_TTFT_DOUBT)
    return Residual(
        source=voice(row["source"]),
        keys=properties(line.config, line.resolved.known, row),
        load=row["load"],
        ttft=float(np.log(seen_ttft / ttft)) if seen_ttft and not hit else None,
        itl=float(np.log(seen_itl / itl)) if seen_itl else None,
        doubtful=bool(row["doubt"]),
        moves=distance >= NEAR or row["load"] != "closed",
    )


ESTIMATOR = Estimator.shipped()


def estimate(line: Line) -> tuple[float, float, float]:
    """Uncorrected median TTFT and ITL in ms, and the distance to the nearest shipped run."""
    opened = simulated(ESTIMATOR, line)
    if opened is None:
        at = ESTIMATOR.predict(
            [line.config], np.array([line.concurrency]), line.prompt_tokens, line.output_tokens
        )
    else:
        at = opened.prediction
    return float(at.ttft_ms[0, 0]), float(at.itl_ms[0, 0]), float(at.distance[0])


def measured(row: dict[str, str], name: str) -> float | None:
    """The median that a row publishes, else its mean."""
    text = row.get(f"median_{name}_ms") or row.get(f"mean_{name}_ms") or ""
    return float(text) if text and float(text) > 0 else None


def fit(name: str, found: list[Residual]) -> dict[str, object]:
    """Effects and spread for closed loops and for open load, each on its own rows."""
    rows = [entry for entry in found if getattr(entry, name) is not None and entry.moves]
    return {
        load: fit_load(
            name, load, [entry for entry in rows if (entry.load == "closed") == (load == "closed")]
        )
        for load in ("closed", "open")
    }


def fit_load(name: str, load: str, rows: list[Residual]) -> dict[str, object]:
    """Effects on all rows; the spread and the printed errors by leaving sources out."""
    keys = sorted({key for entry in rows for key in entry.keys})
    design = np.array([[1.0] + [float(key in entry.keys) for key in keys] for entry in rows])
    target = np.array([getattr(entry, name) for entry in rows])
    weight = weights(rows)
    sources = sorted({entry.source for entry in rows})
    left = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = np.array([sources.index(entry.source) % FOLDS == fold for entry in rows])
        if held.any() and not held.all():
            left[held] = target[held] - design[held] @ solve(
                design[~held], target[~held], weight[~held], RIDGE[load]
            )
    clear = np.array([not entry.doubtful for entry in rows])
    report(name, load, target[clear], left[clear])
    solution = solve(design, target, weight, RIDGE[load])
    effects = {
        key: round(float(value), 4)
        for key, value in zip(keys, solution[1:], strict=True)
        if abs(value) > 0.01
    }
    spread = round(float(np.quantile(np.abs(left[clear]), 0.83)), 3)
    return {"mean": round(float(solution[0]), 4), "spread": spread, "effects": effects}


def weights(rows: list[Residual]) -> FloatArray:
    """A source's rows share the square root of their number; doubtful rows count a quarter."""
    counts = {source: sum(entry.source == source for entry in rows) for source in {e.source for e in rows}}
    return np.array([(0.25 if entry.doubtful else 1.0) / np.sqrt(counts[entry.source]) for entry in rows])


def solve(design: FloatArray, target: FloatArray, weight: FloatArray, ridge: float) -> FloatArray:
    """Ridge regression with Huber's weights, the mean unpunished."""
    punished = ridge * np.eye(design.shape[1])
    punished[0, 0] = 1e-6
    robust: FloatArray = np.ones(len(target))
    solution: FloatArray = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        both = weight * robust
        gram, seen = design.T @ (design * both[:, None]) + punished, design.T @ (target * both)
        solution = np.asarray(np.linalg.solve(gram, seen), dtype=np.float64)
        off = np.abs(target - design @ solution)
        robust = np.asarray(np.minimum(1.0, HUBER / np.maximum(off, 1e-9)))
    return np.asarray(solution)


def report(name: str, load: str, raw: FloatArray, left: FloatArray) -> None:
    """Median errors of rows without doubt, before and after."""
    before, after = (np.median(np.abs(np.expm1(-values))) for values in (raw, left))
    print(f"{name} {load}: {len(raw)} rows, median error {before:.1%} before, {after:.1%} after")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
