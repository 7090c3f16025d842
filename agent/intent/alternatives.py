"""The sides of a comparison, each with its own GPU, count, model, format, engine and price."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.intent.deployment import Deployment
from agent.intent.gpu_counts import Counted, GpuReading
from agent.intent.message import Message
from agent.intent.periods import MONTH, period_at
from agent.intent.types import Alternative

OR = frozenset(("or", "oder", "ou", "o", "vs", "versus", "/"))
DOLLARS = frozenset(("$", "usd", "dollar", "dollars", "bucks"))
LEADING = frozenset(("a", "an", "the", "for", "per", "each", "one", "x", "fur", "pour", "para", "per", "un", "une", "ein", "eine"))
PRICE_FAR = 6


def sides(message: Message, gpus: GpuReading, models: Sequence[str], run: Deployment) -> tuple[dict[str, Any], ...]:
    """What differs between the sides that a message names: the first kind of thing of which it names several."""
    wanted = [{"gpu": kind.gpu, "gpu_count": kind.gpus} for kind in gpus.kinds]
    if len(wanted) > 1:
        return tuple(wanted)
    if counts := either_count(message):
        return tuple({"gpu_count": count} for count in counts)
    for name, values in (
        ("model", models),
        ("model", [f"{size:g}b" for size in run.sizes_b]),
        ("engine", run.engines),
        ("precision", run.precisions),
    ):
        if len(values) > 1:
            return tuple({name: value} for value in values)
    return ()


def either_count(message: Message) -> tuple[int, ...]:
    """The numbers of "2 or 4 L40S", "one H200 or two"."""
    for place, token in enumerate(message.tokens):
        if token.name is None or token.name.kind != "gpu":
            continue
        at = place - 1
        while at >= 0 and message.tokens[at].text in ("x", "gpus", "cards"):
            at -= 1
        if at >= 2 and message.tokens[at - 1].text in OR:
            first, second = message.tokens[at - 2].value, message.tokens[at].value
            if first and second and first == int(first) and second == int(second):
                message.claimed |= {at - 2, at}
                return int(first), int(second)
    return ()


def alternatives(
    message: Message, differing: Sequence[Mapping[str, Any]], state: Mapping[str, Any], prices: Mapping[str, float]
) -> tuple[Alternative, ...]:
    """The sides with what holds for all of them; prices in US dollars a GPU-hour by name, or a month as said."""
    common = {
        "gpu": first(state.get("preferred_gpu_types", ())),
        "gpu_count": state.get("gpu_count"),
        "model": first(state.get("preferred_models", ())),
        **{name: state.get(name) for name in ("precision", "engine", "tensor_parallel")},
    }
    found = []
    for side in differing:
        shared = {name: value for name, value in common.items() if name not in side}
        gpu = side.get("gpu") or common["gpu"]
        found.append(
            Alternative(
                **shared,
                **side,
                usd_per_gpu_hour=prices.get(plain(gpu)) if gpu else None,
                usd_per_month=monthly_price(message, gpu) if side.get("gpu") else None,
            )
        )
    return tuple(found)


def first(values: Sequence[str]) -> str | None:
    """The only value; None of none and of several."""
    return values[0] if len(values) == 1 else None


def plain(gpu: str) -> str:
    """A name as prices are looked up by it."""
    return re.sub(r"[^a-z\d]", "", gpu.casefold())


def monthly_price(message: Message, gpu: str) -> float | None:
    """The US dollars a month that a message states for a GPU: "$800 a month for an L4", "L40S at $950 a month"."""
    for place, token in enumerate(message.tokens):
        if token.name is None or gpu not in token.name.meant:
            continue
        for at in [*range(place - 1, max(-1, place - PRICE_FAR), -1), *range(place + 1, place + PRICE_FAR)]:
            if not 0 <= at < len(message.tokens) or (value := message.tokens[at].value) is None:
                continue
            around = set(message.words(at - 1, at)) | set(message.words(at + 1, at + 2))
            period = period_at(message, at + 1) or period_at(message, at + 2)
            if around & DOLLARS and period and period[0] == MONTH:
                message.claimed.add(at)
                return value
            break
    return None


def of_kinds(kinds: Sequence[Counted]) -> int | None:
    """The GPUs of the sides where all have as many; None where they differ."""
    counts = {kind.gpus for kind in kinds}
    return counts.pop() if len(counts) == 1 else None
