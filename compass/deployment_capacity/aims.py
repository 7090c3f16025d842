"""The figure that a question is about: what a change must improve to be of help."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from compass.core import duration, milliseconds, number
from compass.deployment_capacity.limits import carries_inside
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.types import Arrangement, HelpKind

WORTH = 0.05
"""A change below this share is no help."""
MEMORY: tuple[HelpKind, ...] = ("chunk_size", "fp8_kv_cache")
PREFIX: tuple[HelpKind, ...] = ("prefix_cache",)


@dataclass(frozen=True)
class Aim:
    """A figure of an arrangement, how it is written, and the value of it that would be enough."""

    read: Callable[[Arrangement], float]
    written: Callable[[float], str]
    unit: str
    settings: tuple[HelpKind, ...] = ()
    """Engine settings that bear on it."""
    less_is_better: bool = False
    wanted: float | None = None
    """None: the more the better."""

    def ratio(self, before: Arrangement, after: Arrangement) -> float:
        """How many times better the figure is afterwards."""
        old, new = self.read(before), self.read(after)
        if self.less_is_better:
            old, new = new, old
        return new / old if old > 0 else (float("inf") if new > 0 else 0.0)

    def improves(self, before: Arrangement, after: Arrangement) -> bool:
        """Whether the figure is better by more than a trifle, and nothing that held breaks."""
        return (
            after.fits
            and after.starts
            and (after.holds or not before.holds)
            and self.ratio(before, after) > 1 + WORTH
        )

    def is_enough(self, one: Arrangement) -> bool:
        """Whether what was wanted is reached."""
        if self.wanted is None:
            return False
        value = self.read(one)
        return value <= self.wanted if self.less_is_better else value >= self.wanted

    def words(self, before: float, after: float) -> str:
        """The figure before and after."""
        instead = f" instead of {self.written(before)}" if before > 0 else ""
        return f"{self.written(after)}{instead}{self.unit}"


def tokens(value: float) -> str:
    """A whole number."""
    return f"{value:,.0f}"


CONTEXT = Aim(lambda one: one.max_context_tokens, tokens, " tokens the longest", MEMORY)
ROOM = Aim(lambda one: one.max_concurrent_requests, tokens, " requests at once", MEMORY)
RATE = Aim(
    lambda one: one.limit.requests_per_second if one.limit else 0.0,
    number,
    " requests/s inside the targets",
    PREFIX,
)
MOST = Aim(
    lambda one: max(
        one.full_load.requests_per_second if one.full_load else 0.0,
        one.limit.requests_per_second if one.limit else 0.0,
    ),
    number,
    " requests/s at most",
)
IN_TARGETS = Aim(
    lambda one: one.limit.concurrent_requests if one.limit else 0.0,
    tokens,
    " requests at once inside your targets",
    PREFIX,
)
HOURS = Aim(lambda one: one.job.hours if one.job else 0.0, duration, "", less_is_better=True)
AT_LOAD = Aim(
    lambda one: one.at_load.output_tokens_per_second if one.at_load else 0.0,
    number,
    " output tokens/s at this load",
)
FULL_LOAD = Aim(
    lambda one: one.full_load.output_tokens_per_second if one.full_load else 0.0,
    number,
    " output tokens/s at full load",
)
LATENCY = Aim(
    lambda one: one.at_load.e2e_ms.value if one.at_load else 0.0,
    milliseconds,
    " for a whole answer",
    PREFIX,
    less_is_better=True,
)


def aim_of(scene: Scene, best: Arrangement) -> Aim | None:
    """What failed, else the figure that is asked for; None where there is nothing to improve."""
    return failed(scene, best) if not best.holds else wished(scene, best)


def failed(scene: Scene, best: Arrangement) -> Aim:
    """The figure in which what was stated does not hold."""
    question = scene.question
    if question.context_tokens and best.max_context_tokens < question.context_tokens:
        return replace(CONTEXT, wanted=question.context_tokens)
    if best.job:
        return replace(HOURS, wanted=best.job.deadline_hours)
    if question.rate is not None:
        return replace(RATE if question.stated_targets else MOST, wanted=question.rate)
    if question.concurrent and question.concurrent > best.max_concurrent_requests:
        return replace(ROOM, wanted=question.concurrent)
    return replace(IN_TARGETS, wanted=question.concurrent or 1.0)


def wished(scene: Scene, best: Arrangement) -> Aim | None:
    """The figure that is asked for; None where the model's own window or nothing bounds it."""
    question, asked = scene.question, set(scene.asked)
    if "max_context" in asked and not question.context_tokens:
        return CONTEXT if best.context_bound == "memory" else None
    if best.job:
        return HOURS if best.job.deadline_hours is None else None
    is_open = question.concurrent is None and question.rate is None
    if question.stated_targets and is_open:
        return RATE if "throughput" in asked else IN_TARGETS
    if "concurrency" in asked and is_open:
        return ROOM
    if {"throughput", "cost"} & asked and question.rate is None:
        return AT_LOAD if question.concurrent is not None else FULL_LOAD
    if "latency" in asked:
        return LATENCY
    return None if is_open or question.stated_targets else usual(scene, best)


def usual(scene: Scene, best: Arrangement) -> Aim | None:
    """What the load needs to stay inside the usual targets; None where it does."""
    question = scene.question
    if not question.targets or carries_inside(best.limit, question.rate, question.concurrent):
        return None
    name, wanted = ("requests_per_second", question.rate)
    if question.rate is None:
        name, wanted = ("concurrent_requests", question.concurrent)

    def inside(one: Arrangement) -> float:
        return getattr(one.limit, name) if one.limit and one.limit.targets else 0.0

    unit = " requests/s" if question.rate is not None else " requests at once"
    return Aim(inside, number, f"{unit} inside the usual targets", PREFIX, wanted=wanted)
