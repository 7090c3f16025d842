"""The sides of a comparison, each with its own GPU, count, model, format, engine and price.

An amount in another currency than US dollars is left: nobody said at which rate it is to be converted.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.intent.deployment import Deployment
from agent.intent.gpu_counts import Counted, GpuReading
from agent.intent.message import Message
from agent.intent.periods import MONTH, period_at
from compass.comparison import Side

OR = frozenset(("or", "oder", "ou", "o", "vs", "versus", "/"))
DOLLARS = frozenset(("$", "usd", "dollar", "dollars", "bucks"))
FOR = frozenset(("for", "fur", "pour", "por", "per", "para", "buys", "gets"))
COSTING = frozenset(
    ("at", "for", "costs", "cost", "is", "=", ":", "(", "$", "kostet", "fur", "coute", "a", "cuesta", "costa")
)
PRICE_FAR, EITHER_FAR = 8, 4
PARTS = ("model", "size")


def sides(
    message: Message, gpus: GpuReading, models: Sequence[str], run: Deployment
) -> tuple[dict[str, Any], ...]:
    """What differs between the sides of a message: the first kind of thing of which it names several."""
    if len(gpus.kinds) > 1:
        some = any(kind.gpus for kind in gpus.kinds)
        return tuple(
            {"gpu": kind.gpu, "gpu_count": kind.gpus or (1 if some and kind.determined else None)} | own
            for kind, own in zip(gpus.kinds, of_each(message, len(gpus.kinds)), strict=True)
        )
    if counts := either_count(message):
        return tuple({"gpu_count": count} for count in counts)
    if model_and_size := either_model(message):
        return tuple({"model": name} for name in model_and_size)
    for name, values in (
        ("model", models),
        ("model", [f"{size:g}b" for size in run.sizes_b]),
        ("engine", run.engines),
        ("precision", run.precisions),
    ):
        if len(values) > 1:
            return tuple({name: value} for value in values)
    return ()


def of_each(message: Message, count: int) -> list[dict[str, Any]]:
    """What each GPU of a comparison has of its own: "2 H100 with TP2 or 4 A100 with TP4"."""
    own: list[dict[str, Any]] = [{} for _ in range(count)]
    places = [place for place, token in enumerate(message.tokens) if token.name and token.name.kind == "gpu"]
    for kind, field in (
        ("parallel", "tensor_parallel"),
        ("format", "precision"),
        ("engine", "engine"),
        ("model", "model"),
    ):
        found = [
            (place, token.name)
            for place, token in enumerate(message.tokens)
            if token.name and token.name.kind == kind
        ]
        if len(found) != count or len(places) != count or not taking_turns([at for at, _ in found], places):
            continue
        for side, (_, name) in zip(own, found, strict=True):
            side[field] = int(name.value or 0) if kind == "parallel" else name.meant[0]
    return own


def taking_turns(some: Sequence[int], others: Sequence[int]) -> bool:
    """Whether two kinds of names stand in turn: one, other, one, other."""
    pairs = sorted([(at, 0) for at in some] + [(at, 1) for at in others])
    return all(first[1] != second[1] for first, second in itertools.pairwise(pairs))


def either_count(message: Message) -> tuple[int, ...]:
    """The numbers of "2 or 4 L40S", "one H200 or two"."""
    for place, token in enumerate(message.tokens):
        if token.name is None or token.name.kind != "gpu":
            continue
        if other := other_ones(message, place):
            return other
        at = place - 1
        while at >= 0 and message.tokens[at].text in ("x", "gpus", "cards"):
            at -= 1
        if at >= 2 and message.tokens[at - 1].text in OR:
            first, second = message.tokens[at - 2].value, message.tokens[at].value
            if first and second and first == int(first) and second == int(second):
                message.claimed |= {at - 2, at}
                return int(first), int(second)
    return ()


def other_ones(message: Message, place: int) -> tuple[int, ...]:
    """The numbers of "one A100 or two 40 GB ones", "2 L4 or 4 of them"."""
    at = place + 2
    if not OR & set(message.words(place + 1, at)) or not message.words(at, at + 1):
        return ()
    end = at + 3 if message.words(at + 2, at + 3) == ["gb"] else at + 1
    first, second = message.tokens[place - 1].value if place else None, message.tokens[at].value
    first = 1 if place and message.tokens[place - 1].text in ("one", "a", "an", "single") else first
    if message.words(end, end + 1) not in (["ones"], ["of"]) or not first or not second:
        return ()
    message.claimed |= {at, place - 1}
    return (int(first), int(second)) if first == int(first) and second == int(second) else ()


def either_model(message: Message) -> tuple[str, ...]:
    """A named model and a size that are the two sides: "Qwen3-32B or the 30B-A3B"."""
    found = [place for place, token in enumerate(message.tokens) if token.name and token.name.kind in PARTS]
    names = [message.tokens[place].name for place in found]
    if [name.kind for name in names if name] not in (["model", "size"], ["size", "model"]):
        return ()
    between = message.words(found[0] + 1, found[1])
    if len(between) > EITHER_FAR or not OR & set(between):
        return ()
    return tuple(name.meant[0] if name.kind == "model" else f"{name.value or 0:g}b" for name in names if name)


def alternatives(
    differing: Sequence[Mapping[str, Any]],
    state: Mapping[str, Any],
    hourly: Mapping[str, float],
    monthly: Mapping[str, float],
) -> tuple[Side, ...]:
    """The sides with what holds for all; US dollars a GPU-hour by plain name, or a month by name as said."""
    common = {
        "gpu": first(state.get("preferred_gpu_types", ())),
        "gpu_count": state.get("gpu_count"),
        "model": first(state.get("preferred_models", ())),
        **{
            name: state.get(name)
            for name in ("precision", "engine", "tensor_parallel", "provider", "pricing")
        },
    }
    return tuple(
        Side(
            **{**common, **side},
            usd_per_gpu_hour=hourly.get(plain(side.get("gpu") or common["gpu"] or "")),
            usd_per_month=monthly.get(side.get("gpu") or ""),
        )
        for side in differing
    )


def first(values: Sequence[str]) -> str | None:
    """The only value; None of none and of several."""
    return values[0] if len(values) == 1 else None


def plain(gpu: str) -> str:
    """A name as prices are looked up by it."""
    return re.sub(r"[^a-z\d]", "", gpu.casefold())


def monthly_prices(message: Message) -> dict[str, float]:
    """US dollars a month by GPU: "$800 a month for an L4", "L40S at $950 a month"; claims them."""
    found: dict[str, float] = {}
    for place, token in enumerate(message.tokens):
        if token.name is None or token.name.kind != "gpu":
            continue
        near = [*range(place - 1, max(-1, place - PRICE_FAR), -1), *range(place + 1, place + PRICE_FAR)]
        at = next((at for at in near if dollars_a_month(message, at) and price_of(message, at, place)), None)
        if at is not None:
            message.claimed.add(at)
            found[token.name.meant[0]] = message.tokens[at].value or 0.0
    return found


def price_of(message: Message, at: int, place: int) -> bool:
    """Whether an amount is what the GPU at a place costs."""
    between = message.words(min(at, place) + 1, max(at, place))
    if at in message.claimed or any(word in (".", ";", "?") for word in between):
        return False
    return bool(FOR & set(between)) if at < place else set(between) <= COSTING


def dollars_a_month(message: Message, at: int) -> bool:
    """Whether a number counts US dollars a month."""
    if not 0 <= at < len(message.tokens) or message.tokens[at].value is None:
        return False
    around = {*message.words(at - 1, at), *message.words(at + 1, at + 2)}
    period = period_at(message, at + 1) or period_at(message, at + 2)
    return bool(around & DOLLARS) and period is not None and period[0] == MONTH


def of_kinds(kinds: Sequence[Counted]) -> int | None:
    """The GPUs of the sides where all have as many; None where they differ."""
    counts = {kind.gpus for kind in kinds}
    return counts.pop() if len(counts) == 1 else None
