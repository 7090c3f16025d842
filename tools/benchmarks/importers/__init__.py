"""Files of runs by kind: one reader each."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tools.benchmarks.importers.checks import Report
from tools.benchmarks.importers.first_compass import read_compass_json
from tools.benchmarks.importers.given import Given
from tools.benchmarks.importers.own_csv import read_own_csv
from tools.benchmarks.importers.published import read_published
from tools.benchmarks.importers.reports import read_aiperf, read_guidellm, read_llmd, read_vllm
from tools.benchmarks.runs import Run
from tools.evidence import EvidenceKind

__all__ = ["READERS", "REPORTS", "Given", "Report"]

Reader = Callable[[Path, Report, Given], Iterator[Run]]
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
"""Kinds that a load generator writes, a file a run."""
