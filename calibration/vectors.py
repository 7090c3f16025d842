"""Converts dataclasses of numbers to vectors for fitting, and back by field name."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from compass.capacity import FloatArray

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def names_of(kind: "type[DataclassInstance] | DataclassInstance") -> tuple[str, ...]:
    """Names of the fields, in the order of the vector."""
    return tuple(field.name for field in fields(kind))


def vector_of(record: "DataclassInstance") -> FloatArray:
    """The record's numbers, shape (fields,)."""
    return np.array([getattr(record, name) for name in names_of(record)], dtype=np.float64)


def record_of(kind: type[T], vector: Sequence[float] | FloatArray) -> T:
    """The record with these numbers, in the order of its fields.

    Raises:
        ValueError: not as many numbers as fields.
    """
    return kind(**{name: float(value) for name, value in zip(names_of(kind), vector, strict=True)})
