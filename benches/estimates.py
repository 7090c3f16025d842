"""Operating points a second on one core: `python benches/estimates.py`.

The reference is a numpy exponential over as many numbers as there are operating points, in the same run.
"""

import time
from collections.abc import Callable

import numpy as np

from compass.capacity import Configuration, Estimator
from compass.catalog import load_catalog
from compass.planning.candidates import all_candidates

TARGET = 100_000


def best(run: Callable[[], object], rounds: int = 7) -> float:
    """Shortest of some runs, in seconds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def catalog_configurations() -> list[Configuration]:
    """Configurations that plans search."""
    return [candidate.configuration for candidate in all_candidates(load_catalog())][:2500]


def main() -> None:
    started = time.perf_counter()
    estimator = Estimator.shipped()
    print(f"start: {1000 * (time.perf_counter() - started):.0f} ms")
    configs = catalog_configurations()
    compiling = best(lambda: estimator.compile(configs), 3)
    print(f"compile {len(configs)} configurations: {1000 * compiling:.0f} ms")
    batch = estimator.compile(configs)
    for width in (10, 100):
        loads = np.geomspace(1, 512, width)
        points = len(configs) * width
        cold = best(lambda loads=loads: estimator.compile(configs).predict(loads, 1024, 256), 3)  # type: ignore[misc]
        warm = best(lambda loads=loads: batch.predict(loads, 1024, 256))  # type: ignore[misc]
        reference = best(lambda points=points: np.exp(np.linspace(0, 1, points)))  # type: ignore[misc]
        print(
            f"{points} operating points: {1000 * warm:.1f} ms warm, {1000 * cold:.0f} ms with compiling; "
            f"{points / warm / 1e6:.1f} M/s ({points / warm / TARGET:.0f} x target, "
            f"{warm / reference:.0f} x one exponential)"
        )


if __name__ == "__main__":
    main()
