"""The outcome of comparing one field of a reading with its label."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldResult:
    """A compared field: what the label says, what was read, and whether that is right."""

    field: str
    said: str
    read: str
    right: bool
