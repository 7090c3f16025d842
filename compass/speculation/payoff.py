"""Up to which load speculation pays, and the curves that show it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity import BATCH, CompiledBatch, FloatArray, LatencyProfile
from compass.speculation.cost import Case, speculated_profile, speedups
from compass.speculation.types import SpeculationChoice

SHOWN = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Requests in flight of a picture's points."""


@dataclass(frozen=True)
class LatencyWithSpeculation:
    """Time of a token (ms) without and with speculation by requests in flight of a replica."""

    concurrency: tuple[int, ...]
    without_ms: tuple[float, ...]
    with_ms: tuple[float, ...]
    best_ms: tuple[float, ...]
    """With the most accepted tokens and the least work of the CPU."""
    worst_ms: tuple[float, ...]


def pays_up_to(
    batch: CompiledBatch,
    choices: Sequence[SpeculationChoice | None],
    context_tokens: float,
    case: Case = "typical",
) -> tuple[float | None, ...]:
    """Return for each of N configurations the requests in flight of a replica up to which speculation pays.

    Up to there a token never takes longer than without; above, it does at first (mixtures of experts may
    gain again once every step reads all experts anyway). None: it pays at every load up to 1,024; 0: not
    even for one request.
    """
    loads = np.array(BATCH, dtype=np.float64)
    gains = speedups(batch, choices, context_tokens, loads, case)
    pays = gains.min(axis=1) >= 1.0
    return tuple(None if always else _first_loss(loads, row) for row, always in zip(gains, pays, strict=True))


def latency_by_concurrency(
    batch: CompiledBatch,
    profile: LatencyProfile,
    choice: SpeculationChoice,
    context_tokens: float,
    concurrency: Sequence[int] = SHOWN,
) -> LatencyWithSpeculation:
    """Return the points of a picture: the time of a token of the batch's only configuration by its load.

    Prompts that share the steps are left out: they slow both alike. Loads that the KV cache does not hold
    are left out too.
    """
    shown = tuple(load for load in concurrency if load * context_tokens <= profile.kv_capacity_tokens)
    loads = shown or tuple(concurrency[:1])

    def curve(case: Case) -> tuple[float, ...]:
        return _token_ms(
            speculated_profile(profile, batch, choice, context_tokens, case), loads, context_tokens
        )

    return LatencyWithSpeculation(
        concurrency=loads,
        without_ms=_token_ms(profile, loads, context_tokens),
        with_ms=curve("typical"),
        best_ms=curve("best"),
        worst_ms=curve("worst"),
    )


def _first_loss(loads: FloatArray, gains: FloatArray) -> float:
    """The load at which a gain first falls below 1; 0 if it is below from the start."""
    at = int(np.argmax(gains < 1.0))
    if at == 0:
        return 0.0
    before, after = gains[at - 1] - 1.0, 1.0 - gains[at]
    return float(loads[at - 1] + (loads[at] - loads[at - 1]) * before / (before + after))


def _token_ms(profile: LatencyProfile, loads: Sequence[int], context_tokens: float) -> tuple[float, ...]:
    steps = np.interp(loads, profile.batch, profile.decode_ms)
    resident = np.asarray(loads, dtype=np.float64) * context_tokens
    return tuple(float(value) for value in steps + profile.kv_ms_per_token * resident)
