"""What a later message does to earlier ones: takes back, multiplies, starts over."""

from typing import Any

from agent.intent.contradictions import LOADS
from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.priorities import DIMENSIONS
from agent.intent.vocabulary import Tag

TAKEN_BACK: dict[str, dict[str, Any]] = {
    "gpu": {"preferred_gpu_types": (), "excluded_gpu_types": ()},
    "model": {"preferred_models": ()},
    "budget": {"budget_usd_per_month": None},
    "latency": {"ttft_ms": None, "itl_ms": None, "e2e_ms": None},
    "availability": {"availability": None},
    "rate": {"requests_per_second": None},
    "percentile": {"percentile": None},
}
ONE_TARGET = {"role.start": "ttft_ms", "role.token": "itl_ms", "role.whole": "e2e_ms"}
"""Targets that are dropped by their name: "drop the ITL target"."""
SCALED = {
    "target.users": "user_count", "people": "user_count", "target.budget": "budget_usd_per_month", "dim.cost": "budget_usd_per_month",
    "target.prompt": "prompt_tokens", "target.output": "output_tokens", "target.rate": "requests_per_second", "target.latency": "ttft_ms",
    "role.token": "itl_ms", "role.whole": "e2e_ms",
}  # fmt: skip
TAKING = frozenset("take use want try nimm nehmt nehmen prends prenez toma usa prendi usem usar".split())
"""What asks for the name that follows."""
FAR, SHORT = 4, 4
LEAST_WINDOW, LEAST_MS = 1024, 5
ADDED_NOT = word_set("added_not")


def restarts(message: Message) -> int | None:
    """Where the new request begins after "start over", None where nothing is started over."""
    return max((tag.end for tag in message.tagged("restart")), default=None)


def take_back(state: dict[str, Any], message: Message) -> bool:
    """Clear what the message asks to forget; whether it asked."""
    asked = False
    for tag in message.tagged("target"):
        name = tag.label.split(".")[1]
        one = name == "latency" and any(message.tagged(label) for label in ONE_TARGET)
        if name in TAKEN_BACK and not one and dropped(message, tag.start, tag.end):
            state |= TAKEN_BACK[name]
            asked = True
    asked = drop_targets(state, message) or asked
    for tag in message.tagged("dim"):
        priority = f"{DIMENSIONS[tag.label.split('.')[1]]}_priority"
        if priority in state and dropped(message, tag.start, tag.end):
            del state[priority]
            asked = True
    for place, token in enumerate(message.tokens):
        if token.name and token.name.kind != "model" and freed(message, place):
            for field in ("preferred_gpu_types", "excluded_gpu_types"):
                state[field] = tuple(name for name in state.get(field, ()) if name not in token.name.meant)
            asked = True
    return asked


def drop_targets(state: dict[str, Any], message: Message) -> bool:
    """Clear the targets that are dropped by their name; whether any was."""
    fields = [
        field
        for label, field in ONE_TARGET.items()
        for tag in message.tagged(label)
        if named_target(message, tag) and dropped(message, tag.start, tag.end)
    ]
    state |= dict.fromkeys(fields)
    if fields:
        dropped_now = (field.removesuffix("_ms") for field in fields)
        state["no_targets"] = tuple(dict.fromkeys((*state.get("no_targets", ()), *dropped_now)))
    return bool(fields)


def named_target(message: Message, tag: Tag) -> bool:
    """Whether a word for a latency is its name, or stands before "target" or "limit"."""
    names = {"ttft", "itl", "tpot", "e2e"} & set(message.words(tag.start, tag.end))
    return bool(names) or message.at(tag.end, "limit") is not None


def freed(message: Message, place: int) -> bool:
    """Whether a name is neither asked for nor ruled out any more: "lift the ban on H100"; "without H100" rules it out."""
    if asked_for(message, place):
        return False
    return dropped(message, place, place + 1) and not message.negations(max(0, place - 2), place)


def asked_for(message: Message, place: int) -> bool:
    """Whether a name is taken in place of what is forgotten: "forget H200, take B200"."""
    return bool(TAKING & set(message.words(max(0, place - 2), place)))


def taken_instead(message: Message) -> tuple[str, ...]:
    """The GPUs that are taken in place of what is forgotten."""
    return tuple(
        token.name.meant[0]
        for place, token in enumerate(message.tokens)
        if token.name and token.name.kind == "gpu" and asked_for(message, place)
        if not message.negations(max(0, place - 3), place)
    )


def dropped(message: Message, start: int, end: int) -> bool:
    """Whether a place is what is to be forgotten: "drop the GPU limit", "the budget is gone", "no budget limit", "any GPU"."""
    sentence = message.sentence(start)
    before = [tag for tag in message.within("drop", sentence[0], start) if start - tag.end <= FAR]
    after = [tag for tag in message.within("drop", end, sentence[1]) if tag.start - end <= FAR - 1]
    free = [tag for tag in message.within("any", sentence[0], start) if tag.end == start]
    limit = message.at(end, "limit") or message.before(end, "limit")
    unlimited = message.before(start, "neg") is not None and limit is not None
    return bool(before or after or free or unlimited)


def factors(message: Message) -> dict[str, float]:
    """What is multiplied: "double the users", "half the budget", "20 % fewer people"."""
    scale = next(iter(message.tagged("scale")), None)
    factor = float(scale.label[6:]) if scale else percentage(message)
    if factor is None:
        return {}
    place = scale.end if scale else 0
    if scale and (message.within("machine", place, place + FAR) or message.within("gpu", place, place + FAR)):
        return {}  # "half of the cards are mine"
    ranked = [
        (abs(tag.start - place), name) for label, name in SCALED.items() for tag in message.tagged(label)
    ]
    return {min(ranked)[1]: factor} if ranked else dict.fromkeys(LOADS, factor) if scale else {}


def percentage(message: Message) -> float | None:
    """A factor from "30 % more" or "30 % fewer"."""
    for place, token in enumerate(message.tokens):
        if token.value is not None and message.words(place + 1, place + 2) == ["%"]:
            for label, sign in (("fewer", -1), ("add", 1)):
                if message.tagged(label):
                    message.take(place)
                    return 1 + sign * token.value / 100
    return None


def added_people(message: Message) -> bool:
    """Whether a number of people comes on top: "200 more users", "another 50 nurses"."""
    for tag in message.tagged("add"):
        follows = message.words(tag.end, tag.end + 1)
        near = any(
            token.value is not None and -2 <= place - tag.start <= 2
            for place, token in enumerate(message.tokens)
        )
        if near and not (follows and follows[0] in ADDED_NOT):
            return True
    return False


def lowered(message: Message) -> float | None:
    """The milliseconds of "could we go down to 250?"."""
    for at, value in message.numbers():
        ends = at + 1 >= len(message.tokens) or not message.tokens[at + 1].text.isalnum()
        if message.words(at - 2, at) in (["down", "to"], ["up", "to"]) and ends and value >= LEAST_MS:
            message.take(at)
            return value
    return None


def bare_window(message: Message) -> int | None:
    """The window of "32k is enough", "and with 64k?": it replaces the one that was said."""
    for at, value in message.numbers():
        noun = any(
            message.at(at + 1, label) for label in ("thing", "money", "request", "rate", "people", "item")
        )
        if value >= LEAST_WINDOW and not noun and message.before(at, "money.currency") is None:
            message.take(at)
            return round(value)
    return None


def bare_number(message: Message) -> float | None:
    """The number of "make it 2,000" or "rather 800": it counts what was counted before."""
    for at, value in message.numbers():
        noun = any(
            message.at(at + 1, label) for label in ("unit", "thing", "money", "request", "rate", "people")
        )
        whole = value == int(value) and value >= 1 and ":" not in message.words(0, at)
        last = not any(token.text.isalnum() for token in message.tokens[at + 1 :]) or message.tagged("change")
        if whole and last and not noun and (message.tagged("set") or len(message.tokens) <= SHORT):
            message.take(at)
            return value
    return None
