"""Latency estimates for the rows of a CSV file of configurations and loads."""

from compass.estimates.file import EstimateCounts, estimate_file, estimate_published
from compass.estimates.published_intervals import INTERVALS_FILE, LOAD_CLASSES, PublishedInterval, load_class
from compass.estimates.row import EstimateRow, parse_row

__all__ = [
    "INTERVALS_FILE",
    "LOAD_CLASSES",
    "EstimateCounts",
    "EstimateRow",
    "PublishedInterval",
    "estimate_file",
    "estimate_published",
    "load_class",
    "parse_row",
]
