"""Which weight formats the engine starts on which GPU: data/format_support.yaml and its rule."""

import functools
from datetime import date
from pathlib import Path
from typing import Literal

from compass.catalog.types import Entry, Gpu, Precision
from compass.core import parse_yaml

HALF_PRECISION = 7.5
"""Compute capability from which a GPU without bf16 runs float16 in its place."""
FILE = Path(__file__).parent / "data" / "format_support.yaml"


class Source(Entry):
    """Where a row was read."""

    title: str
    url: str


class FormatSupport(Entry):
    """How the engine runs a format on a range of NVIDIA capabilities, or on some architectures."""

    precision: Precision
    min_capability: str | None = None
    max_capability: str | None = None
    architectures: tuple[str, ...] = ()
    runs: Literal["native", "weight_only", "no"]
    """`weight_only`: weights stay small in memory, the arithmetic is that of 16 bits."""
    note: str = ""
    sources: tuple[str, ...]

    @property
    def starts(self) -> bool:
        """True if the engine serves the format at all."""
        return self.runs != "no"

    def covers(self, gpu: Gpu) -> bool:
        """True if the row is about this GPU, of the vendor whose rows these are."""
        if self.architectures:
            return gpu.architecture.replace(" ", "") in self.architectures
        here = _version(gpu.compute_capability or "0.0")
        lowest, highest = _version(self.min_capability or "0.0"), _version(self.max_capability or "99.0")
        return lowest <= here <= highest


class FormatTable(Entry):
    """All rows by vendor, with their sources by key."""

    engine: str
    release: str
    checked: date
    names: dict[Precision, str]
    """How people call a format in full: "int8 (w8a8)"."""
    sources: dict[str, Source]
    nvidia: tuple[FormatSupport, ...]
    amd: tuple[FormatSupport, ...]
    intel: tuple[FormatSupport, ...]

    def rows(self, vendor: Literal["nvidia", "amd", "intel"]) -> tuple[FormatSupport, ...]:
        """Return the rows of a vendor's GPUs."""
        return {"nvidia": self.nvidia, "amd": self.amd, "intel": self.intel}[vendor]


@functools.cache
def format_table() -> FormatTable:
    """Return the shipped table, read once."""
    return FormatTable.model_validate(parse_yaml(FILE.read_bytes()))


def format_support(precision: Precision, gpu: Gpu) -> FormatSupport | None:
    """Return how vLLM runs a format on a GPU; None for a generation that the table does not know."""
    rows = format_table().rows(gpu.vendor)
    return next((row for row in rows if row.precision == precision and row.covers(gpu)), None)


def format_problem(precision: Precision, gpu: Gpu) -> str | None:
    """Return why a format cannot be served on a GPU, None where it can.

    "vLLM does not start int8 (w8a8) on Blackwell: its int8 kernels end at compute capability 9; …".
    """
    found = format_support(precision, gpu)
    if found is not None and found.starts:
        return None
    table = format_table()
    why = found.note if found else "no source says that it does"
    return f"{table.engine} does not start {table.names[precision]} on {gpu.architecture}: {why}"


def serving_problem(precision: Precision, gpu: Gpu) -> str | None:
    """Return why a format is not served on a GPU; None where it is, or where nothing is known.

    A GPU without bf16 serves float16 in its place: memory and speed are the same.
    """
    if format_support(precision, gpu) is None:
        return None
    if precision == "bf16" and float(gpu.compute_capability or 0) >= HALF_PRECISION:
        return None
    return format_problem(precision, gpu)


def _version(capability: str) -> tuple[int, int]:
    major, _, minor = capability.partition(".")
    return int(major), int(minor or 0)
