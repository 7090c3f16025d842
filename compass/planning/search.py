"""Evaluates every candidate at once: what may be used, what it carries, how many, at what cost."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from compass.capacity import BoolArray, FloatArray
from compass.catalog import Model
from compass.planning.cost import HOURS_A_MONTH, Offer, offers_of
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.rental_offers import Market, market_of, terms_of
from compass.planning.search_space import Field, Pace
from compass.planning.slo_probability import holding_probability
from compass.planning.types import RejectionKind, Specification
from compass.planning.user_assumptions import batch_as_assumed
from compass.traffic import LENGTH_CV, Capacity, Workload, binding, capacity, open_load

UTILISATION_TARGET = 0.80


class Exclusion(NamedTuple):
    """Why a GPU or a model is excluded, whatever the load."""

    kind: RejectionKind
    reason: str


@dataclass(frozen=True)
class Exclusions:
    """Candidates that may be used, and why the others may not."""

    allowed: BoolArray
    """Shape (M,) over all candidates of the field."""
    groups: dict[Exclusion, NDArray[np.int64]]
    """Positions of the excluded candidates by their first reason."""


@dataclass(frozen=True)
class Table:
    """Candidates that hold every target, arrays of shape (K,)."""

    index: NDArray[np.int64]
    """Positions in the field's candidates."""
    row: NDArray[np.int64]
    """Positions in the pace's arrays."""
    capacity_per_s: FloatArray
    breaking_per_s: FloatArray
    """A rate just above the capacity: what it breaks is what limits a replica."""
    replicas: NDArray[np.int64]
    billed: NDArray[np.int64]
    usd_per_gpu_hour: FloatArray
    offer: NDArray[np.int64]
    ttft_ms: FloatArray
    itl_ms: FloatArray
    e2e_ms: FloatArray
    concurrency: FloatArray
    probability: FloatArray
    quality: FloatArray
    """NaN where no score is published."""
    size: NDArray[np.int64]
    """GPUs of a replica."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def usd_per_month(self) -> FloatArray:
        """Of all replicas."""
        return np.asarray(self.billed * self.usd_per_gpu_hour * HOURS_A_MONTH)

    @property
    def gpus(self) -> NDArray[np.int64]:
        """GPUs that serve."""
        return self.replicas * self.size

    def take(self, rows: NDArray[np.int64] | BoolArray) -> "Table":
        """Some of the rows."""
        return Table(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Search:
    """Everything about one request that explanation needs again."""

    field: Field
    specification: Specification
    pace: Pace
    exclusions: Exclusions
    rows: NDArray[np.int64]
    """Rows of the pace that may be used."""
    capacity: Capacity
    """Of those rows."""
    offers: dict[str, tuple[Offer, ...]]
    market: Market
    """The same offers as arrays."""

    @property
    def able(self) -> NDArray[np.int64]:
        """Positions in `rows` of those that carry some load."""
        return np.flatnonzero(self.capacity.rate_per_s > 0)


def workload_of(specification: Specification) -> Workload:
    """The traffic of one replica."""
    return Workload(
        prompt_tokens=specification.prompt_tokens,
        output_tokens=specification.output_tokens,
        prompt_cv=LENGTH_CV,
        output_cv=LENGTH_CV,
        burst=specification.burst_size,
    )


def search(space: Field, specification: Specification) -> Search:
    """Restrict, then solve the capacity of every candidate that is left."""
    offers = {gpu.name: offers_of(space.catalog, gpu.name, specification) for gpu in space.catalog.gpus}
    exclusions = exclude(space, specification, offers)
    pace = space.pace(specification.prompt_tokens, specification.output_tokens)
    pace = replace(pace, profiles=batch_as_assumed(pace.profiles, specification))
    rows = np.flatnonzero(exclusions.allowed[pace.index])
    found = capacity(
        pace.profiles.take(rows),
        workload_of(specification),
        specification.ttft_p95_ms,
        specification.itl_p95_ms,
        specification.e2e_p95_ms,
        specification.percentile,
    )
    market = market_of([offers[gpu.name] for gpu in space.catalog.gpus])
    return Search(space, specification, pace, exclusions, rows, found, offers, market)


def exclude(space: Field, specification: Specification, offers: dict[str, tuple[Offer, ...]]) -> Exclusions:
    """Return the candidates that the request rules out at any load: by their GPU first, then by model."""
    of_gpu = [gpu_exclusion(gpu.name, specification, offers) for gpu in space.catalog.gpus]
    of_model = [model_exclusion(model, specification) for model in space.catalog.models]
    number = {
        exclusion: position
        for position, exclusion in enumerate(dict.fromkeys(found for found in (*of_gpu, *of_model) if found))
    }
    by_gpu = np.array([number[found] if found else -1 for found in of_gpu])[space.gpu_at]
    by_model = np.array([number[found] if found else -1 for found in of_model])[space.model_at]
    first = np.where(by_gpu >= 0, by_gpu, by_model)
    groups = {exclusion: np.flatnonzero(first == position) for exclusion, position in number.items()}
    return Exclusions(first < 0, {exclusion: rows for exclusion, rows in groups.items() if len(rows)})


def gpu_exclusion(
    gpu: str, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> Exclusion | None:
    """Why a GPU may not be used, None where it may."""
    if specification.preferred_gpu_types and gpu not in specification.preferred_gpu_types:
        return Exclusion("gpu_not_preferred", "not one of the GPUs that you asked for")
    if gpu in specification.excluded_gpu_types:
        return Exclusion("gpu_excluded", "a GPU that you excluded")
    if not offers[gpu]:
        where = f" at {specification.provider}" if specification.provider else ""
        reason = f"no verified {specification.pricing} price of the GPU is listed{where}"
        return Exclusion("no_price", reason)
    return None


def model_exclusion(model: Model, specification: Specification) -> Exclusion | None:
    """Why a model may not be used, None where it may."""
    if specification.preferred_models and model.id not in specification.preferred_models:
        return Exclusion("model_not_preferred", "not one of the models that you asked for")
    tokens = specification.prompt_tokens + specification.output_tokens
    if tokens > model.context_tokens:
        return Exclusion("context", f"{tokens:,} tokens are longer than the model's context")
    if specification.preferred_models:
        return None
    if model.reasoning == "always" and specification.experience_class != "batch":
        reason = "model always reasons before it answers: the answer itself would start late"
        return Exclusion("reasoning", reason)
    quality = quality_of(model, specification.use_case).value
    if quality is not None and quality < lowest_useful():
        return Exclusion("quality", f"quality for the use case below {lowest_useful():g} of 100")
    return None


def evaluate(found: Search, peak_per_s: float) -> Table:
    """Replicas, cost and predictions of every candidate that holds the targets, at a peak rate."""
    able = found.able
    rows = found.rows[able]
    index = found.pace.index[rows]
    space = found.field
    size = space.size[index]
    carried = found.capacity.rate_per_s[able]
    replicas = replicas_needed(found, np.array([peak_per_s]), carried)[:, 0]
    billed, price, offer = terms_of(found.market, space.gpu_at[index], size).bill(replicas)
    values = latencies(found, rows, peak_per_s / replicas)
    table = Table(
        index=index,
        row=rows,
        capacity_per_s=carried,
        breaking_per_s=found.capacity.breaking_per_s[able],
        replicas=replicas,
        billed=billed,
        usd_per_gpu_hour=price,
        offer=offer,
        ttft_ms=values[0],
        itl_ms=values[1],
        e2e_ms=values[2],
        concurrency=values[3],
        probability=chance(found, rows, values),
        quality=space.quality(found.specification.use_case)[space.model_at[index]],
        size=size,
    )
    return table.take(np.isfinite(table.usd_per_gpu_hour))


def replicas_needed(found: Search, peaks_per_s: FloatArray, carried_per_s: FloatArray) -> NDArray[np.int64]:
    """ceil(peak / (capacity × utilisation)), one more for n+1; peaks (B,), capacities (K,), result (K, B)."""
    least = np.ceil(peaks_per_s / (carried_per_s[:, None] * UTILISATION_TARGET) - 1e-9)
    spare = 1 if found.specification.availability == "n+1" else 0
    return np.maximum(1, least).astype(np.int64) + spare


def chance(found: Search, rows: NDArray[np.int64], values: tuple[FloatArray, ...]) -> FloatArray:
    """Probability that rows of the pace with these TTFT, ITL and E2E in ms hold the targets, shape (K,)."""
    wish = found.specification
    return holding_probability(
        (values[0], values[1], values[2]),
        (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms),
        found.pace.ttft_log_spread[rows],
        found.pace.itl_log_spread[rows],
    )


def latencies(found: Search, rows: NDArray[np.int64], rate_per_s: FloatArray) -> tuple[FloatArray, ...]:
    """TTFT, ITL, E2E at the wished percentile in ms, and concurrency, each of shape (K,)."""
    if not len(rows):
        return (np.zeros(0),) * 4
    wish = found.specification
    loads = open_load(found.pace.profiles.take(rows), rate_per_s[:, None], workload_of(wish))
    arrays = (
        loads.ttft(wish.percentile),
        loads.itl(wish.percentile),
        loads.e2e(wish.percentile),
        loads.concurrency,
    )
    return tuple(array[:, 0] for array in arrays)


def limits_of(found: Search, table: Table, rows: list[int]) -> list[str]:
    """What stops a replica of these rows from carrying more, in words."""
    names = {
        "ttft": "TTFT",
        "itl": "ITL",
        "e2e": "E2E",
        "memory": "KV cache memory",
        "saturation": "throughput",
    }
    wish = found.specification
    broken = binding(
        found.pace.profiles.take(table.row[rows]),
        workload_of(wish),
        (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms),
        wish.percentile,
        table.breaking_per_s[rows],
    )
    return [names[constraint] for constraint in broken]
