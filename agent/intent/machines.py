"""Machines of clouds and makers by name: "g5.12xlarge", "ND H100 v5", "DGX H100", with their GPUs."""

import functools
import re
from collections.abc import Callable
from typing import Any

from agent.intent.data import load
from agent.intent.name import Name

BEGINNINGS = re.compile(r"^standard[_ -]|^(?:vm|bm)\.gpu\.?")
"""What a cloud's names begin with and people leave out, where enough is left."""
SHORTEST = 6


@functools.cache
def patterns() -> tuple[tuple[re.Pattern[str], str, int | None, str | None], ...]:
    """Pattern, GPU, GPUs of one machine and provider, the longest names first."""
    table = load("machines")
    rows: list[tuple[str, str, int | None, str | None]] = [
        (one["pattern"], one["gpu"], one["gpus"], None) for one in table["shapes"]
    ]
    named = [*each_name(table["instances"], instance), *each_name(table["families"], instance)]
    rows += sorted(named, key=lambda row: len(row[0]), reverse=True)
    before, machine = table["before_a_machine"], table["a_machine"]
    for name, gpu, gpus, provider in each_name(table["families_before_a_machine"], re.escape):
        rows.append((rf"(?:{before}) {name}|{name}(?= (?:{machine})\b)", gpu, gpus, provider))
    return tuple(
        (
            re.compile(rf"(?<![\w.-])(?:ml\.)?(?:{pattern})(?:s\b|'s\b)?(?![\w.]\w|-[\w]*\d)"),
            gpu,
            gpus,
            provider,
        )
        for pattern, gpu, gpus, provider in rows
    )


def each_name(
    table: dict[str, Any], pattern_of: Callable[[str], str]
) -> list[tuple[str, str, int | None, str]]:
    """A row for every name of a table by provider."""
    return [
        (pattern_of(name), row["gpu"], row.get("gpus"), provider)
        for provider, rows in table.items()
        for row in rows
        for name in row["names"]
    ]


def instance(name: str) -> str:
    """The pattern of an instance's name: any separator for its own, without its usual beginning."""
    plain = name.casefold()
    short = BEGINNINGS.sub("", plain)
    loose = [re.sub(r"[ _-]", "[ _-]?", re.escape(one).replace("\\", "")) for one in (plain, short)]
    loose = [one.replace(".", r"\.") for one in loose]
    return loose[0] if len(short) < SHORTEST or short == plain else f"{loose[0]}|{loose[1]}"


def machines(text: str) -> list[Name]:
    """Machines named in a plain text."""
    return [
        Name("gpu", (gpu,), *match.span(), gpus=gpus, machine=True, provider=provider)
        for pattern, gpu, gpus, provider in patterns()
        for match in pattern.finditer(text)
    ]
