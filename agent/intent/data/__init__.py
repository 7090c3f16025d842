"""The words of the rules, and how they are loaded."""

from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    content: dict[str, Any] = yaml.load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"), Loader=LOADER)
    return content
