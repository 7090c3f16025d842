"""Compares the intents read in labelled requests with their labels, field by field."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag, TypeAdapter

from agent.evaluation.field_results import FieldResult
from agent.evaluation.journal import Journal
from agent.evaluation.matchers import MATCHER, Matcher
from agent.evaluation.questions import LabelledQuestion, compare_field
from agent.evaluation.readers import Reader, RequestReading
from agent.evaluation.scores import RequestScores
from agent.evaluation.sets import DATA, read_set
from agent.intent import Intent
from compass.catalog import load_catalog, match_gpus, match_models

SETS = (DATA / "requests.yaml", DATA / "questions.yaml")
NOT_COMPARED = {"assumptions", "question", "asked", "alternatives", "unknown", "unread"}
"""Fields that say how a request was read rather than what it wants."""
MAY_BE_ASSUMED = {"experience_class", "goal", "jobs_per_month"}
"""Fields that follow from others: not compared where not labelled and called assumed by the intent."""
UNSAID = {
    "on_topic": True,
    "goal": "size",
    **dict.fromkeys(("accuracy_priority", "cost_priority", "latency_priority"), "medium"),
}
TOLERANCE = 0.01
"""Relative tolerance of numbers: rounding of a rate or of a currency."""

OnProgress = Callable[[RequestScores], None]


def as_label(value: Any) -> Any:
    """Parse a label that is written as a matcher, where more than one reading is right."""
    return MATCHER.validate_python(value) if isinstance(value, dict) else value


@dataclass(frozen=True)
class LabelledRequest:
    """Messages of one user, oldest first, and the fields that they state; all other fields must be empty."""

    say: Annotated[tuple[str, ...], Field(min_length=1)]
    expect: dict[str, Annotated[Any, AfterValidator(as_label)]]

    def __post_init__(self) -> None:
        """Refuse labels of fields that an intent does not have."""
        if unknown := self.expect.keys() - Intent.model_fields.keys():
            raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")

    @property
    def form(self) -> str:
        """Form of the question: all of this set ask for an application of so many people."""
        return "application"

    @property
    def use_case(self) -> str | None:
        """Use case of the label; None if unsaid, or if several are right."""
        label = self.expect.get("use_case")
        return label if isinstance(label, str) else None

    def compare(self, intent: Intent | None) -> Sequence[FieldResult]:
        """Return the result of each field that is labelled or was read; without an intent all are wrong."""
        matchers = {name: label for name, label in self.expect.items() if isinstance(label, Matcher)}
        plain = {name: label for name, label in self.expect.items() if name not in matchers}
        expected, found = normalised(plain), normalised(read_fields(intent, plain))
        return [compare_field(name, matcher, intent) for name, matcher in matchers.items()] + [
            FieldResult(name, str(said), str(seen), intent is not None and equal_values(said, seen))
            for name in sorted((expected.keys() | found.keys()) - matchers.keys())
            for said, seen in [(expected.get(name), found.get(name))]
        ]


Labelled = LabelledRequest | LabelledQuestion


def kind_of(row: Any) -> str:
    """Tell the two kinds of entries apart: a question has an id."""
    return "question" if isinstance(row, dict) and "id" in row else "request"


Entry = Annotated[
    Annotated[LabelledRequest, Tag("request")] | Annotated[LabelledQuestion, Tag("question")],
    Discriminator(kind_of),
]
ENTRIES: TypeAdapter[tuple[Labelled, ...]] = TypeAdapter(tuple[Entry, ...])


@cache
def read_requests(*paths: Path) -> tuple[Labelled, ...]:
    """Read sets of labelled requests; those of the checkout where no path is given.

    Raises:
        InvalidInput: a file is not there, or an entry has no message or an unknown field.
    """
    return tuple(entry for path in paths or SETS for entry in read_set(path, "--requests", ENTRIES))


async def evaluate_requests(
    read: Reader,
    entries: Sequence[Labelled],
    scores: RequestScores,
    journal: Journal | None = None,
    on_progress: OnProgress = lambda scores: None,
) -> RequestScores:
    """Read each request and compare it with its label; `scores` holds at any time what is done so far.

    What stands in the journal is not read again; `on_progress` is called after each request.
    """
    for entry in entries:
        began = time.perf_counter()
        known = journal.get(entry.say) if journal else None
        reading = RequestReading.model_validate(known["reading"]) if known else await read(entry.say)
        seconds = known["seconds"] if known else time.perf_counter() - began
        if journal and not known and not reading.fault:
            journal.add(entry.say, {"reading": reading.model_dump(mode="json"), "seconds": seconds})
        add_reading(scores, entry, reading, seconds)
        on_progress(scores)
    return scores


def add_reading(scores: RequestScores, entry: Labelled, reading: RequestReading, seconds: float) -> None:
    """Add the reading of one request to the scores."""
    scores.seconds += seconds
    scores.tokens += reading.tokens
    scores.by_rules += reading.by_rules
    if reading.intent is None:
        scores.faults.append((entry.say[-1], reading.fault))
    compare_request(scores, entry, reading.intent)


def compare_request(scores: RequestScores, entry: Labelled, intent: Intent | None) -> None:
    """Compare one request with its label; without an intent every labelled field is wrong."""
    scores.add(entry.say[-1], entry.form, entry.compare(intent), answered=intent is not None)
    if entry.use_case is not None:
        scores.confusion[entry.use_case, str(intent.use_case if intent else None)] += 1


def read_fields(intent: Intent | None, labelled: Iterable[str]) -> dict[str, Any]:
    """Return the fields of an intent that are compared; what it assumed counts only where it is labelled."""
    if intent is None:
        return {}
    assumed = {assumption.field for assumption in intent.assumptions}
    skipped = (NOT_COMPARED | assumed & MAY_BE_ASSUMED) - set(labelled)
    return intent.model_dump(exclude=skipped)


def normalised(values: dict[str, Any]) -> dict[str, Any]:
    """Drop unstated fields, and name GPUs and models as the catalog does."""
    said = {}
    for name, value in values.items():
        if value in (None, [], (), UNSAID.get(name)) or (name == "availability" and value == "none"):
            continue
        if name.endswith("gpu_types"):
            value = frozenset(gpu.name for text in value for gpu in match_gpus(load_catalog(), text))
        elif name == "preferred_models":
            value = frozenset(model.id for text in value for model in match_models(load_catalog(), text))
        said[name] = value
    return said


def equal_values(said: Any, seen: Any) -> bool:
    """True if the values are equal, numbers within rounding."""
    if isinstance(said, int | float) and isinstance(seen, int | float):
        return math.isclose(said, seen, rel_tol=TOLERANCE)
    return bool(said == seen)
