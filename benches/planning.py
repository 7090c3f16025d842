"""Planning over the whole catalog, in process and warm: median milliseconds, and the share of each part."""

import statistics
import time
from collections.abc import Callable
from functools import partial

from tools.capacity import Estimator
from tools.catalog import load_catalog
from tools.planning import Field, Wishes, make_plan, specify
from tools.planning.search import evaluate, search

RUNS = 15
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


def main() -> None:
    """Print a line a request."""
    catalog = load_catalog()
    space = Field(catalog, Estimator.shipped())
    print(f"{len(space.candidates):,} configurations")
    for name, wishes in REQUESTS.items():
        wish = specify(catalog, wishes)
        found = search(space, wish)
        whole = median_ms(partial(make_plan, space, wish))
        solve = median_ms(partial(search, space, wish))
        table = median_ms(partial(evaluate, found, wish.peak_requests_per_second))
        rest = whole - solve - table
        print(
            f"{name:8} plan {whole:6.1f} ms = capacity {solve:.1f} + evaluation {table:.1f} + rest {rest:.1f}"
        )


if __name__ == "__main__":
    main()
