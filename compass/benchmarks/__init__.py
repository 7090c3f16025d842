"""Benchmark runs: the shipped ones, and those that a user loads."""

from compass.benchmarks.runs import ATTRIBUTION, SHIPPED_SOURCE, Run, shipped_runs
from compass.benchmarks.table import ensure_shipped, fetch_runs, write_runs

__all__ = [
    "ATTRIBUTION",
    "SHIPPED_SOURCE",
    "Run",
    "ensure_shipped",
    "fetch_runs",
    "shipped_runs",
    "write_runs",
]
