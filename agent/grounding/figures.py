"""Figures in texts, with what they count: money, time, shares, tokens, GPUs and the like."""

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
"""What a word behind a figure says that it counts."""
IN_SECONDS = {"s", "sec", "seconds", "second"}
NAMES = (
    ("usd", MONEY), ("price", MONEY), ("_ms", TIME), ("probability", SHARE), ("utilization", SHARE),
    ("share", SHARE), ("rate_limit", PLAIN), ("tokens", "tokens"), ("user_count", "users"), ("gpus", "gpus"),
    ("replicas", "replicas"), ("tensor_parallel", "gpus"),
)  # fmt: skip
"""What a part of a field's name says that its value counts."""
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
class Figure:
    """A figure: as it is written, its value (milliseconds, per cent, US dollars), and what it counts."""

    written: str
    value: float
    unit: str = PLAIN
    step: float = 0.0
    """Half of the last place that is written: what rounding may have changed."""


def in_text(text: str) -> Iterator[Figure]:
    """The figures of a text; names such as H100, ids and numbers of a list hold none."""
    for match in FIGURE.finditer(INTERVAL.sub(spelled_out, without_names(text))):
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
        yield Figure(shown.strip(), float(number) * factor, unit, half_a_place(number) * factor)


def spelled_out(match: re.Match[str]) -> str:
    """An interval with the unit at each of its figures."""
    unit = match["before"] or match["after"] or ""
    return " ; ".join(f"{match[part].rstrip('.,')} {unit}" for part in ("value", "low", "high"))


def without_names(text: str) -> str:
    """The text without names, ids, dates and numbered lists, whose digits count nothing."""
    text = re.sub(r"\b\d{4}-\d{2}(?:-\d{2})?(?:[ T]\d{2}:\d{2}(?::\d{2})?Z?)?", " ", text)
    text = re.sub(r"(?m)^\s*\d+[.)]\s", " ", text)
    text = re.sub(r"https?://\S+", " ", text)
    # Words with letters and digits: H100-SXM, Llama-3.1-8B, option-7f3a, fp8, p95; "300ms" and "5k" are none.
    return re.sub(
        r"(?<![\w.])(?=[\w./-]*[A-Za-z])(?=[\w./-]*\d)(?!\d[\d.,]*(?:ms|s|k|M|x)\b)[A-Za-z0-9][\w./-]*",
        " ",
        text,
    )


def half_a_place(number: str) -> float:
    """Half of the last place that is meant: noughts at the end are rounding, but two digits stand."""
    whole, _, decimals = number.partition(".")
    if decimals:
        return 0.5 / 10.0 ** len(decimals)
    digits = max(2, len(whole.rstrip("0")))
    return 0.5 * 10.0 ** max(0, len(whole) - digits)


def in_data(value: Any, name: str = "") -> Iterator[Figure]:
    """The figures of a JSON document; a field's name says what it counts, and texts are read as such."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.isdigit():  # {"95": 2}: two replicas for a chance of 95 %
                yield Figure(key, float(key), SHARE)
            # "ttft_p95_ms": {"value": …, "low": …} counts what its name says.
            yield from in_data(inner, f"{name}.{key}" if key in ("value", "low", "high") else key)
    elif isinstance(value, list):
        for inner in value:
            yield from in_data(inner, name)
    elif isinstance(value, str):
        yield from in_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        unit = next((unit for part, unit in NAMES if part in name), PLAIN)
        yield Figure(str(value), value * 100 if unit == SHARE and abs(value) <= 1 else float(value), unit)


def in_source(source: str) -> Iterator[Figure]:
    """The figures of a tool's result, be it JSON or text."""
    if source.lstrip()[:1] in "{[":
        try:
            yield from in_data(json.loads(source))
            return
        except json.JSONDecodeError:
            pass
    yield from in_text(source)
