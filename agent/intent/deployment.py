"""How a model is to be run: format, engine, parallel degrees, and a size in place of a model."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from agent.intent.message import Message
from agent.intent.name import Kind, Name
from agent.intent.scope import negated

T = TypeVar("T")
NEGATION_FAR, CACHE_FAR = 5, 3
CACHE = frozenset(
    (
        "kv",
        "cache",
        "caches",
        "activations",
        "ram",
        "processor",
        "microcontroller",
        "capable",
        "support",
        "hardware",
        "tensor",
        "operating",
    )
)
"""What else has a format or a number of bits."""


@dataclass(frozen=True)
class Deployment:
    """What is said, each in the order of the message; several of one kind are sides of a comparison."""

    precisions: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    sizes_b: tuple[float, ...] = ()
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    several_degrees: bool = False

    @property
    def gpus(self) -> int | None:
        """The GPUs that the degrees take together; None where they are not both said."""
        if self.tensor_parallel and self.pipeline_parallel:
            return self.tensor_parallel * self.pipeline_parallel
        return None


def read_deployment(message: Message) -> Deployment:
    """Format, engine, degrees and sizes of a message; what is negated is not among them."""
    degrees = {"tensor": 0, "pipeline": 0}
    for _place, name in mentions(message, "parallel"):
        degrees[name.meant[0]] = degrees[name.meant[0]] or int(name.value or 0)
    return Deployment(
        precisions=precisions(message),
        engines=unique(name.meant[0] for place, name in mentions(message, "engine") if kept(message, place)),
        sizes_b=unique(name.value or 0.0 for _place, name in mentions(message, "size")),
        tensor_parallel=degrees["tensor"] or None,
        pipeline_parallel=degrees["pipeline"] or None,
        several_degrees=len(
            {name for _place, name in mentions(message, "parallel") if name.meant == ("tensor",)}
        )
        > 1,
    )


def mentions(message: Message, kind: Kind) -> list[tuple[int, Name]]:
    """Places and names of one kind."""
    return [(place, t.name) for place, t in enumerate(message.tokens) if t.name and t.name.kind == kind]


def precisions(message: Message) -> tuple[str, ...]:
    """Formats of the weights: those in names of checkpoints first, then those that stand alone."""
    named = [name.precision for _place, name in mentions(message, "model") if name.precision]
    alone = [
        name.precision
        for place, name in mentions(message, "format")
        if kept(message, place) and not of_the_cache(message, place)
    ]
    return unique([*named, *(one for one in alone if one)])


def kept(message: Message, place: int) -> bool:
    """Whether no negation governs what stands at a place."""
    return not negated(message, place, NEGATION_FAR)


def of_the_cache(message: Message, place: int) -> bool:
    """Read "fp8 KV cache", "KV cache in fp8": no format of the weights."""
    start, end = message.clause(place)
    before = message.words(max(start, place - CACHE_FAR), place)
    return bool(CACHE & set(message.words(place + 1, min(end, place + 2)))) or "cache" in before


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """The values once each, in their order."""
    return tuple(dict.fromkeys(values))
