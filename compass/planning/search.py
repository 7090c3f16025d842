"""Evaluates every candidate at once: what may be used, what it carries, how many, at what cost."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from compass.capacity import BoolArray, FloatArray
from compass.catalog import Model
from compass.planning.cost import HOURS_A_MONTH, Offer, offers_of
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.rental_offers import Market, market_of, terms_of
from compass.planning.search_space import Field, Pace
from compass.planning.slo_probability import holding_probability
from compass.planning.types import Specification
from compass.planning.user_assumptions import batch_as_assumed
from compass.traffic import Capacity, Workload, binding, capacity, open_load

UTILISATION_TARGET = 0.80
# Spread of prompt and answer lengths around their means; BLIS' published runs use the same quarter.
LENGTH_CV = 0.25


@dataclass(frozen=True)
class Refusals:
    """Why a candidate may not be used, before any load: index → reason; and what may be used."""

    allowed: BoolArray
    """Shape (M,) over all candidates of the field."""
    reasons: dict[str, NDArray[np.int64]] = field(default_factory=dict)


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
    refusals: Refusals
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
    refusals = restrict(space, specification, offers)
    pace = space.pace(specification.prompt_tokens, specification.output_tokens)
    pace = replace(pace, profiles=batch_as_assumed(pace.profiles, specification))
    rows = np.flatnonzero(refusals.allowed[pace.index])
    found = capacity(
        pace.profiles.take(rows),
        workload_of(specification),
        specification.ttft_p95_ms,
        specification.itl_p95_ms,
        specification.e2e_p95_ms,
        specification.percentile,
    )
    market = market_of([offers[gpu.name] for gpu in space.catalog.gpus])
    return Search(space, specification, pace, refusals, rows, found, offers, market)


def restrict(space: Field, wish: Specification, offers: dict[str, tuple[Offer, ...]]) -> Refusals:
    """Apply what does not depend on load: the GPU's reasons first, then the model's."""
    of_gpu = [gpu_refusal(gpu.name, wish, offers) for gpu in space.catalog.gpus]
    of_model = [model_refusal(model, wish) for model in space.catalog.models]
    words = list(dict.fromkeys(reason for reason in (*of_gpu, *of_model) if reason))
    number = {reason: position for position, reason in enumerate(words)}
    gpu_reason = np.array([number[reason] if reason else -1 for reason in of_gpu])[space.gpu_at]
    model_reason = np.array([number[reason] if reason else -1 for reason in of_model])[space.model_at]
    reason_at = np.where(gpu_reason >= 0, gpu_reason, model_reason)
    reasons = {reason: np.flatnonzero(reason_at == position) for reason, position in number.items()}
    return Refusals(reason_at < 0, {reason: rows for reason, rows in reasons.items() if len(rows)})


def gpu_refusal(gpu: str, wish: Specification, offers: dict[str, tuple[Offer, ...]]) -> str | None:
    """Why a GPU may not be used, None where it may."""
    if wish.preferred_gpu_types and gpu not in wish.preferred_gpu_types:
        return "not one of the GPUs that you asked for"
    if gpu in wish.excluded_gpu_types:
        return "a GPU that you excluded"
    if not offers[gpu]:
        where = f" at {wish.provider}" if wish.provider else ""
        return f"no verified {wish.pricing} price of the GPU is listed{where}"
    return None


def model_refusal(model: Model, wish: Specification) -> str | None:
    """Why a model may not be used, None where it may."""
    if wish.preferred_models and model.id not in wish.preferred_models:
        return "not one of the models that you asked for"
    if wish.prompt_tokens + wish.output_tokens > model.context_tokens:
        return f"{wish.prompt_tokens + wish.output_tokens:,} tokens are longer than the model's context"
    if wish.preferred_models:
        return None
    if model.reasoning == "always" and wish.experience_class != "batch":
        return "model always reasons before it answers: the answer itself would start late"
    quality = quality_of(model, wish.use_case).value
    if quality is not None and quality < lowest_useful():
        return f"quality for the use case below {lowest_useful():g} of 100"
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
