"""What a message asks: what a load needs, what given hardware carries, or how alternatives differ.

- size: a load or a wish is given, and it is asked what to buy, how many, which; a named family is then the wish for it.
- capacity: hardware is given: counted, owned, or one machine or card is named as the one that is meant; it is
  asked what it does, carries, holds, how fast, whether a model fits.
- compare: two or more named alternatives (GPUs, models, formats, engines, clouds, numbers, prices) are weighed.
"""

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
    apart: bool = False
    """Whether several GPUs that are named are neither there together nor an addition to each other."""
    choosing: bool = False
    question: bool = False
    """Whether something is asked, with a mark of interrogation or by the words at the beginning of a clause."""
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
        question="?" in text or found("question_begins", text),
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


@dataclass(frozen=True)
class Hardware:
    """How a message speaks of GPUs."""

    counted: bool = False
    """A number of them is stated."""
    named: bool = False
    """A GPU is wanted."""
    meant: bool = False
    """A message that begins a conversation names one kind of GPU, in the singular."""


def match_of(name: str, text: str) -> re.Match[str] | None:
    """Where a signal is given."""
    return next((match for pattern in compiled(name) if (match := pattern.search(text))), None)


def goal_of(said: Signals, sides: Sequence[Mapping[str, Any]], given: Hardware, loaded: bool) -> Goal | None:
    """The goal that a message states; None where it leaves that open.

    `sides`: alternatives that it names. `loaded`: a load is stated.
    """
    either = said.choosing and not said.hardware and all(side.get("gpu_count") for side in sides)
    if len(sides) > 1 and (is_comparison(said) or either) and not picks_model(said, sides):
        return "compare"
    telling = set(said.asked) - NEEDS_HARDWARE
    if said.hardware:
        return "capacity" if given.counted and telling & TOLD_OF_GIVEN and not said.choosing else "size"
    if (telling or said.carried) and (given.named or given.counted or said.owned):
        return "capacity"
    if given.counted or said.memory or (said.owned and (given.named or said.asked)):
        return "capacity"
    if telling & OF_ANY_HARDWARE or (said.carried and telling):
        return "capacity"
    asks_else = said.question and not set(said.asked) & ({"cost", "model"} if loaded else {"cost"})
    return "capacity" if given.meant and asks_else else None


def picks_model(said: Signals, sides: Sequence[Mapping[str, Any]]) -> bool:
    """Whether formats are only the frame of the question which model runs: "any decent 30B? int8 or awq"."""
    return "model" in said.asked and not said.compared and all("precision" in side for side in sides)


def is_comparison(said: Signals) -> bool:
    """Whether sides that are named are held against each other."""
    if said.compared or (said.preferred and said.question):
        return True
    return (said.choosing or said.apart) and said.question and not said.hardware
