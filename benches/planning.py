"""Planning over the whole catalog, in process and warm: median milliseconds, and the share of each part.

The reference is numpy's logarithm of ten million numbers in the same run: this machine may be shared, and the
ratio says what the plan costs where the milliseconds only say how busy the machine was.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.planning import SearchSpace, Wishes, make_plan, specify
from compass.planning.search import feasible_table, run_search

RUNS = 15
TARGET_MS = 50.0
NUMBERS = np.linspace(1.0, 2.0, 10_000_000)
REQUESTS = {
    "chatbot": Wishes(
        use_case="chatbot_conversational", user_count=5000, ttft_ms=500, latency_priority="high"
    ),
    "code": Wishes(use_case="code_generation_detailed", user_count=500, accuracy_priority="high"),
    "batch": Wishes(use_case="summarization_short", experience_class="batch", user_count=2000),
}


def median_ms(work: Callable[[], object]) -> float:
    """Median of some runs after one that warms up."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def least_ms(work: Callable[[], object]) -> float:
    """The shortest of some runs: what the work takes when nothing else runs."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def main() -> None:
    """Print a line a request."""
    catalog = load_catalog()
    space = SearchSpace(catalog, Estimator.for_plans())
    reference = median_ms(lambda: np.log(NUMBERS))
    print(f"{len(space.candidates):,} configurations; reference {reference:.1f} ms")
    for name, wishes in REQUESTS.items():
        specification = specify(catalog, wishes)
        search = run_search(space, specification)
        plan = partial(make_plan, space, specification)
        whole, best = median_ms(plan), least_ms(plan)
        solve = median_ms(partial(run_search, space, specification))
        table = median_ms(partial(feasible_table, search, search.load))
        print(
            f"{name:8} plan {whole:6.1f} ms, at best {best:.1f} (target {TARGET_MS:g}); "
            f"{whole / reference:.2f} references; "
            f"capacity {solve:.1f} + evaluation {table:.1f} + rest {whole - solve - table:.1f}"
        )


if __name__ == "__main__":
    main()
