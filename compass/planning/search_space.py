"""How fast every candidate runs one shape of traffic: step times as arrays, computed once a shape."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compass.capacity import CompiledBatch, Estimator, FloatArray
from compass.catalog import Catalog
from compass.planning.candidates import Candidate, all_candidates
from compass.planning.quality import quality_of
from compass.planning.step_profiles import closed_loop_profiles
from compass.traffic import ProfileBatch

# Where the interval and the nearest run of an option are read: a load that most options end at.
TYPICAL_CONCURRENCY = 16.0


@dataclass(frozen=True)
class Pace:
    """Candidates that fit, with their step times and how sure they are, arrays of shape (N,)."""

    index: NDArray[np.int64]
    """Positions in the field's candidates."""
    profiles: ProfileBatch
    ttft_log_spread: FloatArray
    itl_log_spread: FloatArray
    nearest_run: NDArray[np.int64]
    distance: FloatArray


class Field:
    """All candidates of a catalog under an estimator; keeps what does not depend on the request."""

    def __init__(self, catalog: Catalog, estimator: Estimator) -> None:
        self.catalog = catalog
        self.estimator = estimator
        self.candidates: tuple[Candidate, ...] = all_candidates(catalog)
        self.compiled: CompiledBatch = estimator.compile([c.configuration for c in self.candidates])
        self.model_at = positions([m.id for m in catalog.models], [c.model.id for c in self.candidates])
        """Shape (M,): position of each candidate's model in the catalog; likewise its GPU."""
        self.gpu_at = positions([g.name for g in catalog.gpus], [c.gpu.name for c in self.candidates])
        self.size = np.array([c.tensor_parallel for c in self.candidates], dtype=np.int64)
        self.qualities: dict[str, FloatArray] = {}
        self.kept: dict[tuple[int, int], Pace] = {}

    def quality(self, use_case: str) -> FloatArray:
        """Quality of each model of the catalog for a use case, NaN without a score."""
        if use_case not in self.qualities:
            values = [quality_of(model, use_case).value for model in self.catalog.models]
            self.qualities[use_case] = np.array([np.nan if value is None else value for value in values])
        return self.qualities[use_case]

    def pace(self, prompt_tokens: int, output_tokens: int) -> Pace:
        """Of the candidates whose KV cache holds at least one request."""
        key = (prompt_tokens, output_tokens)
        if key not in self.kept:
            if len(self.kept) >= 32:
                self.kept.pop(next(iter(self.kept)))
            self.kept[key] = self._pace(*key)
        return self.kept[key]

    def _pace(self, prompt_tokens: int, output_tokens: int) -> Pace:
        tokens = self.compiled.cache_tokens(prompt_tokens, output_tokens)
        index = np.flatnonzero(tokens >= prompt_tokens + output_tokens)
        batch = self.compiled.rows(index)
        prediction = batch.predict(np.array([TYPICAL_CONCURRENCY]), prompt_tokens, output_tokens)
        return Pace(
            index=index,
            profiles=closed_loop_profiles(batch, tokens[index], prompt_tokens, output_tokens),
            ttft_log_spread=prediction.ttft_log_spread[:, 0],
            itl_log_spread=prediction.itl_log_spread[:, 0],
            nearest_run=prediction.nearest_run,
            distance=prediction.distance,
        )


def positions(names: list[str], of: list[str]) -> NDArray[np.int64]:
    """Where each of some names stands in a list of names."""
    place = {name: position for position, name in enumerate(names)}
    return np.array([place[name] for name in of], dtype=np.int64)
