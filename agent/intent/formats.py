"""Formats of weights, engines, parallel degrees and sizes of models, as people write them in a plain text."""

import functools
import re

from agent.intent.data import load
from agent.intent.name import Name

SIZE = re.compile(
    r"(?<![\w.$€-])(?<!\d,)(?P<total>\d{1,4}(?:\.\d+)?) ?(?:b|md|mrd)"
    r"(?:[ -]?a(?P<active>\d+(?:\.\d+)?)b)?(?:er|ers|s)?(?![\w.]\w|\w|/)"
    r"(?! ?(?:tokens?|tok|users?|requests?|people|parametros? de tokens|usd|dollars?|\$|€|eur)\b)"
)
PARAMETERS = re.compile(
    r"(?<![\w.])(?P<total>\d{1,13}(?:\.\d+)?)"
    r"(?P<billion> ?(?:1000000000|billions?|milliarden?|milliards?|miliardi|bilhoes|mil millones))?"
    r" (?:de |di |d')?(?:dense |active |total )?param\w*"
)
MIXTURE = re.compile(r"(?<![\w.-])(?P<experts>\d{1,3})x(?P<each>\d+(?:\.\d+)?)b(?!\w)")
DEGREES = re.compile(
    r"(?<![\w-])(?:(?P<kind>tp|tensor[ -]?parallel(?:ism|size| size| degree| of)?|--tensor-parallel-size"
    r"|pp|pipeline[ -]?parallel(?:ism|size| size| of)?|--pipeline-parallel-size)"
    r"[ =:_-]{0,2}(?:of |at |size |is )?(?P<degree>\d{1,3})"
    r"|(?P<first>\d{1,3})[ -]way tensor[ -]?parallel\w*)(?![\w.]\d|\w)"
)
SMALLEST = 0.01
SHARED = 0.83
"""Of experts x size of a mixture, what is left where attention is shared ("8x7B" is 46.7, "8x22B" 141)."""


@functools.cache
def format_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Precision → its pattern."""
    return tuple(
        (name, re.compile(rf"(?<![\w.])(?:{pattern})(?![\w]|\.\d)"))
        for name, pattern in load("names")["formats"].items()
    )


@functools.cache
def engine_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Engine → its pattern."""
    return tuple(
        (name, re.compile(rf"(?<![\w.])(?:{pattern})(?![\w])"))
        for name, pattern in load("names")["engines"].items()
    )


def formats(text: str) -> list[Name]:
    """Formats of weights: "fp8", "w4a16", "8-bit", "full precision"."""
    return [
        Name("format", (precision,), *match.span(), precision=precision)
        for precision, pattern in format_patterns()
        for match in pattern.finditer(text)
    ]


def engines(text: str) -> list[Name]:
    """Serving engines."""
    return [
        Name("engine", (engine,), *match.span())
        for engine, pattern in engine_patterns()
        for match in pattern.finditer(text)
    ]


def parallelism(text: str) -> list[Name]:
    """Degrees of tensor and pipeline parallelism: "TP8 PP2", "tensor parallel 4", "4-way tensor parallel"."""
    return [
        Name(
            "parallel",
            ("pipeline" if (match["kind"] or "t").lstrip("-").startswith("p") else "tensor",),
            *match.span(),
            value=float(match["degree"] or match["first"]),
        )
        for match in DEGREES.finditer(text)
    ]


def sizes(text: str) -> list[Name]:
    """Sizes in place of a model's name, in billions of parameters: "a 7B", "30b-a3b"."""
    found = [
        Name("size", (match[0],), *match.span(), value=float(match["total"])) for match in SIZE.finditer(text)
    ]
    found += [
        Name("size", (match[0],), *match.span(), value=billions)
        for match in PARAMETERS.finditer(text)
        if (billions := float(match["total"]) * (1 if match["billion"] else 1e-9)) >= SMALLEST
    ]
    return found + [
        Name(
            "size", (match[0],), *match.span(),
            value=round(float(match["experts"]) * float(match["each"]) * SHARED, 1),
        )
        for match in MIXTURE.finditer(text)
    ]  # fmt: skip
