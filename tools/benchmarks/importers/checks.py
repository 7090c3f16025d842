"""What becomes of a row: loaded, or left out with its place and reason."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tools.benchmarks.runs import Run
from tools.errors import InvalidInput, NotFound

EXAMPLES = 3
MOST_REASONS = 200
"""A file of another kind may find a new reason in each of its rows."""
SLOWEST_MS = 3_600_000.0


@dataclass
class Report:
    """What became of a file's rows."""

    source: str
    loaded: int = 0
    unchanged: bool = False
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason → number of rows."""
    examples: dict[str, list[str]] = field(default_factory=dict)
    """Reason → places of its first rows."""

    def skip(self, reason: str, where: str) -> None:
        """Count a row that was left out."""
        reason = reason if reason in self.skipped or len(self.skipped) < MOST_REASONS else "other reasons"
        self.skipped[reason] += 1
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
        for reason, places in self.examples.items():
            return f" ({places[0]}: {reason})"
        return ""


def checked(report: Report, where: str, make: Callable[[], Run]) -> Iterator[Run]:
    """The row, or its reason in the report."""
    try:
        yield plausible(make())
    except (NotFound, InvalidInput) as error:
        report.skip(str(error), where)
    except KeyError as error:
        report.skip(f"{error.args[0]}: missing", where)
    except (TypeError, ValueError) as error:
        report.skip(f"not a number ({error})", where)


def plausible(run: Run) -> Run:
    """The run, if its figures can be.

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
    if (run.ttft_ms or 1) < 0.5 and (run.itl_ms or 1) < 0.1:
        raise InvalidInput(
            "ttft_ms", f"{run.ttft_ms} and itl_ms {run.itl_ms} look like seconds, not milliseconds"
        )
    if run.concurrency and run.request_rate and run.e2e_ms:
        # Little's law: so many requests inside cannot be served faster than this.
        most = run.concurrency * 1000 / run.e2e_ms
        if run.request_rate > 1.5 * most:
            raise InvalidInput("request_rate", f"{run.request_rate:g} is above concurrency / E2E, {most:.3g}")
    if run.e2e_ms is not None and run.ttft_ms is not None and run.e2e_ms < run.ttft_ms:
        raise InvalidInput("e2e_ms", f"{run.e2e_ms:g} is below ttft_ms {run.ttft_ms:g}")
    return run
