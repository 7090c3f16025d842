"""Factors of the load: the share of users at once, requests a minute of each, the peak, hits in the prefix cache."""

import re

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
    r"peaks?\s*(?:factor|load)?[^.\n\d]{0,25}(?<!\w)(\d+(?:\.\d+)?)\s*(?:x\b|×|times)|(?<!\w)(\d+(?:\.\d+)?)\s*(?:x|×)\s*peak",
    re.I,
)
CACHE = re.compile(r"(?:prefix|cache)[^.\n\d]{0,30}(\d+(?:\.\d+)?)\s*%", re.I)
NAMED = re.compile(r"^\s*([a-z][a-z0-9 _]{2,30}?)\s*:\s*(.+?)\s*$", re.I | re.M)
NAMED_FIELDS = ("active_share", "requests_per_minute", "peak_factor", "prefix_cache_hit_rate")
NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%?)")


def read_load_factors(text: str) -> dict[str, float]:
    """The factors that a message states, by the name of their wish."""
    share, rate, peak, cache = (pattern.search(text) for pattern in (SHARE, PER_MINUTE, PEAK, CACHE))
    found: dict[str, float] = {}
    if share:
        found["active_share"] = float(share[1] or share[2]) / 100
    if rate:
        found["requests_per_minute"] = float(rate[1])
    if peak:
        found["peak_factor"] = float(peak[1] or peak[2])
    if cache:
        found["prefix_cache_hit_rate"] = float(cache[1]) / 100
    return found | named_fields(text)


def named_fields(text: str) -> dict[str, float]:
    """Factors by the name of their field, "active share: 0.4"."""
    found: dict[str, float] = {}
    for key, value in NAMED.findall(text):
        field, number = key.strip().lower().replace(" ", "_"), NUMBER.search(value)
        if field in NAMED_FIELDS and number:
            found[field] = float(number[1].replace(",", ".")) / (100 if number[2] else 1)
    return found
