"""Checks each row of a file, and reports those left out with place and reason."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from compass.benchmarks.runs import Run
from compass.core import InvalidInput, NotFound

EXAMPLES = 3
MOST_REASONS = 200
"""Most distinct reasons that a report keeps: a wrong file may have a new one in each row."""
SLOWEST_MS = 3_600_000.0
FASTEST_MS = {"ttft_ms": 1.0, "itl_ms": 0.2}
"""Smallest plausible latencies: figures below are in seconds, not milliseconds."""
OTHER_DEFINITION = 0.25
"""Largest relative gap between E2E and TTFT + ITL × tokens: means of products are no products of means."""


@dataclass
class LoadReport:
    """Counts of loaded, skipped and flagged rows of a file."""

    source: str
    loaded: int = 0
    unchanged: bool = False
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason → number of rows."""
    flagged: Counter[str] = field(default_factory=Counter)
    """Doubt → number of rows that were loaded with it, and are not used."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """Reason or doubt → places of its first rows."""
    replaced: int = 0
    """Rows of an earlier file of the same name, which these take the place of."""

    def skip(self, reason: str, where: str) -> None:
        """Count a row that was left out."""
        self.count(self.skipped, reason, where)

    def flag(self, doubt: str, where: str) -> None:
        """Count a row that was loaded with a doubt."""
        self.count(self.flagged, doubt, where)

    def count(self, counter: Counter[str], reason: str, where: str) -> None:
        """Count a reason and keep the places of its first rows."""
        reason = reason if reason in counter or len(counter) < MOST_REASONS else "other reasons"
        counter[reason] += 1
        places = self.examples.setdefault(reason, [])
        if len(places) < EXAMPLES:
            places.append(where)

    @property
    def left_out(self) -> int:
        """Rows that were left out."""
        return self.skipped.total()

    @property
    def first_reason(self) -> str:
        """Why the first row was left out, in brackets; nothing where there was none."""
        for reason in self.skipped:
            return f" ({self.examples[reason][0]}: {reason})"
        return ""


def checked(report: LoadReport, where: str, make: Callable[[], Run]) -> Iterator[Run]:
    """Yield the run unless it is refused; doubts and reasons go to the report."""
    try:
        run = plausible(make())
        if found := doubts(run):
            run = replace(run, flags=(*run.flags, *found))
        for doubt in run.flags:
            report.flag(doubt, where)
        yield run
    except (NotFound, InvalidInput) as error:
        report.skip(str(error), where)
    except KeyError as error:
        report.skip(f"{error.args[0]}: missing", where)
    except (TypeError, ValueError) as error:
        report.skip(f"not a number ({error})", where)


def plausible(run: Run) -> Run:
    """The run, if its figures are possible.

    Raises:
        InvalidInput: names the field that cannot be.
    """
    for name in (
        "prompt_tokens",
        "output_tokens",
        "concurrency",
        "request_rate",
        "ttft_ms",
        "itl_ms",
        "e2e_ms",
    ):
        value = getattr(run, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InvalidInput(name, f"{value} cannot be")
    if max(run.ttft_ms or 0, run.itl_ms or 0) > SLOWEST_MS:
        raise InvalidInput("ttft_ms", "longer than an hour")
    for name, least in FASTEST_MS.items():
        value = getattr(run, name)
        if value is not None and value < least:
            raise InvalidInput(name, f"{value:g} ms is faster than any engine: seconds, not milliseconds?")
    if run.concurrency and run.request_rate and run.e2e_ms:
        # Little's law: so many requests inside cannot be served faster than this.
        most = run.concurrency * 1000 / run.e2e_ms
        if run.request_rate > 1.5 * most:
            raise InvalidInput("request_rate", f"{run.request_rate:g} is above concurrency / E2E, {most:.3g}")
    if run.e2e_ms is not None and run.ttft_ms is not None and run.e2e_ms < run.ttft_ms:
        raise InvalidInput("e2e_ms", f"{run.e2e_ms:g} is below ttft_ms {run.ttft_ms:g}")
    return run


def doubts(run: Run) -> tuple[str, ...]:
    """Doubts about figures of a run that contradict each other."""
    if run.ttft_ms is None or run.itl_ms is None or run.e2e_ms is None:
        return ()
    whole = run.ttft_ms + run.itl_ms * (run.output_tokens - 1)
    if abs(run.e2e_ms / whole - 1) > OTHER_DEFINITION:
        return ("e2e_ms: is not TTFT + ITL × (output tokens - 1): another definition",)
    return ()


def percentile_doubts(values: dict[str, object]) -> tuple[str, ...]:
    """Doubts about percentiles (by name, lowest first) that are not in order; missing ones are skipped."""
    known = [(name, float(str(value))) for name, value in values.items() if value is not None]
    for (lower, low), (upper, high) in pairwise(known):
        if low > high:
            return (f"{lower}: is above {upper}",)
    return ()
