"""Counts right fields and requests of a labelled set, in all and by form of question."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.evaluation.field_results import FieldResult


@dataclass
class Tally:
    """Counts of fields and requests, and of those that are right."""

    requests: int = 0
    right: int = 0
    fields: int = 0
    fields_right: int = 0

    @property
    def field_share(self) -> float:
        """Share of the counted fields that are right."""
        return self.fields_right / max(1, self.fields)

    @property
    def request_share(self) -> float:
        """Share of the requests with every field right."""
        return self.right / max(1, self.requests)


@dataclass
class RequestScores:
    """Scores of a set of labelled requests."""

    model: str = ""
    requests: int = 0
    right: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    fields_right: Counter[str] = field(default_factory=Counter)
    forms: dict[str, Tally] = field(default_factory=dict)
    """Counts by form of question."""
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

    def add(self, text: str, form: str, results: Sequence[FieldResult], answered: bool) -> None:
        """Count the compared fields of one request; one that was not answered is not right."""
        wrong = [result for result in results if not result.right]
        self.requests += 1
        self.right += answered and not wrong
        self.fields.update(result.field for result in results)
        self.fields_right.update(result.field for result in results if result.right)
        self.mistakes += [(text, result.field, result.said, result.read) for result in wrong]
        tally = self.forms.setdefault(form, Tally())
        tally.requests += 1
        tally.right += answered and not wrong
        tally.fields += len(results)
        tally.fields_right += len(results) - len(wrong)
