"""What a message asks: what a load needs, what given hardware carries, or how alternatives differ."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.intent.data import load
from agent.intent.message import Message
from agent.intent.sketch import sketch
from agent.intent.types import Asked, Goal

NEEDS_HARDWARE: frozenset[Asked] = frozenset(("cost", "model"))
"""Figures that a question about needs asks for as well."""
TOLD_OF_GIVEN: frozenset[Asked] = frozenset(("fits", "concurrency", "max_context"))
"""Figures that are asked of counted hardware even beside "what do I need"."""
OF_ANY_HARDWARE: frozenset[Asked] = frozenset(("concurrency", "max_context"))
"""Figures that are asked of hardware, even where it is not named yet."""


@dataclass(frozen=True)
class Signals:
    """What the words of a message ask for."""

    hardware: bool = False
    owned: bool = False
    memory: bool = False
    """Whether the memory of a GPU stands in for its name: "a 24 GB card"."""
    carried: bool = False
    compared: bool = False
    preferred: bool = False
    choosing: bool = False
    question: bool = False
    training: bool = False
    elsewhere: bool = False
    """Whether GPUs are wanted for something else than a language model: games, images, mining."""
    asked: tuple[Asked, ...] = field(default=())


def signals(message: Message) -> Signals:
    """The signals of a message."""
    text = sketch(message)
    return Signals(
        hardware=found("hardware_wanted", text),
        owned=found("owned", text),
        memory=found("memory_given", text),
        carried=found("carried", text),
        compared=found("compared", text),
        preferred=found("preferred", text),
        choosing=found("choosing", text) and not found("whichever", text),
        question="?" in text,
        training=found("training", text) and not found("serving", text),
        elsewhere=found("other_use", text) and not any(mark in text for mark in ("<model>", "<size>")),
        asked=tuple(name for name, patterns in figures() if any(one.search(text) for one in patterns)),
    )


@functools.cache
def compiled(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a signal."""
    patterns = load("goals")[name]
    return tuple(bounded(one) for one in ([patterns] if isinstance(patterns, str) else patterns))


def bounded(pattern: str) -> re.Pattern[str]:
    """A pattern compiled; a name in angle brackets ends and begins as a word does."""
    return re.compile(pattern.replace(r")\b", r")(?!\w)").replace(r"\b(", r"(?<!\w)("))


@functools.cache
def figures() -> tuple[tuple[Asked, tuple[re.Pattern[str], ...]], ...]:
    """Each figure with its patterns."""
    return tuple(
        (name, tuple(map(bounded, patterns))) for name, patterns in load("goals")["figures_wanted"].items()
    )


def found(name: str, text: str) -> bool:
    """Whether a signal is given."""
    return any(pattern.search(text) for pattern in compiled(name))


def goal_of(said: Signals, sides: Sequence[Mapping[str, Any]], counted: bool, named: bool) -> Goal | None:
    """The goal that a message states; None where it leaves that open.

    `sides`: alternatives that it names. `counted`: a number of GPUs is stated. `named`: a GPU is wanted.
    """
    either = said.choosing and not said.hardware and all(side.get("gpu_count") for side in sides)
    if len(sides) > 1 and (is_comparison(said) or either):
        return "compare"
    telling = set(said.asked) - NEEDS_HARDWARE
    if said.hardware:
        return "capacity" if counted and telling & TOLD_OF_GIVEN and not said.choosing else "size"
    if (telling or said.carried) and (named or counted or said.owned):
        return "capacity"
    if counted or said.memory or (said.owned and (named or said.asked)):
        return "capacity"
    if telling & OF_ANY_HARDWARE or (said.carried and telling):
        return "capacity"
    return None


def is_comparison(said: Signals) -> bool:
    """Whether sides that are named are held against each other."""
    if said.compared or (said.preferred and said.question):
        return True
    return said.choosing and said.question and not said.hardware
