"""Stated wishes beside the intent: provider, prices, load assumptions, where to deploy."""

import re
from collections.abc import Sequence
from typing import Any

from compass.catalog import Catalog

AT_ONCE = r"(?:active|at (?:once|the same time|a time)|simultaneous(?:ly)?|concurrent(?:ly)?)"
SHARE = re.compile(
    rf"(\d+(?:\.\d+)?)\s*%[^.\n]{{0,40}}\b{AT_ONCE}|\b{AT_ONCE}\b[^.\n%]{{0,25}}?(\d+(?:\.\d+)?)\s*%", re.I
)
PER_MINUTE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:requests?|messages?|questions?|prompts?)\s*(?:a|per|/)\s*min(?:ute)?\s*"
    r"(?:each|per user|a user|per person|a person)",
    re.I,
)
PEAK = re.compile(
    r"peaks?\s*(?:factor|load)?[^.\n\d]{0,25}(\d+(?:\.\d+)?)\s*(?:x|×|times)|(\d+(?:\.\d+)?)\s*(?:x|×)\s*peak",
    re.I,
)
CACHE = re.compile(r"(?:prefix|cache)[^.\n\d]{0,30}(\d+(?:\.\d+)?)\s*%", re.I)
PRICE = re.compile(r"\b([A-Za-z][A-Za-z0-9-]*\d[\w-]*)\s*=\s*\$?\s*(\d+(?:\.\d+)?)")
PRICE_SAID = re.compile(
    r"\$\s*(\d+(?:\.\d+)?)\s*(?:an?|per|/)\s*(?:hour|h|hr)\b[^.\n\d$]{0,20}?\b(?:for|per|on)\s+(?:an?|each|the)?\s*"
    r"([A-Za-z]+\d+[\w-]*)",
    re.I,
)
NAMED = re.compile(r"^\s*([a-z][a-z0-9 _]{2,30}?)\s*:\s*(.+?)\s*$", re.I | re.M)
NAMED_FIELDS = ("active_share", "requests_per_minute", "peak_factor", "prefix_cache_hit_rate")
NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%?)")


def read_extras(texts: Sequence[str], catalog: Catalog) -> dict[str, Any]:
    """Arguments of map_slo that the messages state and that the intent does not carry; later ones win.

    `target` and `namespace` are for deploy.
    """
    found: dict[str, Any] = {}
    for text in texts:
        found |= {key: value for key, value in in_one(text, catalog).items() if value not in (None, [])}
    return found


def in_one(text: str, catalog: Catalog) -> dict[str, Any]:
    """The extras of one message."""
    share, rate, peak, cache = (
        SHARE.search(text),
        PER_MINUTE.search(text),
        PEAK.search(text),
        CACHE.search(text),
    )
    return {
        "active_share": float(share[1] or share[2]) / 100 if share else None,
        "requests_per_minute": float(rate[1]) if rate else None,
        "peak_factor": float(peak[1] or peak[2]) if peak else None,
        "prefix_cache_hit_rate": float(cache[1]) / 100 if cache else None,
        "provider": provider_in(text, catalog),
        "pricing": pricing_in(text),
        "gpu_prices": prices_in(text),
        **named(text),
        **place(text),
    }


def named(text: str) -> dict[str, Any]:
    """`active share: 0.4`: a field by its name."""
    result: dict[str, Any] = {}
    for key, value in NAMED.findall(text):
        field, number = key.strip().lower().replace(" ", "_"), NUMBER.search(value)
        if field in NAMED_FIELDS and number:
            result[field] = float(number[1].replace(",", ".")) / (100 if number[2] else 1)
    return result


def provider_in(text: str, catalog: Catalog) -> str | None:
    """A provider of the price list, named as such."""
    names = sorted({price.provider for price in catalog.prices}, key=len, reverse=True)
    choice = "|".join(re.escape(name) for name in names)
    match = re.search(
        rf"(?:provider:?|cloud:?|\bon|\bin|\bat|\bfrom|\bvia|\buse|\busing|\bwith)\s+({choice})\b", text, re.I
    )
    return next((name for name in names if match and name.lower() == match[1].lower()), None)


def pricing_in(text: str) -> str | None:
    """Spot or reserved, where instances or prices are meant."""
    if re.search(r"\b(?:spot|preemptible)\b", text, re.I):
        return "spot"
    if re.search(
        r"\breserved (?:instances?|prices?|pricing|capacity)\b|\b[13].year (?:commit|reserv)", text, re.I
    ):
        return "reserved"
    return "on-demand" if re.search(r"\bon.demand\b", text, re.I) else None


def prices_in(text: str) -> list[str]:
    """Own GPU prices, `H100=2.20` or "$2.20 an hour for an H100"."""
    pairs = PRICE.findall(text) + [(name, price) for price, name in PRICE_SAID.findall(text)]
    return [f"{name}={price}" for name, price in pairs]


def place(text: str) -> dict[str, str]:
    """Where to deploy, as the settings form says it or as people do."""
    result = {}
    if target := re.search(r"\bdeploy target:\s*(local|kubernetes)", text, re.I):
        result["target"] = target[1].lower()
    if namespace := re.search(r"\bnamespace:?\s+[\"“]?([a-z0-9][a-z0-9-]*)", text):
        result["namespace"] = namespace[1]
    return result
