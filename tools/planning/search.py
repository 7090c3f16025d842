"""Evaluates every candidate at once: what may be used, what it carries, how many, at what cost."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.capacity.types import BoolArray, FloatArray
from tools.catalog import Model
from tools.planning.cost import HOURS_A_MONTH, Offer, offers_of
from tools.planning.pace import Field, Pace
from tools.planning.probability import holding_probability
from tools.planning.quality import lowest_useful, quality_of
from tools.planning.types import Specification
from tools.traffic import CONSTRAINTS, Capacity, Workload, capacity, open_load

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
    binding: NDArray[np.int64]
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


def workload_of(specification: Specification) -> Workload:
    """The traffic of one replica."""
    cached = 1.0 - specification.prefix_cache_hit_rate
    return Workload(
        prompt_tokens=max(1.0, specification.prompt_tokens * cached),
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
    rows = np.flatnonzero(refusals.allowed[pace.index])
    found = capacity(
        pace.profiles.take(rows),
        workload_of(specification),
        specification.ttft_p95_ms,
        specification.itl_p95_ms,
        specification.e2e_p95_ms,
        specification.percentile,
    )
    return Search(space, specification, pace, refusals, rows, found, offers)


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


def evaluate(found: Search, peak_per_s: float, only: NDArray[np.int64] | None = None) -> Table:
    """Replicas, cost and predictions of every candidate that holds the targets, at a peak rate.

    `only`: rows of the pace to look at, all where None.
    """
    wish = found.specification
    carried = found.capacity.rate_per_s
    able = np.flatnonzero(carried > 1e-6 if only is None else (carried > 1e-6) & np.isin(found.rows, only))
    rows = found.rows[able]
    index = found.pace.index[rows]
    space = found.field
    size = space.size[index]
    replicas = np.maximum(1, np.ceil(peak_per_s / (carried[able] * UTILISATION_TARGET) - 1e-9)).astype(
        np.int64
    )
    if wish.availability == "n+1":
        replicas = replicas + 1
    billed, price, offer = bills(found, space.gpu_at[index], replicas, size)
    values = latencies(found, rows, peak_per_s / replicas)
    known = space.quality(wish.use_case)
    table = Table(
        index=index,
        row=rows,
        capacity_per_s=carried[able],
        binding=found.capacity.binding[able],
        replicas=replicas,
        billed=billed,
        usd_per_gpu_hour=price,
        offer=offer,
        ttft_ms=values[0],
        itl_ms=values[1],
        e2e_ms=values[2],
        concurrency=values[3],
        probability=holding_probability(
            (values[0], values[1], values[2]),
            (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms),
            found.pace.ttft_log_spread[rows],
            found.pace.itl_log_spread[rows],
        ),
        quality=known[space.model_at[index]],
        size=size,
    )
    return table.take(np.isfinite(price) & (billed > 0))


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


def bills(
    found: Search,
    gpu_at: NDArray[np.int64],
    replicas: NDArray[np.int64],
    size: NDArray[np.int64],
) -> tuple[NDArray[np.int64], FloatArray, NDArray[np.int64]]:
    """GPUs billed, US dollars per GPU-hour and the offer's position, cheapest offer of each candidate."""
    best = np.full(len(gpu_at), np.inf)
    billed = np.zeros(len(gpu_at), dtype=np.int64)
    price = np.full(len(gpu_at), np.inf)
    chosen = np.full(len(gpu_at), -1, dtype=np.int64)
    for at in np.unique(gpu_at):
        mine = gpu_at == at
        for position, offer in enumerate(found.offers[found.field.catalog.gpus[at].name]):
            fits = mine & (size <= offer.largest)
            if offer.lot > 1:
                fits &= size <= offer.lot
                per_lot = np.maximum(1, offer.lot // size)
                count = np.ceil(replicas / per_lot).astype(np.int64) * offer.lot
            else:
                count = replicas * size
            cost = count * offer.usd_per_gpu_hour
            better = fits & (cost < best)
            best = np.where(better, cost, best)
            billed = np.where(better, count, billed)
            price = np.where(better, offer.usd_per_gpu_hour, price)
            chosen = np.where(better, position, chosen)
    return billed, price, chosen


def binding_name(binding: int) -> str:
    """The constraint that stops a replica from carrying more, in words."""
    names = {
        "ttft": "TTFT",
        "itl": "ITL",
        "e2e": "E2E",
        "memory": "KV cache memory",
        "saturation": "throughput",
    }
    return names.get(CONSTRAINTS[binding], "none of the targets")


def probability_at(found: Search, row: int, replicas: NDArray[np.int64]) -> FloatArray:
    """Probability that one candidate holds its targets with each number of replicas, shape (R,)."""
    wish = found.specification
    rows = np.full(len(replicas), row)
    ttft, itl, e2e, _ = latencies(found, rows, wish.peak_requests_per_second / replicas)
    spreads = found.pace.ttft_log_spread[rows], found.pace.itl_log_spread[rows]
    return holding_probability(
        (ttft, itl, e2e), (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms), *spreads
    )
