"""Inputs of the traffic models: latency profiles as arrays, and a workload."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from compass.capacity import BoolArray, FloatArray, LatencyProfile
from compass.core import InvalidInput
from compass.traffic.session_shape import SessionShape


@dataclass(frozen=True)
class Workload:
    """Requests of one kind: mean tokens, their coefficients of variation, mean arrivals in a burst.

    `burst` is the mean size of a geometric batch that arrives at once; 1 is plain Poisson.
    """

    prompt_tokens: float
    output_tokens: float
    prompt_cv: float = 0.0
    output_cv: float = 0.0
    burst: float = 1.0
    session: SessionShape | None = None
    """Where requests are turns of sessions, or share the beginning of their prompts."""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for field in ("prompt_tokens", "output_tokens", "burst"):
            if not 1 <= getattr(self, field) < 1e8:
                raise InvalidInput(field, f"{getattr(self, field):g} cannot be; give a number of 1 or more.")
        for field in ("prompt_cv", "output_cv"):
            if not 0 <= getattr(self, field) <= 10:
                raise InvalidInput(field, f"{getattr(self, field):g} cannot be; give 0 (constant) to 10.")


@dataclass(frozen=True)
class Answers:
    """Lengths of the answers of N configurations that differ in them, each array of shape (N,).

    Models that reason generate thinking tokens before the answer, some far more than others.
    """

    output_tokens: FloatArray
    """Mean tokens generated for a request, thinking with them."""
    output_cv: FloatArray
    """Standard deviation over mean of those."""
    thinking_tokens: FloatArray
    thinking_cv: FloatArray

    def take(self, index: object) -> "Answers":
        """The rows chosen by an index array, a mask or a slice."""
        return Answers(**{name: getattr(self, name)[index] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class ProfileBatch:
    """Latency profiles of N configurations as arrays; the terms are those of `LatencyProfile`."""

    batch: FloatArray
    """Shape (G,): decoding sequences, ascending, the same for all; its last value may be exceeded."""
    decode_ms: FloatArray
    """Shape (N, G)."""
    kv_ms_per_token: FloatArray
    """Shape (N,), as all that follow."""
    prefill_ms_per_token: FloatArray
    prefill_ms_per_token_squared: FloatArray
    request_overhead_ms: FloatArray
    max_num_seqs: FloatArray
    max_num_batched_tokens: FloatArray
    kv_capacity_tokens: FloatArray
    answers: Answers | None = None
    """Where they differ between configurations; None: all answer as the workload says, without thinking."""
    caches_prefix: BoolArray | None = None
    """Whether each finds prompts in a prefix cache, shape (N,); None: all do."""

    def __len__(self) -> int:
        return len(self.decode_ms)

    def take(self, index: Any) -> "ProfileBatch":
        """The rows chosen by an index array, a mask or a slice."""
        apart = ("batch", "answers", "caches_prefix")
        rows = {name: getattr(self, name)[index] for name in self.__dataclass_fields__ if name not in apart}
        answers = None if self.answers is None else self.answers.take(index)
        caches = None if self.caches_prefix is None else self.caches_prefix[index]
        return ProfileBatch(batch=self.batch, answers=answers, caches_prefix=caches, **rows)


def concatenate(batches: Sequence[ProfileBatch]) -> ProfileBatch:
    """Batches on the same grid as one, in their order; none of them has answers of its own."""
    apart = ("batch", "answers", "caches_prefix")
    names = [name for name in ProfileBatch.__dataclass_fields__ if name not in apart]
    rows: dict[str, Any] = {name: np.concatenate([getattr(b, name) for b in batches]) for name in names}
    return ProfileBatch(batch=batches[0].batch, **rows)


def stack(profiles: Sequence[LatencyProfile]) -> ProfileBatch:
    """Profiles as one batch, on the union of their batch grids."""
    grid = np.unique(np.concatenate([np.asarray(profile.batch, float) for profile in profiles]))

    def column(name: str) -> FloatArray:
        return np.array([getattr(profile, name) for profile in profiles], float)

    return ProfileBatch(
        batch=grid,
        decode_ms=np.array([_on_grid(profile, grid) for profile in profiles]),
        kv_ms_per_token=column("kv_ms_per_token"),
        prefill_ms_per_token=column("prefill_ms_per_token"),
        prefill_ms_per_token_squared=column("prefill_ms_per_token_squared"),
        request_overhead_ms=column("request_overhead_ms"),
        max_num_seqs=column("max_num_seqs"),
        max_num_batched_tokens=column("max_num_batched_tokens"),
        kv_capacity_tokens=column("kv_capacity_tokens"),
    )


def _on_grid(profile: LatencyProfile, grid: FloatArray) -> FloatArray:
    """Decode times at the grid; beyond the profile's last batch along its last segment."""
    batch, decode = np.asarray(profile.batch, float), np.asarray(profile.decode_ms, float)
    values = np.interp(grid, batch, decode)
    if len(batch) > 1:
        slope = max(0.0, (decode[-1] - decode[-2]) / (batch[-1] - batch[-2]))
        values = np.where(grid > batch[-1], decode[-1] + slope * (grid - batch[-1]), values)
    return np.asarray(values, float)
