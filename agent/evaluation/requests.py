"""Compares the intents read in labelled requests with their labels, field by field."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from agent.evaluation.journal import Journal
from agent.evaluation.readers import Reader, RequestReading
from agent.evaluation.sets import DATA, read_set
from agent.intent import Intent
from compass.catalog import load_catalog, match_gpus, match_models

NOT_COMPARED = {"assumptions", "question"}
UNSAID = {
    "on_topic": True,
    "goal": "size",
    **dict.fromkeys(("accuracy_priority", "cost_priority", "latency_priority"), "medium"),
}
TOLERANCE = 0.01
"""Relative tolerance of numbers: rounding of a rate or of a currency."""

OnProgress = Callable[["RequestScores"], None]


@dataclass(frozen=True)
class LabelledRequest:
    """Messages of one user, oldest first, and the fields that they state."""

    say: Annotated[tuple[str, ...], Field(min_length=1)]
    expect: dict[str, Any]

    def __post_init__(self) -> None:
        """Refuse labels of fields that an intent does not have."""
        if unknown := self.expect.keys() - Intent.model_fields.keys():
            raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")


@dataclass
class RequestScores:
    """Scores of a set; a field counts where the label has it or where something was read."""

    model: str = ""
    requests: int = 0
    right: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    fields_right: Counter[str] = field(default_factory=Counter)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Use cases: (said, read) → number."""
    mistakes: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Last message, field, expected, read."""
    tokens: int = 0
    seconds: float = 0.0
    by_rules: int = 0
    """Requests that the rules read, since the language model gave nothing usable."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Last message and why it was not read; its fields count as wrong."""

    @property
    def field_share(self) -> float:
        """Share of the counted fields that are right."""
        return self.fields_right.total() / max(1, self.fields.total())

    @property
    def request_share(self) -> float:
        """Share of the requests with every field right."""
        return self.right / max(1, self.requests)


@cache
def read_requests(path: Path = DATA / "requests.yaml") -> tuple[LabelledRequest, ...]:
    """Read a set of labelled requests.

    Raises:
        InvalidInput: the file is not there, or an entry has no message or an unknown field.
    """
    return read_set(path, "--requests", LabelledRequest)


async def evaluate_requests(
    read: Reader,
    entries: Sequence[LabelledRequest],
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


def add_reading(
    scores: RequestScores, entry: LabelledRequest, reading: RequestReading, seconds: float
) -> None:
    """Add the reading of one request to the scores."""
    scores.seconds += seconds
    scores.tokens += reading.tokens
    scores.by_rules += reading.by_rules
    if reading.intent is None:
        scores.faults.append((entry.say[-1], reading.fault))
    compare_request(scores, entry, reading.intent)


def compare_request(scores: RequestScores, entry: LabelledRequest, intent: Intent | None) -> None:
    """Compare one request with its label; without an intent every labelled field is wrong."""
    expected = normalised(entry.expect)
    found = normalised(intent.model_dump(exclude=NOT_COMPARED)) if intent else {}
    wrong = 0
    for name in Intent.model_fields.keys() - NOT_COMPARED:
        said, seen = expected.get(name), found.get(name)
        if said is None and seen is None:
            continue
        scores.fields[name] += 1
        if equal_values(said, seen):
            scores.fields_right[name] += 1
        else:
            wrong += 1
            scores.mistakes.append((entry.say[-1], name, str(said), str(seen)))
    scores.requests += 1
    scores.right += not wrong and intent is not None
    if "use_case" in expected:
        scores.confusion[expected["use_case"], str(found.get("use_case"))] += 1


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
