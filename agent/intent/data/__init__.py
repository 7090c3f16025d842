"""The words of the rules, and how they are loaded."""

import functools
from pathlib import Path
from typing import Any

from compass.core import parse_yaml


@functools.cache
def load(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    text = Path(__file__).with_name(f"{name}.yaml").read_text("utf-8")
    content: dict[str, Any] = parse_yaml(text)
    return content


def word_set(name: str) -> frozenset[str]:
    """A set of small words of `links.yaml`."""
    return frozenset(load("links")[name].split())
