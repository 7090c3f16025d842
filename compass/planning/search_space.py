"""The catalog's candidates, and their step times for one (prompt, output) length pair, cached by pair."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from compass.capacity import BoolArray, CompiledBatch, Estimator, FloatArray, IntArray
from compass.catalog import Catalog, Precision, with_outside
from compass.planning.answer_lengths import AnswerLengths
from compass.planning.candidates import Candidate, all_candidates
from compass.planning.prefix_caching import finds_prompts
from compass.planning.quality import quality_of
from compass.planning.start_up import start_seconds
from compass.planning.step_profiles import closed_loop_profiles
from compass.planning.wishes import KvCache
from compass.traffic import ProfileBatch, concatenate

# Where the interval and the nearest run of an option are read: a load that most options end at.
TYPICAL_CONCURRENCY = 16.0
CACHED_TABLES, CACHED_SPACES = 32, 8


@dataclass(frozen=True)
class StepTimeTable:
    """Candidates whose KV cache holds a request, with step times and uncertainty, arrays of shape (N,)."""

    index: IntArray
    """Positions in the search space's candidates."""
    profiles: ProfileBatch
    ttft_log_spread: FloatArray
    """Half width (natural logarithm) of the 80 % interval; likewise `itl_log_spread`."""
    itl_log_spread: FloatArray
    nearest_run: IntArray
    """Position of the nearest measured run in the estimator's runs; −1 without one."""
    distance: FloatArray


class SearchSpace:
    """All candidates of a catalog under an estimator, with what does not depend on the request."""

    def __init__(self, catalog: Catalog, estimator: Estimator, kv_cache: KvCache = "bf16") -> None:
        self.catalog = catalog
        self.estimator = estimator
        self.kv_cache = kv_cache
        self.candidates: tuple[Candidate, ...] = all_candidates(catalog, kv_cache)
        self.compiled: CompiledBatch = estimator.compile([c.configuration for c in self.candidates])
        self.model_at = positions([m.id for m in catalog.models], [c.model.id for c in self.candidates])
        """Shape (M,): position of each candidate's model in the catalog; likewise its GPU."""
        self.gpu_at = positions([g.name for g in catalog.gpus], [c.gpu.name for c in self.candidates])
        self.gpus_per_replica = np.array([c.gpus for c in self.candidates], dtype=np.int64)
        """Shape (M,); likewise the machines that a replica spans."""
        self.nodes = np.array([c.nodes for c in self.candidates], dtype=np.int64)
        self.start_hours = np.array([start_seconds(c.checkpoint.weight_gib) for c in self.candidates]) / 3600
        """Shape (M,): from the start of a replica until it serves."""
        self.caches_prefix = np.array([finds_prompts(c.model) for c in self.candidates], dtype=np.bool_)
        self.precisions: tuple[Precision, ...] = get_args(Precision)
        self.precision_at = positions(
            list(self.precisions), [c.checkpoint.precision for c in self.candidates]
        )
        """Shape (M,): position of each candidate's format in `precisions`; likewise its layout."""
        layouts = [(c.tensor_parallel, c.pipeline_parallel, c.nodes) for c in self.candidates]
        self.layouts = sorted(set(layouts))
        """Tensor parallel size, pipeline stages and machines of a replica."""
        place = {layout: position for position, layout in enumerate(self.layouts)}
        self.layout_at = np.array([place[layout] for layout in layouts], dtype=np.int64)
        self._with_outside: dict[tuple[object, ...], SearchSpace] = {}
        self._qualities: dict[tuple[str, bytes], FloatArray] = {}
        self._tables: dict[tuple[int, bytes], StepTimeTable] = {}

    def for_names(
        self,
        models: tuple[str, ...],
        gpus: tuple[str, ...],
        precision: Precision | None,
        kv_cache: KvCache | None = None,
    ) -> "SearchSpace":
        """Return the space that has these models and GPUs: this one, or one of them alone, kept for the next.

        Names outside of the catalog are planned with by known dimensions and data sheets. `kv_cache`: type of
        the KV cache, that of the space where nobody said it.
        """
        ids, cards = {m.id for m in self.catalog.models}, {g.name for g in self.catalog.gpus}
        cache = kv_cache or self.kv_cache
        known = ids.issuperset(models) and cards.issuperset(gpus)
        if known and cache == self.kv_cache:
            return self
        key = (() if known else (models, gpus, precision), cache)
        if key not in self._with_outside:
            if len(self._with_outside) >= CACHED_SPACES:
                self._with_outside.pop(next(iter(self._with_outside)))
            catalog = self.catalog
            if not known:
                catalog = with_outside(catalog, models, () if cards.issuperset(gpus) else gpus, precision)
            self._with_outside[key] = SearchSpace(catalog, self.estimator, cache)
        return self._with_outside[key]

    def quality(self, use_case: str, reasons: BoolArray) -> FloatArray:
        """Return the quality (0 to 100) of each model of the catalog for a use case, NaN without a score.

        `reasons`: whether each answers with reasoning, shape (models,).
        """
        key = use_case, reasons.tobytes()
        if key not in self._qualities:
            pairs = zip(self.catalog.models, reasons.tolist(), strict=True)
            values = [quality_of(model, use_case, thinks).value for model, thinks in pairs]
            self._qualities[key] = np.array([np.nan if value is None else value for value in values])
        return self._qualities[key]

    def step_times(self, prompt_tokens: int, lengths: AnswerLengths) -> StepTimeTable:
        """Return the step times of the candidates whose KV cache holds at least one such request."""
        key = (prompt_tokens, lengths.key)
        if key not in self._tables:
            if len(self._tables) >= CACHED_TABLES:
                self._tables.pop(next(iter(self._tables)))
            self._tables[key] = self._computed_step_times(prompt_tokens, lengths)
        return self._tables[key]

    def _computed_step_times(self, prompt_tokens: int, lengths: AnswerLengths) -> StepTimeTable:
        outputs = lengths.output_tokens[self.model_at]
        tables = [
            self._step_times_at(prompt_tokens, output, np.flatnonzero(outputs == output))
            for output in np.unique(outputs)
        ]
        table = joined(tables)
        answers = lengths.answers(self.model_at[table.index])
        caches = self.caches_prefix[table.index] if not self.caches_prefix.all() else None
        profiles = replace(table.profiles, answers=answers, caches_prefix=caches)
        return replace(table, profiles=profiles)

    def _step_times_at(self, prompt: int, output: float, among: IntArray) -> StepTimeTable:
        """Return the step times of some candidates at one length of prompt and output."""
        tokens = self.compiled.rows(among).cache_tokens(prompt, output)
        holds = tokens >= prompt + output
        index = among[holds]
        batch = self.compiled.rows(index)
        prediction = batch.predict(np.array([TYPICAL_CONCURRENCY]), prompt, output)
        return StepTimeTable(
            index=index,
            profiles=closed_loop_profiles(batch, tokens[holds], prompt, output),
            ttft_log_spread=prediction.ttft_log_spread[:, 0],
            itl_log_spread=prediction.itl_log_spread[:, 0],
            nearest_run=prediction.nearest_run,
            distance=prediction.distance,
        )


def positions(names: list[str], of: list[str]) -> IntArray:
    """Return the position in `names` of each entry of `of`."""
    place = {name: position for position, name in enumerate(names)}
    return np.array([place[name] for name in of], dtype=np.int64)


def joined(tables: Sequence[StepTimeTable]) -> StepTimeTable:
    """Return tables of different candidates as one, in the order of the candidates."""
    if len(tables) == 1:
        return tables[0]
    order = np.argsort(np.concatenate([table.index for table in tables]))

    def column(name: str) -> Any:
        return np.concatenate([getattr(table, name) for table in tables])[order]

    return StepTimeTable(
        index=column("index"),
        profiles=concatenate([table.profiles for table in tables]).take(order),
        ttft_log_spread=column("ttft_log_spread"),
        itl_log_spread=column("itl_log_spread"),
        nearest_run=column("nearest_run"),
        distance=column("distance"),
    )
