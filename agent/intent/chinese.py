"""Chinese words of the trade as the English ones that the rules know."""

import functools
import re
from typing import Any

from agent.intent.data import load

CHINESE = re.compile(r"[\u3400-\u9fff]")
COMMA = re.compile(r",(?=\D)|(?<=\D),")
MARKS = str.maketrans({"，": ", ", "。": ". ", "？": "? ", "！": "! ", "、": ", ", "；": "; ", "：": ": "})


@functools.cache
def table() -> dict[str, Any]:
    """The data file of Chinese words."""
    return load("zh")


@functools.cache
def patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Numerals, and words with the longest first."""
    words = table()
    signs = "".join([*words["digits"], *words["powers"], *words["groups"]])
    longest = sorted(words["words"], key=len, reverse=True)
    return re.compile(rf"\d*\.?\d*[{signs}]+"), re.compile("|".join(map(re.escape, longest)))


def in_english(text: str) -> str:
    """The text with its Chinese words and numerals as English words and digits; others as they are."""
    if not CHINESE.search(text):
        return text
    text = COMMA.sub(", ", text)
    numerals, words = patterns()
    known = table()["words"]
    text = words.sub(
        lambda match: known[match[0]] if not numerals.fullmatch(match[0]) else match[0],
        text.translate(MARKS),
    )
    text = numerals.sub(lambda match: f" {value(match[0])} ", text)
    return re.sub(r"(?<=[\u3400-\u9fff])(?=[a-z\d])|(?<=[a-z\d])(?=[\u3400-\u9fff])", " ", text)


def value(numeral: str) -> str:
    """A numeral in digits: "两" is 2, "八千" 8000, "3.5万" 35000, "一百二十" 120."""
    number = re.match(r"\d+(?:\.\d+)?", numeral)
    total, group = 0.0, 0.0
    digit = float(number[0]) if number else None
    for sign in numeral[number.end() if number else 0 :]:
        if (one := table()["digits"].get(sign)) is not None:
            digit = (digit or 0) * 10 + one if digit is not None else one
        elif power := table()["powers"].get(sign):
            group, digit = group + (1 if digit is None else digit) * power, None
        else:
            group += digit or 0
            total, group, digit = total + (group or 1) * table()["groups"][sign], 0.0, None
    return (
        f"{total + group + (digit or 0):g}" if total + group < 1e6 else str(int(total + group + (digit or 0)))
    )
