"""What GPUs cost the user: own prices, a provider, spot or reserved capacity."""

import functools
import re
from typing import Any

from compass.catalog import load_catalog

NAME = r"[A-Za-z]+-?\d+[\w-]*"
HOURLY = r"\$\s*(\d+(?:\.\d+)?)\s*(?:an?|per|/)\s*(?:hour|h|hr)\b"
TAG = re.compile(r"\b([A-Za-z][A-Za-z0-9-]*\d[\w-]*)\s*=\s*\$?\s*(\d+(?:\.\d+)?)")
"""H100=2.20"""
PRICE_FIRST = re.compile(rf"{HOURLY}[^.\n\d$]{{0,20}}?\b(?:for|per|on)\s+(?:an?|each|the)?\s*({NAME})", re.I)
NAME_FIRST = re.compile(rf"\b({NAME})s?\s+(?:costs?(?: us| me)?|is|are|at|for)\s+{HOURLY}", re.I)
HOURLY_PRICE = re.compile(HOURLY, re.I)
SPOT = re.compile(r"\b(?:spot|preemptible)\b", re.I)
RESERVED = re.compile(
    r"\breserved (?:instances?|prices?|pricing|capacity)\b|\b[13].year (?:commit|reserv)", re.I
)
ON_DEMAND = re.compile(r"\bon.demand\b", re.I)


def read_prices(text: str) -> dict[str, Any]:
    """The provider, the kind of pricing and own prices that a message states, by the name of their wish."""
    found = {"provider": provider_in(text), "pricing": pricing_in(text), "gpu_prices": gpu_prices_in(text)}
    return {name: value for name, value in found.items() if value}


def without_gpu_prices(text: str) -> str:
    """The text without what GPUs cost: L4=0.50 does not say that it is wanted, $2.20 an hour is no budget."""
    for sentence in (PRICE_FIRST, NAME_FIRST):
        text = sentence.sub(lambda match: HOURLY_PRICE.sub(" ", match[0]), text)
    return TAG.sub(" ", text)


def gpu_prices_in(text: str) -> tuple[str, ...]:
    """Own prices as NAME=DOLLARS: "H100=2.20", "$2.20 an hour for an H100", "my H100 costs $2.20 an hour"."""
    pairs = TAG.findall(text) + NAME_FIRST.findall(text)
    pairs += [(name, price) for price, name in PRICE_FIRST.findall(text)]
    return tuple(f"{name}={price}" for name, price in pairs)


def pricing_in(text: str) -> str | None:
    """Spot or reserved, where instances or prices are meant."""
    if SPOT.search(text):
        return "spot"
    if RESERVED.search(text):
        return "reserved"
    return "on-demand" if ON_DEMAND.search(text) else None


def provider_in(text: str) -> str | None:
    """A provider of the price list, named as such."""
    names, pattern = providers()
    match = pattern.search(text)
    return next((name for name in names if match and name.lower() == match[1].lower()), None)


@functools.cache
def providers() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Providers of the price list, and the words by which they are named."""
    names = tuple(sorted({price.provider for price in load_catalog().prices}, key=len, reverse=True))
    choice = "|".join(re.escape(name) for name in names)
    before = r"provider:?|cloud:?|\bon|\bin|\bat|\bfrom|\bvia|\buse|\busing|\bwith"
    return names, re.compile(rf"(?:{before})\s+({choice})\b", re.I)
