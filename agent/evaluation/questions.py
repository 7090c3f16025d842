"""Labelled questions in the forms in which people ask; only the fields that a label lists are compared."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator

from agent.evaluation.field_results import FieldResult
from agent.evaluation.matchers import AnyMatcher, Equal, Matcher
from agent.intent import Intent
from compass.core import Frozen


class LabelledQuestion(Frozen):
    """A message, the user's earlier ones, and the fields that a careful reader finds in them."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z]+-[a-z0-9.-]+$")]
    """Form of the question, a hyphen, and a name."""
    text: Annotated[str, Field(min_length=1)]
    history: tuple[str, ...] = ()
    """Earlier messages of the user, oldest first."""
    expect: Annotated[dict[str, AnyMatcher], Field(min_length=1)]

    @field_validator("expect")
    @classmethod
    def check_fields(cls, expect: dict[str, AnyMatcher]) -> dict[str, AnyMatcher]:
        """Refuse labels of fields that an intent does not have."""
        if unknown := expect.keys() - Intent.model_fields.keys():
            raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
        return expect

    @property
    def say(self) -> tuple[str, ...]:
        """All messages, oldest first."""
        return (*self.history, self.text)

    @property
    def form(self) -> str:
        """Form of the question: capacity, batch, followup and so on."""
        return self.id.partition("-")[0]

    @property
    def use_case(self) -> str | None:
        """Use case of the label; None if unsaid."""
        label = self.expect.get("use_case")
        return str(label.value) if isinstance(label, Equal) else None

    def compare(self, intent: Intent | None) -> Sequence[FieldResult]:
        """Return the result of each listed field; without an intent all are wrong."""
        return [compare_field(name, matcher, intent) for name, matcher in self.expect.items()]


def compare_field(name: str, matcher: Matcher, intent: Intent | None) -> FieldResult:
    """Compare one listed field with the intent that was read."""
    value = value_of(intent, name) if intent else None
    right = intent is not None and matcher.accepts(name, value)
    return FieldResult(name, str(matcher), str(value), right)


def value_of(intent: Intent, name: str) -> Any:
    """Return a field of an intent; of its question, whether one is asked."""
    value = getattr(intent, name)
    return value is not None if name == "question" else value
