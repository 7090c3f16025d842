"""What stands behind a number: its kind, its interval, the nearest measured run."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

EvidenceKind = Literal["measured", "simulated", "estimated"]
Percentile = Literal["mean", "p50", "p90", "p95", "p99"]


class Interval(BaseModel):
    """A figure with its 80 % interval, in the unit of the field that holds it."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Evidence(BaseModel):
    """Where a prediction comes from.

    `distance` is that of the capacity model's kernel: 0 the same configuration, below 0.5 a near
    one, above 2 an unknown neighbourhood where physics alone speaks.
    """

    model_config = ConfigDict(frozen=True)

    kind: EvidenceKind
    nearest: str | None = None
    nearest_source: str | None = None
    distance: float | None = None
