"""Benchmark runs: the shipped ones, and those that a user loads."""

from compass.benchmarks.importers import READERS, ImportOptions, LoadReport
from compass.benchmarks.load import load_file
from compass.benchmarks.runs import ATTRIBUTION, SHIPPED_SOURCE, Run, shipped_runs
from compass.benchmarks.table import ensure_shipped, fetch_runs, write_runs

__all__ = [
    "ATTRIBUTION",
    "READERS",
    "SHIPPED_SOURCE",
    "ImportOptions",
    "LoadReport",
    "Run",
    "ensure_shipped",
    "fetch_runs",
    "load_file",
    "shipped_runs",
    "write_runs",
]
