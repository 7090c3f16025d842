"""Parses figures in texts and JSON with their units: money, time, shares, tokens, GPUs and the like."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MONEY, TIME, SHARE, PLAIN = "money", "ms", "%", ""
WORDS = {
    "ms": TIME, "milliseconds": TIME, "millisecond": TIME,
    "s": TIME, "sec": TIME, "seconds": TIME, "second": TIME,
    "%": SHARE, "percent": SHARE, "usd": MONEY, "dollars": MONEY, "dollar": MONEY,
    "tokens": "tokens", "token": "tokens", "users": "users", "user": "users", "people": "users",
    "gpus": "gpus", "gpu": "gpus", "replicas": "replicas", "replica": "replicas",
}  # fmt: skip
"""Word behind a figure → unit."""
IN_SECONDS = {"s", "sec", "seconds", "second"}
NAMES = (
    ("usd", MONEY), ("price", MONEY), ("_ms", TIME), ("probability", SHARE), ("utilization", SHARE),
    ("share", SHARE), ("rate_limit", PLAIN), ("tokens", "tokens"), ("user_count", "users"), ("gpus", "gpus"),
    ("replicas", "replicas"), ("tensor_parallel", "gpus"),
)  # fmt: skip
"""Part of a field's name → unit of its value."""
FIGURE = re.compile(
    r"(?<![\w.,-])(?P<money>[$€]\s?)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<scale>k|M)?(?![\w-]*[A-Za-z]\d)(?:\s?(?P<times>×|x)(?=\s))?(?:[\s-]?(?P<word>%|[A-Za-z]+))?"
)

INTERVAL = re.compile(
    r"(?P<value>\d[\d,.]*)\s?(?P<before>[A-Za-z]+)?\s*\[(?P<low>\d[\d,.]*)\s*[–-]\s*(?P<high>\d[\d,.]*)\]"
    r"(?:\s?(?P<after>ms|s)\b)?"
)
"""A figure with its interval: "2.6 s [1.3–5.4]", or "47 [26–87] ms"; one unit for all three."""


@dataclass(frozen=True)
class WrittenFigure:
    """A figure as it is written, its value (milliseconds, per cent, US dollars) and its unit."""

    written: str
    value: float
    unit: str = PLAIN
    step: float = 0.0
    """Half a unit in the last place that is written: the largest rounding error."""


def figures_in_text(text: str) -> Iterator[WrittenFigure]:
    """Yield the figures of a text; names such as H100, ids and numbers of a list hold none."""
    for match in FIGURE.finditer(INTERVAL.sub(with_units, without_names(text))):
        word = (match["word"] or "").lower()
        unit = MONEY if match["money"] else WORDS.get(word, PLAIN)
        if match["times"] and unit == PLAIN:
            unit = "gpus"
        factor = {"k": 1e3, "M": 1e6}.get(match["scale"] or "", 1.0)
        if unit == TIME and word in IN_SECONDS:
            factor = 1e3
        number = match["number"].replace(",", "")
        shown = (
            match[0] if match["word"] and word in WORDS else match[0][: match.end("number") - match.start()]
        )
        yield WrittenFigure(shown.strip(), float(number) * factor, unit, rounding_step(number) * factor)


def with_units(match: re.Match[str]) -> str:
    """Write the unit of an interval at each of its figures."""
    unit = match["before"] or match["after"] or ""
    return " ; ".join(f"{match[part].rstrip('.,')} {unit}" for part in ("value", "low", "high"))


def without_names(text: str) -> str:
    """Remove names, ids, dates and list numbers, whose digits are no figures."""
    text = re.sub(r"\b\d{4}-\d{2}(?:-\d{2})?(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?", " ", text)
    text = re.sub(r"(?m)^\s*\d+[.)]\s", " ", text)
    text = re.sub(r"https?://\S+", " ", text)
    # Words with letters and digits: H100-SXM, Llama-3.1-8B, option-7f3a, fp8, p95; "300ms" and "5k" are none.
    return re.sub(
        r"(?<![\w.])(?=[\w./-]*[A-Za-z])(?=[\w./-]*\d)(?!\d[\d.,]*(?:ms|s|k|M|x)\b)[A-Za-z0-9][\w./-]*",
        " ",
        text,
    )


def rounding_step(number: str) -> float:
    """Half a unit in the last significant place: trailing zeros are rounding, but two digits count."""
    whole, _, decimals = number.partition(".")
    if decimals:
        return 0.5 / 10.0 ** len(decimals)
    digits = max(2, len(whole.rstrip("0")))
    return 0.5 * 10.0 ** max(0, len(whole) - digits)


def figures_in_json(value: Any, name: str = "") -> Iterator[WrittenFigure]:
    """Yield the figures of a JSON document; a field's name gives the unit, strings are read as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.isdigit():  # {"95": 2}: two replicas for a chance of 95 %
                yield WrittenFigure(key, float(key), SHARE)
            # "ttft_p95_ms": {"value": …, "low": …} counts what its name says.
            yield from figures_in_json(inner, f"{name}.{key}" if key in ("value", "low", "high") else key)
    elif isinstance(value, list):
        for inner in value:
            yield from figures_in_json(inner, name)
    elif isinstance(value, str):
        yield from figures_in_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        unit = next((unit for part, unit in NAMES if part in name), PLAIN)
        yield WrittenFigure(
            str(value), value * 100 if unit == SHARE and abs(value) <= 1 else float(value), unit
        )


def figures_in_source(source: str) -> Iterator[WrittenFigure]:
    """Yield the figures of a tool's result, JSON or text."""
    if source.lstrip()[:1] in "{[":
        try:
            yield from figures_in_json(json.loads(source))
            return
        except json.JSONDecodeError:
            pass
    yield from figures_in_text(source)
