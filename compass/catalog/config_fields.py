"""Reads the fields of a config.json by meaning; model classes name them differently."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compass.core import InvalidInput, parse_yaml

MOST = 1_000_000_000


@functools.cache
def rules() -> dict[str, Any]:
    """Names, defaults and habits of configuration classes (data/config_fields.yaml)."""
    path = Path(__file__).parent / "data" / "config_fields.yaml"
    read: dict[str, Any] = parse_yaml(path.read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True)
class Fields:
    """A configuration file's fields, the language model's own first, then the class's defaults."""

    values: Mapping[str, Any]
    kind: str

    def raw(self, name: str) -> Any:
        """A field by its own name; None where it is absent."""
        found = self.values.get(name)
        return found if found is not None else rules()["defaults"].get(self.kind, {}).get(name)

    def number(self, name: str) -> int | None:
        """A field by its own name as a whole number.

        Raises:
            InvalidInput: it is none.
        """
        return number(name, self.raw(name))

    def marks(self, name: str) -> list[Any]:
        """A field by its own name as a list with an entry a layer; empty where it is absent."""
        value = self.raw(name)
        if value is not None and not isinstance(value, list):
            raise InvalidInput(name, "is no list.")
        return value or []

    def whole(self, field: str) -> int | None:
        """A dimension by any of its names.

        Raises:
            InvalidInput: it is no positive whole number, or differs between layers.
        """
        for name in rules()["names"][field]:
            value = self.raw(name)
            if isinstance(value, list) and value:
                if any(other != value[0] for other in value):
                    raise InvalidInput(
                        name, "differs between layers; only models of like layers can be planned."
                    )
                value = value[0]
            if value is None:
                continue
            return number(name, value)
        return None

    def needed(self, field: str) -> int:
        """A dimension that every decoder has.

        Raises:
            InvalidInput: it is missing; names the field.
        """
        value = self.whole(field)
        if not value:
            raise InvalidInput(
                rules()["names"][field][0],
                "is missing from the configuration. Give the model's whole config.json.",
            )
        return value


def number(name: str, value: Any) -> int | None:
    """A value as a whole number; None stays None.

    Raises:
        InvalidInput: it is none.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise InvalidInput(name, f"{str(value)[:40]!r} is no whole number that a model can have.")
    return value


def fields_of(config: Mapping[str, Any]) -> Fields:
    """The fields of the language model, nested ones over the outer ones.

    Raises:
        InvalidInput: not a configuration.
    """
    if not isinstance(config, Mapping) or not config:
        raise InvalidInput("config", "is no JSON object. Give the content of a model's config.json.")
    values = dict(config)
    kind = str(values.get("model_type", ""))
    for _ in range(2):  # thinker_config holds a text_config
        for name in rules()["nested"]:
            inner = values.pop(name, None)
            if isinstance(inner, Mapping):
                kind = str(inner.get("model_type") or (f"{kind}_text" if name == "text_config" else kind))
                values |= {key: value for key, value in inner.items() if value is not None}
    return Fields(values, kind)
