"""GPUs that a plain text names: those that Compass plans with, others, and names in their manner."""

import functools
import re
from typing import Any

from agent.intent.data import load
from agent.intent.name import Name, apart
from compass.catalog import load_catalog

MAKERS = r"nvidia[ -]|amd[ -]|intel[ -]|instinct |tesla |huawei |google |apple "
OF_MEMORY = r"(?:vram|memory|ram|sxm\d?|pcie|card|variant|version)"
LEADING = r"(?:gpus?|cards?|with|mit|avec|con|com|da|de|a|\()"
"""What may stand between a GPU and its memory."""
MEMORY = r"(\d+)[ -]?(?:gb|gib|gigs?|go|g)\b"


@functools.cache
def table() -> dict[str, Any]:
    """The data file of names."""
    return load("names")


@functools.cache
def gpu_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """GPU → its pattern with maker before, memory before or after, and a plural."""
    return tuple(
        (
            name,
            re.compile(
                rf"(?<![\w$€-])(?<!\d\.)(?<![$€] )(?:{MEMORY}(?: of)?[ -](?:{OF_MEMORY} )?)?(?:{MAKERS})*"
                rf"(?:{pattern})(?P<plural>s|'s|er|ern)?(?![\w%])(?!-\d(?!\d* ?gb?\b))"
                rf"(?:(?:[ -](?:sxm\d?|pcie))?(?: {LEADING})?[ -]?\(?{MEMORY}\)?)?"
            ),
        )
        for name, pattern in (table()["gpus"] | table()["other_gpus"]).items()
    )


def gpus(text: str) -> list[Name]:
    """GPUs by family name, with their memory where that tells members apart."""
    found: list[Name] = []
    for name, pattern in gpu_patterns():
        for match in pattern.finditer(text):
            if re.fullmatch(r"\d{4}", match[0]) and re.match(
                rf" (?:{table()['counted']})\b", text[match.end() :]
            ):
                continue
            memory = int(match[1] or match[match.re.groups] or 0)
            known = memory in table()["memory"].get(name, ())
            found.append(
                Name(
                    "gpu",
                    (f"{name}-{memory}" if known else name,),
                    *match.span(),
                    gpus=slice_of(match[0]),
                    machine=slice_of(match[0]) is not None,
                    plural=bool(match["plural"]),
                )
            )
    return apart(found)


def slice_of(said: str) -> int | None:
    """The chips of a TPU slice: 8 of "TPU v6e-8"."""
    chips = re.search(r"tpu.*v\d\w?-(\d+)$", said)
    return int(chips[1]) if chips else None


def makers(text: str) -> list[Name]:
    """A maker or an architecture in place of a GPU: all of its members."""
    found = []
    for field in ("vendors", "architectures"):
        for said, value in table()[field].items():
            members = tuple(
                gpu.name
                for gpu in load_catalog().gpus
                if getattr(gpu, field[:-1]).casefold().startswith(value.casefold())
            )
            found += [Name("maker", members, *match.span()) for match in re.finditer(rf"\b{said}s?\b", text)]
    return found


def unknown_gpus(text: str) -> list[Name]:
    """Names in the manner of GPUs, kept as said: planning answers with the nearest that it knows."""
    return [
        Name("gpu", (match["name"].upper(),), *match.span("name"))
        for match in re.finditer(table()["unknown"], text)
    ]
