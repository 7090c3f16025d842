"""Readers of benchmark files, one for each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

from compass.benchmarks.importers.checks import LoadReport
from compass.benchmarks.importers.first_compass import read_compass_json
from compass.benchmarks.importers.import_options import ImportOptions
from compass.benchmarks.importers.own_csv import read_own_csv
from compass.benchmarks.importers.published import read_published
from compass.benchmarks.importers.reports import read_aiperf, read_guidellm, read_llmd, read_vllm
from compass.benchmarks.runs import Run
from compass.core import EvidenceKind

__all__ = ["READERS", "REPORTS", "ImportOptions", "LoadReport"]

Reader = Callable[[Path, LoadReport, ImportOptions], Iterator[Run]]
READERS: dict[str, tuple[Reader, EvidenceKind]] = {
    "csv": (read_own_csv, "measured"),
    "guidellm": (read_guidellm, "measured"),
    "vllm": (read_vllm, "measured"),
    "aiperf": (read_aiperf, "measured"),
    "llmd": (read_llmd, "measured"),
    "field": (read_published, "measured"),
    "blis": (read_compass_json, "simulated"),
    "estimated": (read_compass_json, "estimated"),
    "interpolated": (read_compass_json, "estimated"),
}
REPORTS = ("guidellm", "vllm", "aiperf", "llmd")
"""Kinds that load generators write, one run a file."""
