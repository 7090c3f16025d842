"""Matchers of labels: each says whether a value that was read is what a careful reader expects.

A label is a plain value, or one of `{one_of: [...]}`, `{min: .., max: ..}`, `{has: [...]}`,
`{contains_any: [...]}` and `{none: true}`.
"""

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from compass.catalog import load_catalog, match_gpus, match_models
from compass.core import Frozen

Scalar = bool | int | float | str | None
ROUNDING = 0.001
"""Relative tolerance of a plain number."""
UNSAID: tuple[Any, ...] = (None, "", (), [], "medium", "none")
"""Values that say nothing; "medium" is an unsaid priority, "none" an unsaid availability."""
SEPARATORS = r"[\s._/-]*"


class Matcher(Frozen):
    """Whether a value is right; an unknown key of a label is an error."""

    model_config = ConfigDict(extra="forbid")

    def accepts(self, field: str, value: Any) -> bool:
        """True if the value read for this field is right."""
        raise NotImplementedError


class Equal(Matcher):
    """The value itself: text whatever its case and separators, numbers within rounding."""

    value: Scalar

    def accepts(self, field: str, value: Any) -> bool:
        """True if the value is equal."""
        return equal_scalars(self.value, value)

    def __str__(self) -> str:
        """Return the value as the label writes it."""
        return str(self.value)


class OneOf(Matcher):
    """Any of several values; null stands for nothing read."""

    one_of: Annotated[tuple[Scalar, ...], Field(min_length=1)]

    def accepts(self, field: str, value: Any) -> bool:
        """True if the value equals one of the values."""
        return any(
            value in UNSAID if wanted is None else equal_scalars(wanted, value) for wanted in self.one_of
        )

    def __str__(self) -> str:
        """Return the values, separated by "or"."""
        return " or ".join(map(str, self.one_of))


class Between(Matcher):
    """A number from `min` to `max`, both included; either may be absent."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Refuse limits that no number can meet, and none at all."""
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self

    def accepts(self, field: str, value: Any) -> bool:
        """True if the value is a number within the limits."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def __str__(self) -> str:
        """Return the limits."""
        if self.min is None or self.max is None:
            return f"≥ {self.min:g}" if self.max is None else f"≤ {self.max:g}"
        return f"{self.min:g} to {self.max:g}"


class Has(Matcher):
    """Every name occurs in the list of names that was read."""

    has: Annotated[tuple[str, ...], Field(min_length=1)]

    def accepts(self, field: str, value: Any) -> bool:
        """True if every wanted name is among the names."""
        return all(names_hold(field, value, wanted) for wanted in self.has)

    def __str__(self) -> str:
        """Return the names."""
        return ", ".join(self.has)


class ContainsAny(Matcher):
    """At least one name occurs in the list of names that was read."""

    contains_any: Annotated[tuple[str, ...], Field(min_length=1)]

    def accepts(self, field: str, value: Any) -> bool:
        """True if a wanted name is among the names."""
        return any(names_hold(field, value, wanted) for wanted in self.contains_any)

    def __str__(self) -> str:
        """Return the names, separated by "or"."""
        return " or ".join(self.contains_any)


class Nothing(Matcher):
    """Nothing was read."""

    none: Literal[True]

    def accepts(self, field: str, value: Any) -> bool:
        """True if the field says nothing."""
        return value in UNSAID

    def __str__(self) -> str:
        """Return "nothing"."""
        return "nothing"


def as_matcher(label: Any) -> Any:
    """Write a plain value of a label as the matcher of that value."""
    return label if isinstance(label, dict | Matcher) else {"value": label}


AnyMatcher = Annotated[Equal | OneOf | Between | Has | ContainsAny | Nothing, BeforeValidator(as_matcher)]
MATCHER: TypeAdapter[AnyMatcher] = TypeAdapter(AnyMatcher)


def equal_scalars(wanted: Scalar, value: Any) -> bool:
    """True if two values are equal: numbers within rounding, "p95" and 95 alike, text without separators."""
    wanted, value = comparable(wanted), comparable(value)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return math.isclose(wanted, value, rel_tol=ROUNDING)
    return bool(wanted == value)


def comparable(value: Any) -> Any:
    """Return text in lower case without separators, a percentile as its number, other values as they are."""
    if not isinstance(value, str):
        return value
    plain = re.sub(r"[\s._-]", "", value.casefold())
    return float(plain[1:]) if re.fullmatch(r"p\d+", plain) else plain


def names_hold(field: str, value: Any, wanted: str) -> bool:
    """True if one of the names, as read or as the catalog spells it, holds the wanted name."""
    names = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return any(name_holds(field, name, wanted) for name in names)


def name_holds(field: str, name: str, wanted: str) -> bool:
    """True if a name holds the wanted one, and the two are not different entries of the catalog."""
    if field.endswith("gpu_types") and different_gpus(name, wanted):
        return False
    return any(contains_name(spelling, wanted) for spelling in (name, *catalog_spellings(field, name)))


def catalog_spellings(field: str, name: str) -> Sequence[str]:
    """Return the catalog's names of a GPU or model; empty for other fields and for unknown names."""
    if field.endswith("gpu_types"):
        return [gpu.name for gpu in match_gpus(load_catalog(), name)]
    if field == "preferred_models":
        return [model.id for model in match_models(load_catalog(), name)]
    return []


def different_gpus(name: str, wanted: str) -> bool:
    """True if the catalog knows both names as different GPUs, such as A10 and A10G."""
    known, meant = ({gpu.name for gpu in match_gpus(load_catalog(), text)} for text in (name, wanted))
    return bool(known and meant and not known & meant)


def contains_name(name: str, wanted: str) -> bool:
    """True if `wanted` is part of `name`, whatever case and separators, and cuts no number or word in two.

    "llama-3.1-8b" is in "meta-llama/Llama 3.1 8B Instruct"; "H20" is not in "H200", "qwen3" not in "Qwen3.5".
    """
    pieces = re.findall(r"[a-z]+|\d+|[^\W\da-z_]+", wanted.casefold())
    if not pieces:
        return False
    before = r"(?<![\d.])" if pieces[0].isdigit() else r"(?<![a-z])" if pieces[0].isascii() else ""
    after = r"(?!\.?\d)" if pieces[-1].isdigit() else ""
    return re.search(before + SEPARATORS.join(map(re.escape, pieces)) + after, name.casefold()) is not None
