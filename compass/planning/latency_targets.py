"""The latencies that may have a target: what people call them, and the fields that hold them."""

import math
from typing import Literal, NamedTuple

from compass.planning.types import Specification
from compass.traffic import Limits

LatencyKind = Literal["ttft", "itl", "e2e", "first_answer"]


class LatencyTarget(NamedTuple):
    """One latency that may have a target."""

    kind: LatencyKind
    name: str
    wish: str
    """Of `Wishes`, which states it."""
    field: str
    """Of `Specification`, which holds it; None there is no target."""


LATENCY_TARGETS = (
    LatencyTarget("ttft", "TTFT", "ttft_ms", "ttft_p95_ms"),
    LatencyTarget("itl", "ITL", "itl_ms", "itl_p95_ms"),
    LatencyTarget("e2e", "E2E", "e2e_ms", "e2e_p95_ms"),
    LatencyTarget("first_answer", "first answer token", "first_answer_ms", "first_answer_p95_ms"),
)
"""In the order of every array of latencies."""
USUAL_TARGETS = LATENCY_TARGETS[:3]
"""Those that every use case has; the last is one only where it is stated."""


def targets_ms(specification: Specification) -> Limits:
    """Return the targets of TTFT, ITL, E2E and first answer token; infinite where there is none."""
    values = (getattr(specification, target.field) for target in LATENCY_TARGETS)
    ttft, itl, e2e, first_answer = (math.inf if value is None else value for value in values)
    return ttft, itl, e2e, first_answer


def stated_targets_ms(specification: Specification) -> Limits:
    """Return those targets that somebody stated; infinite where they are assumed."""
    pairs = zip(LATENCY_TARGETS, targets_ms(specification), strict=True)
    ttft, itl, e2e, first_answer = (
        value if target.wish in specification.stated else math.inf for target, value in pairs
    )
    return ttft, itl, e2e, first_answer
