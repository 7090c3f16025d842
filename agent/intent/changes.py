"""What a later message does to earlier ones: takes back, multiplies, starts over."""

from typing import Any

from agent.intent.message import Message

TAKEN_BACK: dict[str, dict[str, Any]] = {
    "gpu": {"preferred_gpu_types": (), "excluded_gpu_types": ()},
    "model": {"preferred_models": ()},
    "budget": {"budget_usd_per_month": None},
    "latency": {"ttft_ms": None, "itl_ms": None, "e2e_ms": None},
    "availability": {"availability": None},
    "rate": {"requests_per_second": None},
    "percentile": {"percentile": None},
}
FAR = 4
ADDED_NOT = {"than", "als", "que", "de", "di", "do", "del"}


def restarts(message: Message) -> int | None:
    """Where the new request begins after "start over", None where nothing is started over."""
    return max((tag.end for tag in message.tagged("restart")), default=None)


def take_back(state: dict[str, Any], message: Message) -> bool:
    """Clear what the message asks to forget; whether it asked."""
    asked = False
    for tag in message.tagged("target"):
        name = tag.label.split(".")[1]
        if name in TAKEN_BACK and dropped(message, tag.start, tag.end):
            state |= TAKEN_BACK[name]
            asked = True
    for place, token in enumerate(message.tokens):
        if token.name and token.name.kind != "model" and dropped(message, place, place + 1):
            for field in ("preferred_gpu_types", "excluded_gpu_types"):
                state[field] = tuple(name for name in state.get(field, ()) if name not in token.name.meant)
            asked = True
    return asked


def dropped(message: Message, start: int, end: int) -> bool:
    """Whether a place is what is to be forgotten: "drop the GPU limit", "the budget is gone", "no budget limit", "any GPU"."""
    sentence = message.sentence(start)
    before = [tag for tag in message.within("drop", sentence[0], start) if start - tag.end <= FAR]
    after = [tag for tag in message.within("drop", end, sentence[1]) if tag.start - end <= FAR - 1]
    free = [tag for tag in message.within("any", sentence[0], start) if tag.end == start]
    unlimited = message.before(start, "neg") is not None and message.at(end, "limit") is not None
    return bool(before or after or free or unlimited)


def factors(message: Message) -> dict[str, float]:
    """What is multiplied: "double the users", "half the budget", "20 % fewer people"."""
    factor = next((float(tag.label[6:]) for tag in message.tagged("scale")), None) or percentage(message)
    if factor is None:
        return {}
    labels = message.labels()
    if "target.budget" in labels or "dim.cost" in labels:
        return {"budget_usd_per_month": factor}
    if "target.users" in labels or "people" in labels:
        return {"user_count": factor}
    for label, name in (("target.prompt", "prompt_tokens"), ("target.output", "output_tokens"), ("target.rate", "requests_per_second"), ("target.latency", "ttft_ms")):
        if label in labels:
            return {name: factor}
    return {}


def percentage(message: Message) -> float | None:
    """A factor from "30 % more" or "30 % fewer"."""
    for place, token in enumerate(message.tokens):
        if token.value is not None and message.words(place + 1, place + 2) == ["%"]:
            message.claimed.add(place)
            if message.tagged("fewer"):
                return 1 - token.value / 100
            if message.tagged("add"):
                return 1 + token.value / 100
    return None


def added_people(message: Message) -> bool:
    """Whether a number of people comes on top: "200 more users", "another 50 nurses"."""
    for tag in message.tagged("add"):
        follows = message.words(tag.end, tag.end + 1)
        near = any(token.value is not None and -2 <= place - tag.start <= 2 for place, token in enumerate(message.tokens))
        if near and not (follows and follows[0] in ADDED_NOT):
            return True
    return False


def bare_number(message: Message) -> float | None:
    """The number of "make it 2,000" or "rather 800": it counts what was counted before."""
    for at, value in message.numbers():
        noun = any(message.at(at + 1, label) for label in ("unit", "thing", "money", "request", "rate", "people"))
        sign = message.words(at + 1, at + 2) == ["%"]
        if not noun and not sign and (message.tagged("set") or len(message.tokens) <= 5):
            return value
    return None
