"""A mention of something that has a name: a GPU, a machine, a model, a format, an engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["gpu", "maker", "model", "size", "format", "engine", "parallel"]


@dataclass(frozen=True)
class Name:
    """A mention: what it may mean, and the letters that it takes."""

    kind: Kind
    meant: tuple[str, ...]
    start: int
    end: int
    gpus: int | None = None
    """GPUs of one machine, where the name is a machine's."""
    machine: bool = False
    plural: bool = False
    provider: str | None = None
    value: float | None = None
    """Billions of parameters of a size, degree of a parallelism."""
    precision: str | None = None
    """The format that a model's name ends in, or that a format's name means."""


def apart(found: Iterable[Name]) -> list[Name]:
    """Mentions in their order, of those that overlap the first given."""
    kept: list[Name] = []
    for mention in found:
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda name: name.start)
