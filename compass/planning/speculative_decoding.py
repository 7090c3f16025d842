"""Speculative decoding in plans: which configurations draft, and whether it would pay where none does."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compass.capacity import BoolArray, CompiledBatch, FloatArray, LatencyProfile
from compass.catalog import Model
from compass.core import InvalidInput, counted, number
from compass.planning.answer_lengths import AnswerLengths, reasons
from compass.planning.types import Option, OptionSpeculation, Specification
from compass.speculation import (
    SpeculationChoice,
    pays_up_to,
    speculated,
    speculated_profile,
    speculation_for,
    speedups,
)
from compass.traffic import ProfileBatch

WORTH_SAYING = 1.1
"""A gain below is within what nobody would notice."""
NAMES = {"mtp": "MTP", "eagle3": "EAGLE-3", "draft-model": "a draft model", "ngram": "n-grams"}


def is_wanted(specification: Specification) -> bool:
    """Whether plans speculate: where somebody asked for it and did not say what it yields."""
    asked = specification.speculation not in (None, "off")
    return asked and specification.speculative_speedup == 1.0


def choice_for(model: Model, specification: Specification) -> SpeculationChoice | None:
    """Return how a model would speculate as asked; None where it cannot."""
    thinks = reasons(model, specification)
    method = specification.speculation or "auto"
    try:
        return speculation_for(model, specification.use_case, method, specification.draft_tokens, thinks)
    except InvalidInput:
        return None


def context_of(specification: Specification, output_tokens: float) -> float:
    """Return the mean context of a decoding sequence in tokens."""
    return specification.prompt_tokens + output_tokens / 2.0


def with_drafts(
    profiles: ProfileBatch,
    batch: CompiledBatch,
    models: Sequence[Model],
    specification: Specification,
    lengths: AnswerLengths,
    model_at: FloatArray | np.ndarray,
) -> tuple[ProfileBatch, list[SpeculationChoice | None]]:
    """Return the step times of configurations that speculate as asked, and the choice of each.

    `models`: of the catalog; `model_at`: the model of each configuration.
    """
    by_model = [choice_for(model, specification) for model in models]
    # vLLM does not draft across the stages of a pipeline.
    choices = [
        by_model[at] if config.pipeline_parallel == 1 else None
        for at, config in zip(model_at, batch.configs, strict=True)
    ]
    context = context_of(specification, float(np.median(lengths.output_tokens)))
    return speculated(profiles, batch, choices, context), choices


def chosen_rows(on: ProfileBatch, off: ProfileBatch, drafts: BoolArray) -> ProfileBatch:
    """Return the step times of each row as it is planned: with drafts, or without."""
    rows = {}
    for name in ProfileBatch.__dataclass_fields__:
        if name in ("batch", "answers", "caches_prefix"):
            continue
        with_them, without = getattr(on, name), getattr(off, name)
        rows[name] = np.where(drafts[:, None] if with_them.ndim == 2 else drafts, with_them, without)
    return replace(off, **rows)


def option_speculation(
    choice: SpeculationChoice, batch: CompiledBatch, context_tokens: float
) -> OptionSpeculation:
    """Return the speculation of an option whose configuration alone is in `batch`."""
    return OptionSpeculation(
        method=choice.method,
        draft_tokens=choice.draft_tokens,
        draft_checkpoint=choice.draft_checkpoint,
        accepted_tokens=choice.accepted_tokens,
        source=choice.source,
        pays_up_to=pays_up_to(batch, [choice], context_tokens)[0],
    )


def profile_with_drafts(
    profile: LatencyProfile,
    batch: CompiledBatch,
    model: Model,
    option: Option,
    specification: Specification,
) -> LatencyProfile:
    """Return the step times of an option's replica with the drafts that it was planned with."""
    if option.speculation is None:
        return profile
    planned = specification.model_copy(
        update={
            "speculation": option.speculation.method,
            "draft_tokens": option.speculation.draft_tokens,
        }
    )
    context = context_of(specification, specification.output_tokens)
    return speculated_profile(profile, batch, choice_for(model, planned), context)


def advice(model: Model, batch: CompiledBatch, option: Option, specification: Specification) -> str | None:
    """Return in a sentence whether speculation would pay at the planned load; None where nothing is known."""
    if specification.speculation is not None or specification.speculative_speedup > 1.0:
        return None
    choice = choice_for(model, specification)
    if choice is None or option.hours is not None or option.pipeline_parallel > 1:
        return None
    context = context_of(specification, option.output_tokens or specification.output_tokens)
    load = max(1.0, option.concurrency_per_replica)
    at = np.array([load])
    gain, low, high = (
        float(speedups(batch, [choice], context, at, case)[0, 0]) for case in ("typical", "worst", "best")
    )
    drafts = f"{NAMES[choice.method]}, {counted(choice.draft_tokens, 'token')} drafted"
    here = f"at {number(load)} in flight a replica"
    if gain < WORTH_SAYING:
        return f"Speculative decoding ({drafts}) would not pay {here}: {gain:.2g} times as fast."
    end = pays_up_to(batch, [choice], context)[0]
    until = "at any load" if end is None else f"up to {number(end)} in flight"
    return (
        f"Speculative decoding ({drafts}) would make tokens {gain:.2g} times as fast [{low:.2g}–{high:.2g}] "
        f"{here}, and pays {until}; it is not in this plan: ask for it."
    )
