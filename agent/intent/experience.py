"""The experience class that every request has: as said, else as the load or the use case tells, then an assumption."""

from typing import Any

from agent.intent.types import IntentAssumption
from compass.catalog import load_catalog

USUAL = "conversational"


def experience_of(values: dict[str, Any]) -> tuple[str, IntentAssumption | None]:
    """The class, and the assumption that it is where nobody said it."""
    if values.get("experience_class"):
        return values["experience_class"], None
    name, why = default_of(values)
    return name, IntentAssumption(field="experience_class", value=name, why=why)


def default_of(values: dict[str, Any]) -> tuple[str, str]:
    """The class of a job, of the use case, or the usual one, with its reason."""
    waited_for = any(values.get(name) for name in ("ttft_ms", "itl_ms", "e2e_ms"))
    if (values.get("batch_items") or values.get("deadline_hours")) and not waited_for:
        return "batch", "a job of many items: nobody waits for a single answer"
    cases = {case.name: case for case in load_catalog().use_cases}
    if (case := cases.get(values.get("use_case") or "")) is not None:
        if case.experience_class == "batch" and waited_for:
            return "interactive", "a latency is asked for: somebody waits"
        return case.experience_class, f"usual for {case.title}"
    return USUAL, "the use is not said; the most common class is taken"
