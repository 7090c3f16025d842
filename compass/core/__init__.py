"""What every folder of the library uses: errors, evidence, value objects, token counts, wording, YAML."""

from compass.core.data_directory import data_directory
from compass.core.errors import (
    CompassError,
    Conflict,
    InvalidInput,
    NotApproved,
    NotFound,
    Unavailable,
    invalid_input,
    unknown,
)
from compass.core.evidence import Evidence, EvidenceKind, Interval, Percentile
from compass.core.frozen import Frozen
from compass.core.token_budget import brief_of
from compass.core.wording import (
    NO_PRICE,
    chance,
    counted,
    duration,
    exact_milliseconds,
    latency,
    milliseconds,
    money,
    money_per,
    number,
    percent,
    price,
    price_per,
    rounded,
)
from compass.core.yaml_text import parse_yaml

__all__ = [
    "NO_PRICE",
    "CompassError",
    "Conflict",
    "Evidence",
    "EvidenceKind",
    "Frozen",
    "Interval",
    "InvalidInput",
    "NotApproved",
    "NotFound",
    "Percentile",
    "Unavailable",
    "brief_of",
    "chance",
    "counted",
    "data_directory",
    "duration",
    "exact_milliseconds",
    "invalid_input",
    "latency",
    "milliseconds",
    "money",
    "money_per",
    "number",
    "parse_yaml",
    "percent",
    "price",
    "price_per",
    "rounded",
    "unknown",
]
