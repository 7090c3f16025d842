"""Compares named alternatives at one load; a pure function of catalog, estimator and wishes."""

from collections.abc import Iterable

from compass.capacity import Estimator
from compass.catalog import Catalog
from compass.comparison.differences import differences_between
from compass.comparison.sides import (
    common_hardware,
    compared,
    labels_of,
    same_count,
    sides_of,
    work_out_side,
)
from compass.comparison.types import ComparedPlan, Comparison, Side
from compass.deployment_capacity import CapacityAnswer, TargetLimit, targets_words
from compass.planning import Assumption, Wishes

MODELLED = "vllm"
ALL_TARGETS = ("ttft", "itl", "e2e")
ASK = "What is to be compared? Name two GPUs, models, formats or numbers of GPUs."
NO_LOAD = "no load was stated: every side at its own full load"


def compare_alternatives(
    catalog: Catalog,
    estimator: Estimator,
    wishes: Wishes,
    alternatives: Iterable[Side] = (),
    asked: Iterable[str] = (),
) -> Comparison:
    """The sides at the stated load, or each at full load; a question where there are not two sides.

    A side without a number of GPUs gets as many as the stated load asks for (four fifths of the limit).

    Raises:
        InvalidInput: a number that cannot be, or an unknown format; names the field.
        NotFound: an unknown use case or class; names the nearest.
    """
    sides = sides_of(wishes, alternatives)
    if len(sides) < 2:
        return Comparison(question=ASK)
    sides = tuple(same_count(catalog, estimator, wishes, sides, tuple(asked)))
    answers = [work_out_side(catalog, estimator, wishes, side, tuple(asked)) for side in sides]
    given_up = some_keep_the_usual(answers)
    if given_up:
        # Sides are sized alike: under the same targets, or under none.
        free = wishes.changed(no_targets=ALL_TARGETS)
        answers = [work_out_side(catalog, estimator, free, side, tuple(asked)) for side in sides]
    labels = labels_of(sides, answers)
    plans = tuple(
        compared(catalog, side, answer, label)
        for side, answer, label in zip(sides, answers, labels, strict=True)
    )
    return Comparison(
        load=load_words(answers, common_hardware(sides, answers)),
        plans=plans,
        differences=differences_between(plans, at_one_load=is_loaded(answers)),
        remarks=(*engine_remarks(sides), *given_up, *remarks_of(plans)),
        assumptions=common_assumptions(answers),
        question=next((answer.question for answer in answers if answer.question), None),
    )


def some_keep_the_usual(answers: list[CapacityAnswer]) -> tuple[str, ...]:
    """The remark that usual targets are left out, where some sides keep them and others at no load do."""
    if not is_loaded(answers):
        return ()
    kept = [targets for answer in answers if (targets := targets_of(answer))]
    fitting = [answer for answer in answers if answer.best and answer.best.fits]
    if not kept or len(kept) == len(fitting) or kept[0][0].stated:
        return ()
    listed = targets_words(kept[0])
    return (f"Not every side keeps the usual targets ({listed}) at any load, so none is held to them.",)


def targets_of(answer: CapacityAnswer) -> tuple[TargetLimit, ...]:
    """The targets that the best arrangement's limit was worked out with."""
    return answer.best.limit.targets if answer.best and answer.best.limit else ()


def remarks_of(plans: tuple[ComparedPlan, ...]) -> list[str]:
    """What is worth knowing of the sides, each once, with the names of those for which it holds."""
    found = dict.fromkeys(remark for plan in plans for remark in plan.remarks)
    return [f"{whose(remark, plans)}{remark}" for remark in found]


def whose(remark: str, plans: tuple[ComparedPlan, ...]) -> str:
    """The sides of which a remark holds; empty for all."""
    mine = [plan.label for plan in plans if remark in plan.remarks]
    return "" if len(mine) == len(plans) else f"{', '.join(mine)}: "


def is_loaded(answers: list[CapacityAnswer]) -> bool:
    """Whether all sides carry the same stated load."""
    return any(answer.load and answer.load.form not in ("none", "batch") for answer in answers)


def load_words(answers: list[CapacityAnswer], hardware: str) -> str:
    """The common load with its lengths, and the GPUs where each side has the same."""
    load = next((answer.load for answer in answers if answer.load), None)
    if load is None:
        return ""
    words = NO_LOAD if load.form == "none" else load.words
    each = f" · each on {hardware}" if hardware else ""
    return f"{words} · {load.prompt_tokens:,} → {load.output_tokens:,} tokens{each}"


def engine_remarks(sides: tuple[Side, ...]) -> list[str]:
    """What cannot be said of engines that are not modelled."""
    others = sorted({side.engine for side in sides if side.engine and side.engine.casefold() != MODELLED})
    if not others:
        return []
    return [
        f"Compass models vLLM; what {' and '.join(others)} would do differently is not modelled. Each side "
        "is shown as vLLM runs it: differences between engines must be measured."
    ]


def common_assumptions(answers: list[CapacityAnswer]) -> tuple[Assumption, ...]:
    """What was assumed, each once."""
    return tuple(dict.fromkeys(one for answer in answers for one in answer.assumptions))
