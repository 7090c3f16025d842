"""Latency targets of a specification: what was said, else the class, the use case and the stated lengths."""

from dataclasses import dataclass

from compass.catalog import Catalog, UseCase
from compass.core import exact_milliseconds, milliseconds, unknown
from compass.planning.notes import Notes
from compass.planning.wishes import Wishes

SPOKEN = {"ttft_ms": "TTFT", "itl_ms": "ITL", "e2e_ms": "E2E"}
"""Targets, and what people call them."""
USUAL_PROMPTS = 2.0
"""Prompts up to so many times the usual length keep the usual target of the first token."""

Targets = tuple[float | None, float | None, float | None]
"""TTFT, ITL and E2E in ms; None where there is no target."""


@dataclass
class Defaults:
    """Targets in ms for what was not said, and where each comes from."""

    ms: dict[str, float]
    why: dict[str, str]


def choose_targets(
    catalog: Catalog,
    use_case: UseCase,
    wishes: Wishes,
    lengths: tuple[int, int],
    thinking: int,
    notes: Notes,
) -> Targets:
    """TTFT, ITL and E2E in ms: stated numbers win, then a stated class, then the use case.

    Where the lengths, tokens of prompt and answer and of long `thinking` before it, rule an assumed target
    out, it follows from them.
    """
    defaults = Defaults(use_case.targets.model_dump(), dict.fromkeys(SPOKEN, f"target of {use_case.title}"))
    if wishes.experience_class:
        move_to_class(catalog, use_case, wishes.experience_class, defaults)
    follow_prompt(use_case, wishes, lengths[0], defaults)
    follow_answer(use_case, wishes, lengths[1], thinking, defaults)
    found = {name: target(name, wishes, defaults, notes) for name in SPOKEN}
    for name, value in found.items():
        if value is not None and getattr(wishes, name) is not None:
            note_unusual(use_case, name, value, notes)
    return found["ttft_ms"], found["itl_ms"], found["e2e_ms"]


def target(name: str, wishes: Wishes, defaults: Defaults, notes: Notes) -> float | None:
    """One target in ms; None where it was dropped."""
    if name.removesuffix("_ms") in wishes.no_targets:
        return None
    return notes.choose(name, getattr(wishes, name), defaults.ms[name], defaults.why[name])


def job_targets(wishes: Wishes, notes: Notes) -> Targets:
    """The targets of a batch job: those that were said."""
    if all(getattr(wishes, name) is None for name in SPOKEN):
        notes.assume("latency_targets", "none", "nobody waits for the single answers of a batch job")
    said = [None if n.removesuffix("_ms") in wishes.no_targets else getattr(wishes, n) for n in SPOKEN]
    return said[0], said[1], said[2]


def move_to_class(catalog: Catalog, use_case: UseCase, name: str, defaults: Defaults) -> None:
    """Move TTFT and ITL to the limits of another class, never against the direction that was asked for.

    Raises:
        NotFound: an unknown class.
    """
    classes = {entry.name: entry for entry in catalog.classes}
    chosen = classes.get(name.strip().casefold())
    if chosen is None:
        raise unknown("experience class", name, classes)
    looser = chosen.ttft_ms > classes[use_case.experience_class].ttft_ms
    if chosen.name == use_case.experience_class:
        return
    for target, limit in (("ttft_ms", chosen.ttft_ms), ("itl_ms", chosen.itl_ms)):
        usual = defaults.ms[target]
        if (limit > usual) == looser and limit != usual:
            defaults.ms[target] = limit
            defaults.why[target] = f"limit of the class {chosen.name}; usual for {use_case.title}: {usual:g}"


def follow_prompt(use_case: UseCase, wishes: Wishes, prompt: int, defaults: Defaults) -> None:
    """Let the first token of prompts far longer than usual take longer, where nobody set it."""
    times = prompt / (USUAL_PROMPTS * use_case.prompt_tokens)
    if wishes.ttft_ms is not None or times <= 1:
        return
    usual = defaults.ms["ttft_ms"]
    defaults.ms["ttft_ms"] = float(f"{usual * times:.2g}")
    defaults.why["ttft_ms"] = (
        f"{usual:g} ms are usual up to {USUAL_PROMPTS * use_case.prompt_tokens:,.0f} tokens of prompt; "
        f"in proportion for {prompt:,}"
    )


def follow_answer(use_case: UseCase, wishes: Wishes, answer: int, thinking: int, defaults: Defaults) -> None:
    """Let the whole answer take as long as its lengths and limits make it, where nobody set it."""
    if wishes.e2e_ms is not None:
        return
    ttft = wishes.ttft_ms or defaults.ms["ttft_ms"]
    itl = wishes.itl_ms or defaults.ms["itl_ms"]
    output = answer + thinking
    needed = ttft + itl * (output - 1)
    usual = defaults.ms["e2e_ms"]
    longer = output > use_case.output_tokens or "in proportion" in defaults.why["ttft_ms"]
    if needed > usual and (longer or usual <= ttft or wishes.itl_ms is not None):
        first = "as you said" if wishes.ttft_ms is not None else f"in {exact_milliseconds(ttft)}"
        defaults.ms["e2e_ms"] = needed
        defaults.why["e2e_ms"] = (
            f"the first token {first}, then {output:,} tokens at the ITL target"
            f"{f', {thinking:,} of them long reasoning' if thinking else ''}; "
            f"usual for {use_case.title}: {exact_milliseconds(usual)}"
        )


def note_unusual(use_case: UseCase, name: str, value: float, notes: Notes) -> None:
    """Remark a stated target outside of the range that is usual for the use case."""
    low, high = use_case.target_range[name]
    if low <= value <= high:
        return
    side = "stricter" if value < low else "looser"
    notes.remarks.append(
        f"{SPOKEN[name]} of {exact_milliseconds(value)} is {side} than is usual for {use_case.title} "
        f"({exact_milliseconds(low)} to {exact_milliseconds(high)})."
    )


def note_contradictions(notes: Notes, targets: Targets, output: int) -> None:
    """Say where the targets cannot all bind at once."""
    ttft, itl, e2e = targets
    if e2e is None or ttft is None:
        return
    if e2e < ttft:
        notes.remarks.append(
            f"The whole answer may take {exact_milliseconds(e2e)}, less than its first token's "
            f"{exact_milliseconds(ttft)}: the end-to-end target decides."
        )
    elif itl is not None and e2e < (needed := ttft + itl * (output - 1)):
        notes.remarks.append(
            f"{output:,.0f} tokens at the limits of TTFT and ITL take {milliseconds(needed)}; "
            f"the end-to-end target of {exact_milliseconds(e2e)} is the stricter one."
        )
