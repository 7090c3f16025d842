"""Chooses how a model speculates: the method, what drafts, and what a step is known to yield."""

import functools

from compass.catalog import Model, stem
from compass.core import InvalidInput
from compass.speculation.acceptance import KnownDrafter, find_acceptance, load_acceptance
from compass.speculation.drafters import drafter_of
from compass.speculation.types import METHOD_NAMES, METHODS, Method, SpeculationChoice, Text

MOST_DRAFTS = 16


@functools.lru_cache(maxsize=1024)
def methods_of(model_id: str) -> tuple[Method, ...]:
    """Return the methods that a model can use, MTP first: those whose drafter is known, and n-grams."""
    return tuple(method for method in METHODS if method == "ngram" or _drafter(model_id, method))


def text_of(use_case: str, thinks: bool = False) -> Text:
    """Return the kind of text that a use case writes; mostly reasoning where the model thinks."""
    return "reasoning" if thinks else load_acceptance().texts.get(use_case, "chat")


def speculation_for(
    model: Model,
    use_case: str,
    method: str = "auto",
    draft_tokens: int | None = None,
    thinks: bool = False,
) -> SpeculationChoice | None:
    """Return how a model speculates for a use case; None for "off", or where "auto" finds no drafter.

    `draft_tokens`: drafted in a step; None: as the drafter's source has it. `thinks`: most of what it writes
    is thinking. `why_none` says why nothing was found.

    Raises:
        InvalidInput: the model has no such method, or the number of drafts is impossible.
    """
    if draft_tokens is not None and not 1 <= draft_tokens <= MOST_DRAFTS:
        raise InvalidInput("draft_tokens", f"{draft_tokens} cannot be; give 1 to {MOST_DRAFTS}.")
    if method == "off":
        return None
    possible = methods_of(model.id)
    if method == "auto":
        # Choices of "auto" are of heads and draft models alone.
        found = next((one for one in possible if one != "ngram"), None)
        return _choice(model, found, text_of(use_case, thinks), draft_tokens) if found else None
    chosen = next((one for one in possible if one == method), None)
    if chosen is None:
        raise InvalidInput("speculation", _refusal(model, method, possible))
    return _choice(model, chosen, text_of(use_case, thinks), draft_tokens)


def why_none(model: Model) -> str | None:
    """Return in a sentence why "auto" finds no drafter for a model; None where it finds one."""
    if methods_of(model.id) != ("ngram",):
        return None
    return (
        f"{model.name} has no MTP heads, and no EAGLE-3 head or draft model for it is known by name. "
        "n-gram drafts need no weights and pay where answers repeat their prompts (speculation=ngram)."
    )


def _choice(model: Model, method: Method, text: Text, draft_tokens: int | None) -> SpeculationChoice | None:
    known = _drafter(model.id, method)
    usual = known.draft_tokens if known else load_acceptance().ngram_draft_tokens
    drafted = draft_tokens or usual
    found = find_acceptance(stem(model.id), method, text, drafted)
    if found is None:
        return None
    checkpoint = known.checkpoint if known else None
    return SpeculationChoice(
        method=method,
        draft_tokens=drafted,
        draft_checkpoint=checkpoint,
        accepted_tokens=found.accepted,
        low=found.low,
        high=found.high,
        basis=found.basis,
        source=found.source,
        drafter=drafter_of(model.architecture, method, checkpoint),
    )


def _drafter(model_id: str, method: Method) -> KnownDrafter | None:
    name = stem(model_id)
    rows = load_acceptance().drafters
    return next((row for row in rows if row.model == name and row.method == method), None)


def _refusal(model: Model, method: str, possible: tuple[Method, ...]) -> str:
    if method not in METHODS:
        return f'"{method}" is no method; give auto, off, {", ".join(METHODS)}.'
    there = ", ".join(f"{METHOD_NAMES[one]} ({one})" for one in possible)
    return f"{METHOD_NAMES[method]} for {model.name}: none is known by name. There is: {there}."
