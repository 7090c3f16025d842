"""What GPUs cost the user: own prices, a provider, spot or reserved capacity."""

import functools
import re
from typing import Any

from compass.catalog import load_catalog

NAME = r"[A-Za-z]+-?\d+[\w-]*"
HOURLY = r"\$\s*(\d+(?:\.\d+)?)\s*(?:an?|per|/)\s*(?:hour|h|hr)\b"
TAG = re.compile(r"\b([A-Za-z][A-Za-z0-9-]{0,24}\d[\w-]{0,24})\s*=\s*\$?\s*(\d+(?:\.\d+)?)")
"""H100=2.20"""
PRICE_FIRST = re.compile(rf"{HOURLY}[^.\n\d$]{{0,20}}?\b(?:for|per|on)\s+(?:an?|each|the)?\s*({NAME})", re.I)
PRICE_NEXT = re.compile(rf"{HOURLY}\s+(?:an?\s+|each\s+)?({NAME})", re.I)
"""$1.99/hr H100"""
NAME_FIRST = re.compile(rf"\b({NAME})s?\s+(?:costs?(?: us| me)?|is|are|at|for)\s+{HOURLY}", re.I)
HOURLY_PRICE = re.compile(HOURLY, re.I)
SPOT = re.compile(
    r"\b(?:spot(?!(?:ting|ted)|\s+(?:the|an?|any\w*|errors?|mistakes?|problems?|issues?|fraud|bugs?|checks?|patterns?|trends?|risks?|differences?|check\w*)\b)"
    r"|spot(?=-?instan\w+)|spotpreise?|pre-?empt[ia]ble)(?:\b|(?=-))",
    re.I,
)
RESERVED = re.compile(
    r"\breserved (?:instances?|prices?|pricing|capacity|machines?|gpus?|nodes?)\b|\b(?:[13]|an?|one|three)[ -]years?(?: of)? (?:commit|reserv)\w*|\b(?:committed use|savings? plans?|reserviert\w*|instances? reservees?|"
    r"instancias? reservadas?|istanze riservate|reservad[oa]s?|reserved)\b",
    re.I,
)
ON_DEMAND = re.compile(
    r"\bon.demand\b|\bpay.as.you.go\b|\b(?:[aà] la demande|bajo demanda|su richiesta|sob demanda)\b", re.I
)
TOLD = re.compile(r"\b(?:costs?|is|are)\b|\bfor\s+(?:an?|each|the)\b", re.I)
LED_TO = re.compile(
    r"\b(?:on|with|using|auf|mit|sur|avec|en|con|su|em|com)\s+(?:an?|my|our|the|\d+\s*x?)?\s*$", re.I
)
NOT = re.compile(
    r"\b(?:no|not|without|never|nothing|avoid|ohne|kein\w*|nicht|sans|pas(?: (?:de|d'))?|sin|senza|sem|non|nada de|n[ãa]o|niente|(?:do|does|can|wo)n'?t(?: (?:want|use|trust|like))?)"
    r"(?:\s+(?:any|use|using|on|want|de|the|an?|as|of|auf|en|su|em|usar|nutzen))*\s*$",
    re.I,
)
"""What rules out the word that follows it."""
CLOUDS = {
    "aws": r"aws|amazon(?: web services)?(?=\b(?! (?:reviews?|products?|listings?|sellers?|shop)))|ec2|sagemaker",
    "gcp": r"gcp|google cloud|gce|gke|google compute",
    "azure": r"azure(?!\s*(?:devops|openai|boards|ad\b))",
    "oracle": r"oracle cloud|oci",
    "lambda": r"lambda(?: ?labs| cloud)|lambda(?=,? (?:or|vs|versus|und|oder|ou|y|o)\b)|(?<=or )lambda(?! (?:function|calculus))|lambdalabs|(?<=at )lambda|(?<=on )lambda(?! function)",
    "runpod": r"run ?pod",
    "coreweave": r"core ?weave",
    "nebius": r"nebius",
    "crusoe": r"crusoe",
    "hyperstack": r"hyperstack",
}
"""Clouds of the price list whose names mean nothing else, as people call them."""


def read_prices(text: str) -> dict[str, Any]:
    """The provider, the kind of pricing and own prices that a message states, by the name of their wish."""
    found = {"provider": provider_in(text), "pricing": pricing_in(text), "gpu_prices": gpu_prices_in(text)}
    return {name: value for name, value in found.items() if value}


def without_gpu_prices(text: str) -> str:
    """The text without what GPUs cost: L4=0.50 does not say that it is wanted, $2.20 an hour is no budget.

    "My H100 costs $2.20 an hour" tells a price and no wish; "on H100 at $2.20 an hour" wants it.
    """
    several = len(gpu_prices_in(text)) > 1
    for sentence in (PRICE_FIRST, PRICE_NEXT, NAME_FIRST):
        text = sentence.sub(
            lambda match: HOURLY_PRICE.sub(" ", match[0]) if several or wished(match) else " ", text
        )
    return TAG.sub(" ", text)


def wished(match: re.Match[str]) -> bool:
    """Whether a price stands with hardware that is wanted or asked about: "on an H100 at $2 an hour"."""
    return TOLD.search(match[0]) is None or LED_TO.search(match.string[: match.start()]) is not None


def gpu_prices_in(text: str) -> tuple[str, ...]:
    """Own prices as NAME=DOLLARS: "H100=2.20", "$2.20 an hour for an H100", "my H100 costs $2.20 an hour"."""
    pairs = TAG.findall(text) + NAME_FIRST.findall(text)
    for pattern in (PRICE_FIRST, PRICE_NEXT):
        pairs += [(name, price) for price, name in pattern.findall(text)]
    return tuple(f"{name}={price}" for name, price in pairs)


def pricing_in(text: str) -> str | None:
    """Spot, reserved or on-demand, where instances or prices are meant; "no spot" is on-demand."""
    refused = False
    for pattern, pricing in ((SPOT, "spot"), (RESERVED, "reserved"), (ON_DEMAND, "on-demand")):
        for match in pattern.finditer(text):
            if not ruled_out(text, match.start()):
                return pricing
            refused = refused or pricing != "on-demand"
    return "on-demand" if refused else None


def pricings_in(text: str) -> tuple[str, ...]:
    """All kinds of price that a text names and does not rule out, in the order of the words."""
    found = {
        pricing: match.start()
        for pattern, pricing in ((SPOT, "spot"), (RESERVED, "reserved"), (ON_DEMAND, "on-demand"))
        if (match := pattern.search(text)) and not ruled_out(text, match.start())
    }
    return tuple(sorted(found, key=lambda name: found[name]))


def ruled_out(text: str, start: int) -> bool:
    """Whether a negation stands right before a place."""
    return NOT.search(text[max(0, start - 40) : start]) is not None


def provider_in(text: str) -> str | None:
    """A cloud by a name of its own anywhere, or a provider of the price list after a word that leads to one."""
    for name, pattern in clouds():
        for match in pattern.finditer(text):
            if not ruled_out(text, match.start()):
                return name
    names, pattern = providers()
    found = pattern.search(text)
    return next((name for name in names if found and name.lower() == found[1].lower()), None)


def providers_in(text: str) -> tuple[str, ...]:
    """All clouds that a text names, in the order of the words."""
    found = {name: match.start() for name, pattern in clouds() if (match := pattern.search(text))}
    return tuple(sorted(found, key=lambda name: found[name]))


@functools.cache
def clouds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each cloud and its pattern."""
    return tuple(
        (name, re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])", re.I)) for name, pattern in CLOUDS.items()
    )


@functools.cache
def providers() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Providers of the price list, and the words by which they are named."""
    names = tuple(sorted({price.provider for price in load_catalog().prices}, key=len, reverse=True))
    choice = "|".join(re.escape(name) for name in names)
    before = r"provider:?|cloud:?|\bon|\bin|\bat|\bfrom|\bvia|\buse|\busing|\bwith"
    return names, re.compile(rf"(?:{before})\s+({choice})\b", re.I)
