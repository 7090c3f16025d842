"""The differences that matter between the sides of a comparison, each with its figures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from compass.comparison.types import ComparedDifference, ComparedPlan, DifferenceKind
from compass.core import milliseconds, money, number

WORTH = 0.05
"""Sides that differ by less are equal in it."""


@dataclass(frozen=True)
class Figure:
    """A figure of every side: `read` gives it, `written` writes it."""

    kind: DifferenceKind
    title: str
    read: Callable[[ComparedPlan], float | None]
    written: Callable[[float], str]
    more_is_better: bool = False


FIGURES = (
    Figure("cost", "cost a month", lambda plan: plan.usd_per_month, money),
    Figure(
        "cost_per_token",
        "cost of a million output tokens at full load",
        lambda plan: plan.usd_per_million_output_tokens,
        money,
    ),
    Figure("gpus", "GPUs", lambda plan: plan.gpus, number),
    Figure(
        "throughput_per_gpu",
        "output tokens a second of a GPU at full load",
        lambda plan: plan.output_tokens_per_second_per_gpu,
        number,
        more_is_better=True,
    ),
    Figure(
        "throughput",
        "requests a second at most",
        lambda plan: plan.limit_requests_per_second,
        number,
        more_is_better=True,
    ),
    Figure("ttft", "TTFT", lambda plan: plan.ttft_ms.value if plan.ttft_ms else None, milliseconds),
    Figure("itl", "ITL", lambda plan: plan.itl_ms.value if plan.itl_ms else None, milliseconds),
    Figure(
        "room", "requests at once", lambda plan: plan.max_concurrent_requests, number, more_is_better=True
    ),
    Figure("context", "longest context", lambda plan: plan.max_context_tokens, number, more_is_better=True),
    Figure("quality", "quality for the use case", lambda plan: plan.quality, number, more_is_better=True),
)
"""What the sides are compared in, most telling first."""


def differences_between(plans: Sequence[ComparedPlan], at_one_load: bool) -> tuple[ComparedDifference, ...]:
    """Who does not fit or hold, then each figure in which the best and the worst side differ.

    Latencies are compared where all sides carry the same load.
    """
    found = (*standing(plans), *figures([plan for plan in plans if plan.fits]))
    return tuple(one for one in found if at_one_load or one.kind not in ("ttft", "itl"))


def standing(plans: Sequence[ComparedPlan]) -> Iterator[ComparedDifference]:
    """Sides that do not fit, or fit and do not carry the load, beside one that does."""
    holding = next((plan for plan in plans if plan.holds), None)
    for plan in plans:
        if plan.holds or holding is None:
            continue
        kind: DifferenceKind = "holds" if plan.fits else "fits"
        words = f"{holding.label} carries it; {plan.label} does not: {plan.why}"
        yield ComparedDifference(
            kind=kind, better=holding.label, worse=plan.label, value=None, other=None, words=words
        )


def figures(plans: Sequence[ComparedPlan]) -> Iterator[ComparedDifference]:
    """Each figure in which the best and the worst of the sides differ by more than a trifle."""
    same_targets = len({plan.limit_targets for plan in plans}) == 1
    for figure in FIGURES:
        if figure.kind == "throughput" and not same_targets:
            continue
        known = [(value, plan) for plan in plans if (value := figure.read(plan)) is not None]
        if len(known) < 2:
            continue
        known.sort(key=lambda entry: entry[0], reverse=figure.more_is_better)
        (best, better), (last, worse) = known[0], known[-1]
        if abs(best - last) <= WORTH * max(abs(best), abs(last)):
            continue
        sides = f"{better.label} {figure.written(best)}, {worse.label} {figure.written(last)}"
        if figure.kind == "gpus" and all(plan.label.startswith(f"{plan.gpus} ×") for plan in plans):
            # The labels say it already.
            sides = f"{better.label}, {worse.label}"
        words = f"{figure.title}: {sides}{share(best, last)}"
        yield ComparedDifference(
            kind=figure.kind, better=better.label, worse=worse.label, value=best, other=last, words=words
        )


def share(best: float, last: float) -> str:
    """By how much the best is above or below the worst: "−37 %", or from 2.5 times on "3.1 times"."""
    if last <= 0:
        return ""
    change = 100 * (best / last - 1)
    if change > 150:
        return f" ({best / last:.2g} times)"
    return f" ({'+' if change > 0 else '−'}{abs(change):.0f} %)"
