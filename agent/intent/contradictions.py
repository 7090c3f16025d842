"""What cannot be, and what must be known first: the one question worth asking about an intent."""

import re
from typing import Any

from agent.intent.types import IntentQuestion

POSITIVE = (
    ("user_count", "users"),
    ("requests_per_second", "requests a second"),
    ("budget_usd_per_month", "dollars a month"),
)
NEGATIVE = re.compile(r"(?<![\w\d])-\d+(?:\.\d+)? ?(?:users|ms|requests|\$|dollars|people|seconds)")


def question_about(values: dict[str, Any], text: str) -> IntentQuestion | None:
    """The one question that these values and the last message ask for; zeros are taken out of the values."""
    if found := contradiction(values, text):
        return IntentQuestion(kind="contradiction", text=found)
    if missing := asked(values):
        return IntentQuestion(kind="missing", text=missing)
    return None


def contradiction(values: dict[str, Any], text: str) -> str | None:
    """The question that a contradiction or an impossible number asks for; zeros are taken out of the values."""
    ttft, e2e, itl = values["ttft_ms"], values["e2e_ms"], values["itl_ms"]
    for name, words_of in POSITIVE:
        if values[name] is not None and values[name] <= 0:
            values[name] = None
            return f"0 {words_of} cannot be planned for. How many are meant?"
    if negative := NEGATIVE.search(text):
        return f'"{negative[0]}" cannot be. Which number is meant?'
    if ttft and e2e and e2e < ttft:
        return f"The whole answer within {e2e:g} ms, but its first token only by {ttft:g} ms: which of the two holds?"
    if itl and e2e and itl > e2e:
        return f"{itl:g} ms between tokens and {e2e:g} ms for the whole answer cannot both be meant. Which holds?"
    both = set(values["preferred_gpu_types"] or ()) & set(values["excluded_gpu_types"] or ())
    if both:
        return f"{', '.join(sorted(both))} is both wanted and ruled out. Which holds?"
    return None


def asked(values: dict[str, Any]) -> str | None:
    """The question where the use case itself is open."""
    if not values["on_topic"]:
        return None
    if values["use_case"] is None and not any(
        values[name] for name in ("user_count", "requests_per_second", "preferred_models")
    ):
        return "What will people use it for, and how many of them?"
    return None
