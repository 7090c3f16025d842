"""The highest load that a replica carries while every target holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.capacity.types import FloatArray
from tools.errors import InvalidInput
from tools.evidence import Percentile
from tools.traffic.approximation import RateModel
from tools.traffic.types import ProfileBatch, Workload

CONSTRAINTS = ("none", "ttft", "itl", "e2e", "memory", "saturation")
"""What stops a replica from carrying more; an index into it is `Capacity.binding`."""


@dataclass(frozen=True)
class Capacity:
    """Of N configurations, each array of shape (N,)."""

    rate_per_s: FloatArray
    """0 where no load at all holds the targets."""
    concurrency: FloatArray
    binding: NDArray[np.int64]
    """What breaks first above that rate: index into `CONSTRAINTS`."""


def capacity(
    profiles: ProfileBatch,
    workload: Workload,
    ttft_ms: float,
    itl_ms: float,
    e2e_ms: float,
    percentile: Percentile = "p95",
    rounds: int = 12,
) -> Capacity:
    """The highest rate of one replica that holds the targets at a percentile, KV cache inside memory.

    By bisection over all configurations at once; `rounds` halvings below the highest rate that can be
    (12: within 0.03 % of it).

    Raises:
        InvalidInput: a target is not a positive number.
    """
    targets = {"ttft_ms": ttft_ms, "itl_ms": itl_ms, "e2e_ms": e2e_ms}
    for field, value in targets.items():
        if not value > 0:
            raise InvalidInput(field, f"{value:g} is not a latency. Give a positive number of milliseconds.")
    model = RateModel(profiles, workload)
    high = np.full((len(profiles), 1), _highest(model, profiles, workload)[:, None])
    low = np.zeros_like(high)
    for _ in range(rounds):
        middle = (low + high) / 2.0
        loads = model.at(middle)
        holds = (
            (loads.ttft(percentile) <= ttft_ms)
            & (loads.itl(percentile) <= itl_ms)
            & (loads.e2e(percentile) <= e2e_ms)
            & ~loads.saturated
        )
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return _describe(model, low, high, (ttft_ms, itl_ms, e2e_ms), percentile)


def _highest(model: RateModel, profiles: ProfileBatch, workload: Workload) -> FloatArray:
    """A rate per millisecond that no load exceeds: every step full and nothing waiting."""
    per_request = model.prefill[:, 0]
    slots = np.maximum(model.slots[:, 0], 1.0)
    full = model.step(slots[:, None])[0][:, 0]
    least = np.maximum(per_request + model.steps * full / slots, 1e-9)
    one = model.prefill[:, 0] + model.decode[:, 0] * (1.0 + model.steps)
    return np.asarray(np.maximum(1.0 / least, 1.0 / one) * 1.02)


def _describe(
    model: RateModel,
    low: FloatArray,
    high: FloatArray,
    targets: tuple[float, float, float],
    percentile: Percentile,
) -> Capacity:
    """Name the constraint that breaks just above the rate found."""
    at, above = model.at(low), model.at(high)
    broken = np.stack(
        [
            above.ttft(percentile) > targets[0],
            above.itl(percentile) > targets[1],
            above.e2e(percentile) > targets[2],
        ]
    )[..., 0]
    first = np.where(broken.any(axis=0), broken.argmax(axis=0) + 1, 0)
    saturated = above.saturated[:, 0]
    first = np.where(saturated, CONSTRAINTS.index("saturation"), first)
    slots_bind = saturated & (model.slot_load(model.crossing(high))[:, 0] >= 1.0)
    first = np.where(slots_bind | ~model.fits[:, 0], CONSTRAINTS.index("memory"), first)
    return Capacity(
        rate_per_s=low[:, 0] * 1000.0,
        concurrency=np.where(low[:, 0] > 0, at.concurrency[:, 0], 0.0),
        binding=first.astype(np.int64),
    )
