"""The highest load that a replica carries while every target holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.core import InvalidInput, Percentile
from compass.traffic.approximation import OpenLoads, RateModel
from compass.traffic.session_loads import rate_model
from compass.traffic.types import ProfileBatch, Workload

Constraint = Literal["ttft", "itl", "e2e", "first_answer", "memory", "saturation"]
"""The limit that a replica reaches first."""
TARGETS: tuple[Constraint, ...] = ("ttft", "itl", "e2e", "first_answer")
Limits = tuple[float, float, float, float]
"""Targets in ms in the order of `TARGETS`, infinite where there is none."""
IDLE_PER_MS = 1e-6
"""A rate so low that requests hardly ever overlap: a target missed here is missed at every load."""
NARROW = 2e-3
"""The search ends when the rate is known to this share of itself."""
HALVINGS, MOST_ROUNDS = 2, 12


@dataclass(frozen=True)
class Capacity:
    """Capacity of N configurations, each array of shape (N,)."""

    rate_per_s: FloatArray
    """The highest rate that holds; 0 where no load at all does."""
    breaking_per_s: FloatArray
    """A rate just above it that does not hold."""
    idle: OpenLoads
    """Latencies at `IDLE_PER_MS`, shape (N, 1)."""


def capacity(
    profiles: ProfileBatch,
    workload: Workload,
    limits: Limits,
    percentile: Percentile = "p95",
) -> Capacity:
    """The highest rate of one replica that holds the targets at a percentile, KV cache inside memory.

    An infinite target is none: without any, that is the highest rate that can be sustained.

    To 0.2 % of itself (less where latencies jump), from below: the rate that is given holds.

    Raises:
        InvalidInput: a target is not a positive number.
    """
    for name, value in zip(TARGETS, limits, strict=True):
        if not value > 0:
            text = f"{value:g} is not a latency. Give a positive number of milliseconds."
            raise InvalidInput(f"{name}_ms", text)
    model = rate_model(profiles, workload)
    top = _highest(model, profiles, workload)[:, None]
    idle_rate = np.minimum(IDLE_PER_MS, top * 1e-4)
    idle = model.at(idle_rate)
    miss = excess(idle, limits, percentile)
    rows = np.flatnonzero(miss[:, 0] <= 0)
    low, high = np.zeros_like(top), idle_rate.copy()
    bracket = Bracket(rows, idle_rate[rows], top[rows], miss[rows], np.full((len(rows), 1), np.inf))
    rounds = 0
    while len(bracket.rows) and rounds < MOST_ROUNDS:
        model = rate_model(profiles.take(bracket.rows), workload)
        for _ in range(HALVINGS):
            middle = bracket.middle(halve=rounds < HALVINGS)
            bracket = bracket.narrowed(middle, excess(model.at(middle), limits, percentile))
            rounds += 1
        low[bracket.rows], high[bracket.rows] = bracket.low, bracket.high
        bracket = bracket.take(np.flatnonzero((bracket.high - bracket.low > NARROW * bracket.high)[:, 0]))
    return Capacity(low[:, 0] * 1000.0, high[:, 0] * 1000.0, idle)


def binding(
    profiles: ProfileBatch,
    workload: Workload,
    limits: Limits,
    percentile: Percentile,
    breaking_per_s: FloatArray,
) -> list[Constraint]:
    """The limit that each configuration exceeds first at a rate that does not hold."""
    model = rate_model(profiles, workload)
    rate = breaking_per_s[:, None] / 1000.0
    seen = model.at(rate)
    full = model.slot_load(model.crossing(rate)[0])[:, 0] >= 1.0
    values = np.stack([of(percentile) for of in latencies_of(seen)])[..., 0]
    found: list[Constraint] = []
    for at in range(len(rate)):
        if not model.fits[at, 0] or (seen.saturated[at, 0] and full[at]):
            found.append("memory")
        elif seen.saturated[at, 0]:
            found.append("saturation")
        else:
            first = int(np.argmax(values[:, at] / np.asarray(limits)))
            found.append(TARGETS[first])
    return found


def latencies_of(loads: OpenLoads) -> tuple[Callable[[Percentile], FloatArray], ...]:
    """What gives the latencies of loads at a percentile, in the order of `TARGETS`."""
    return loads.ttft, loads.itl, loads.e2e, loads.first_answer


def excess(loads: OpenLoads, limits: Limits, percentile: Percentile) -> FloatArray:
    """How far the worst of the latencies is above its limit, on a log scale: 0 and below holds."""
    limited = [(of, limit) for of, limit in zip(latencies_of(loads), limits, strict=True) if limit < np.inf]
    with np.errstate(invalid="ignore"):
        ratios = [of(percentile) / limit for of, limit in limited] or [np.zeros_like(loads.load)]
    worst = np.max(np.nan_to_num(ratios, nan=np.inf), axis=0)
    return np.where(loads.saturated, np.inf, np.log(np.maximum(worst, 1e-300)))


@dataclass(frozen=True)
class Bracket:
    """Rates that hold and rates that do not, with their excess; arrays of shape (K, 1).

    Narrowed by the Illinois method (Dowell and Jarratt 1971): a secant, whose kept end counts half when it
    is kept twice. Where an end is saturated the secant has no slope and the middle is taken.
    """

    rows: IntArray
    """Which configurations, shape (K,)."""
    low: FloatArray
    high: FloatArray
    below: FloatArray
    above: FloatArray
    kept_high: BoolArray | None = None
    """Whether the last round kept the high end; None before the first."""

    def middle(self, halve: bool) -> FloatArray:
        """The next rate to look at, inside the bracket."""
        half = (self.low + self.high) / 2.0
        if halve:
            return half
        with np.errstate(invalid="ignore", divide="ignore"):
            secant = (self.low * self.above - self.high * self.below) / (self.above - self.below)
        inside = np.minimum(0.2 * NARROW * self.high, (self.high - self.low) / 2.0)
        return np.where(np.isfinite(secant), np.clip(secant, self.low + inside, self.high - inside), half)

    def narrowed(self, middle: FloatArray, miss: FloatArray) -> "Bracket":
        """The half that still holds the answer."""
        holds = miss <= 0
        again = np.zeros_like(holds) if self.kept_high is None else holds == self.kept_high
        weight = np.where(again, 0.5, 1.0)
        return Bracket(
            rows=self.rows,
            low=np.where(holds, middle, self.low),
            high=np.where(holds, self.high, middle),
            below=np.where(holds, miss, self.below * weight),
            above=np.where(holds, self.above * weight, miss),
            kept_high=holds,
        )

    def take(self, at: IntArray) -> "Bracket":
        """Some of the rows."""
        kept = None if self.kept_high is None else self.kept_high[at]
        return Bracket(self.rows[at], self.low[at], self.high[at], self.below[at], self.above[at], kept)


def _highest(model: RateModel, profiles: ProfileBatch, workload: Workload) -> FloatArray:
    """A rate per millisecond that no load exceeds: every step full and nothing waiting."""
    per_request = model.prefill[:, 0]
    slots = np.maximum(model.slots[:, 0], 1.0)
    full = model.step(slots[:, None])[:, 0]
    steps = model.steps[:, 0]
    least = np.maximum(per_request + steps * full / slots, 1e-9)
    one = per_request + model.decode[:, 0] * (1.0 + steps)
    return np.asarray(np.maximum(1.0 / least, 1.0 / one) * 1.02)
