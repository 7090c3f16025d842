"""Compares named alternatives at one load; a pure function of catalog, estimator and wishes."""

from collections.abc import Iterable

from compass.capacity import Estimator
from compass.catalog import Catalog
from compass.comparison.differences import differences_between
from compass.comparison.sides import compared, labels_of, sides_of, work_out_side
from compass.comparison.types import ComparedPlan, Comparison, Side
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Assumption, Wishes

MODELLED = "vllm"
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
    answers = [work_out_side(catalog, estimator, wishes, side, tuple(asked)) for side in sides]
    labels = labels_of(sides, answers)
    plans = tuple(
        compared(catalog, side, answer, label)
        for side, answer, label in zip(sides, answers, labels, strict=True)
    )
    return Comparison(
        load=load_words(answers),
        plans=plans,
        differences=differences_between(plans, at_one_load=is_loaded(answers)),
        remarks=(*engine_remarks(sides), *remarks_of(plans)),
        assumptions=common_assumptions(answers),
        question=next((answer.question for answer in answers if answer.question), None),
    )


def remarks_of(plans: tuple[ComparedPlan, ...]) -> list[str]:
    """What is worth knowing of the sides: once where it holds for all, else with the side's name."""
    everywhere = [remark for remark in plans[0].remarks if all(remark in plan.remarks for plan in plans)]
    own = [f"{plan.label}: {remark}" for plan in plans for remark in plan.remarks if remark not in everywhere]
    return [*everywhere, *own]


def is_loaded(answers: list[CapacityAnswer]) -> bool:
    """Whether all sides carry the same stated load."""
    return any(answer.load and answer.load.form not in ("none", "batch") for answer in answers)


def load_words(answers: list[CapacityAnswer]) -> str:
    """The common load with its lengths."""
    load = next((answer.load for answer in answers if answer.load), None)
    if load is None:
        return ""
    words = NO_LOAD if load.form == "none" else load.words
    return f"{words} · {load.prompt_tokens:,} → {load.output_tokens:,} tokens"


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
