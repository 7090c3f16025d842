"""Numbers that no reader took and that still say nothing of their own: known already, the label of a thing, a GPU's memory."""

import functools
from collections.abc import Collection
from typing import Any

from agent.intent.data import word_set
from agent.intent.message import Message
from compass.catalog import data_sheet_versions, load_catalog, match_gpus

LABELLED = (
    "side", "people", "session", "at_once", "context", "money", "rate", "throughput", "load", "role", "we_are", "volume", "item",
    "request", "team", "reasoning", "total", "stop", "for", "per", "neg", "use", "dim", "limit", "deadline", "duration", "unit",
    "machine", "add", "more", "set", "now", "only",
)  # fmt: skip
"""What a word before a number may be, so that the number is more than its label."""
VERBS = word_set("verbs_of_measure")
SMALL = (
    word_set("between")
    | word_set("before")
    | word_set("fillers")
    | word_set("limits")
    | word_set("possessive")
)
HIGHEST_LABEL = 100_000
HARDWARE = ("machine", "target.gpu")
OF_THE_HOST = frozenset("ram system disk ssd storage arbeitsspeicher documents weights files".split())
LEAST_WINDOW = 2_048
MEMORY = frozenset("gb gib gig gigs".split())
MEMORY_APART = 0.08
COUNTS = (
    "gpu_count",
    "tensor_parallel",
    "user_count",
    "concurrent_requests",
    "concurrent_sessions",
    "batch_items",
)


def known_already(message: Message, at: int, value: float, state: dict[str, Any]) -> bool:
    """Whether a number only repeats what a field holds: "these six", "tp 8" of eight, "8 GPUs each" of sixteen."""
    bare = not counted(message, at)
    hardware = any(message.at(at + 1, label) for label in HARDWARE) or message.words(at + 1, at + 2) == ["x"]
    if not (bare or hardware):
        return False
    if bare and any(
        token.value == value and place != at and place in message.claimed - message.set_aside
        for place, token in enumerate(message.tokens)
    ):
        return True
    gpus = state.get("gpu_count") or 0
    part = hardware and gpus > 0 and value > 0 and gpus % value == 0
    return part or value in {state.get(name) for name in COUNTS} - {None}


def is_label(message: Message, at: int, value: float) -> bool:
    """Whether a number is the name of what stands before it: "module 7", "Java 8", "finding 12", "rank 64"."""
    if not at or value != int(value) or value > HIGHEST_LABEL:
        return False
    if message.tokens[at].clause != message.tokens[at - 1].clause:
        return False
    if message.before(at, "c.code") is not None:
        return True
    word = message.tokens[at - 1].text
    if word == "to" and at > 2 and message.tokens[at - 2].value is not None:
        return is_label(message, at - 2, message.tokens[at - 2].value or 0)
    if not word.isalpha() or word in VERBS | SMALL or len(word) < 2:
        return False
    return not any(
        tag.start < at and tag.end >= at for label in LABELLED for tag in message.tagged(label)
    ) and not counted(message, at)


def counted(message: Message, at: int) -> bool:
    """Whether a noun follows a number."""
    follows = message.tokens[at + 1] if at + 1 < len(message.tokens) else None
    if follows is None or message.at(at + 1, "stop") or message.words(at + 1, at + 2) == ["of"]:
        return False
    return follows.text in "%$€£" or (follows.text.isalpha() and follows.text.endswith(("s", "en", "i")))


def memory_of_a_name(
    message: Message, at: int, value: float, names: Collection[str], gpus: int | None
) -> bool:
    """Whether gigabytes are those of a GPU that was named, or of all of them together."""
    if message.words(at + 1, at + 2)[:1] not in [[word] for word in MEMORY]:
        return False
    if OF_THE_HOST & set(message.words(at + 2, at + 4)):
        return False
    sizes = {gib for name in names for gib in memories(name)}
    return any(
        abs(gib * count / value - 1) < MEMORY_APART for gib in sizes for count in {1, gpus or 1} if value
    )


@functools.lru_cache(maxsize=256)
def memories(name: str) -> frozenset[float]:
    """The memory of every GPU that a name may mean, in GiB."""
    found = [*match_gpus(load_catalog(), name), *data_sheet_versions(name)]
    return frozenset(gpu.memory_gib for gpu in found)


def seen_window(message: Message, at: int, value: float, state: dict[str, Any]) -> bool:
    """Whether a bare number is a window that was tried or would do: "boots at 98k, dies at 100k", "near 200k"."""
    if value < LEAST_WINDOW or (value % 8 and value % 1000) or counted(message, at):
        return False
    if message.before(at, "money.currency") is not None:
        return False
    asked = bool(state.get("context_tokens")) or "max_context" in (state.get("asked") or ())
    return asked or bool(message.within("context.seen", max(0, at - 3), at))
