"""Plain words for the names of fields, and for the values that come with them."""

from functools import cache
from pathlib import Path

from compass.core import parse_yaml

DATA = Path(__file__).parent / "data"


@cache
def labels() -> dict[str, str]:
    """Words by field name."""
    fields: dict[str, str] = parse_yaml((DATA / "labels.yaml").read_text(encoding="utf-8"))["fields"]
    return fields


def label(field: str) -> str:
    """A field in plain words."""
    return labels().get(field, field.replace("_", " "))


def value(text: str) -> str:
    """A value as people write it: figures with separators, milliseconds from a second as seconds."""
    number, _, unit = text.partition(" ")
    try:
        figure = float(number)
    except ValueError:
        return text.replace("_", " ")
    if unit == "ms" and figure >= 1000:
        return f"{figure / 1000:,.3g} s"
    return f"{figure:,.10g} {unit}".strip() if figure.is_integer() else f"{figure:,.3g} {unit}".strip()
