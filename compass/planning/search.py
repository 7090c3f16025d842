"""Evaluates every candidate for one specification: exclusions, capacity, replicas, cost, predictions."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.catalog import Model
from compass.planning.cost import HOURS_PER_MONTH, Offer, offers_of
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.rental_offers import OfferTable, candidate_offers, offer_table
from compass.planning.search_space import SearchSpace, StepTimeTable
from compass.planning.slo_probability import holding_probability
from compass.planning.types import RejectionKind, Specification
from compass.planning.user_assumptions import batch_as_assumed
from compass.traffic import LENGTH_CV, Capacity, Workload, binding, capacity, open_load

UTILISATION_TARGET = 0.80
CONSTRAINTS = {
    "ttft": "TTFT",
    "itl": "ITL",
    "e2e": "E2E",
    "memory": "KV cache memory",
    "saturation": "throughput",
}


class Exclusion(NamedTuple):
    """Why a GPU or a model is excluded, whatever the load."""

    kind: RejectionKind
    reason: str


@dataclass(frozen=True)
class Exclusions:
    """Candidates that may be used, and why the others may not."""

    allowed: BoolArray
    """Shape (M,) over all candidates of the search space."""
    groups: dict[Exclusion, IntArray]
    """Positions of the excluded candidates by their first reason."""


@dataclass(frozen=True)
class FeasibleTable:
    """Candidates that hold every target at one peak load, arrays of shape (K,)."""

    index: IntArray
    """Positions in the search space's candidates."""
    row: IntArray
    """Positions in the step time table."""
    capacity_per_s: FloatArray
    """Requests a second of one replica."""
    breaking_per_s: FloatArray
    """A rate just above the capacity: what it breaks is what limits a replica."""
    replicas: IntArray
    gpus_billed: IntArray
    usd_per_gpu_hour: FloatArray
    offer: IntArray
    """Position in the offers of the candidate's GPU."""
    ttft_ms: FloatArray
    itl_ms: FloatArray
    e2e_ms: FloatArray
    """All three at the specification's percentile."""
    concurrency: FloatArray
    """Of one replica."""
    slo_probability: FloatArray
    quality: FloatArray
    """NaN where no score is published."""
    gpus_per_replica: IntArray

    def __len__(self) -> int:
        return len(self.index)

    @property
    def usd_per_month(self) -> FloatArray:
        """Of all replicas."""
        return np.asarray(self.gpus_billed * self.usd_per_gpu_hour * HOURS_PER_MONTH)

    @property
    def gpus(self) -> IntArray:
        """GPUs that serve, of all replicas."""
        return self.replicas * self.gpus_per_replica

    def take(self, rows: IntArray | BoolArray) -> "FeasibleTable":
        """Return some of the rows."""
        return FeasibleTable(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Search:
    """The candidates that one specification allows, with their capacities and rental offers."""

    space: SearchSpace
    specification: Specification
    step_times: StepTimeTable
    """With the prefix cache and the speculative decoding that the user assumed."""
    exclusions: Exclusions
    rows: IntArray
    """Rows of the step time table that are allowed."""
    capacity: Capacity
    """Of those rows."""
    offers: dict[str, tuple[Offer, ...]]
    """By GPU."""
    offer_table: OfferTable
    """The same offers as arrays."""

    @property
    def with_capacity(self) -> IntArray:
        """Positions in `rows` of those that hold the targets at some load."""
        return np.flatnonzero(self.capacity.rate_per_s > 0)


def targets_ms(specification: Specification) -> tuple[float, float, float]:
    """Return the targets of TTFT, ITL and E2E."""
    return specification.ttft_p95_ms, specification.itl_p95_ms, specification.e2e_p95_ms


def users_at(specification: Specification, peak_per_s: float) -> float | None:
    """Return the users that a peak stands for; None where the load does not come from a number of users."""
    if not specification.user_count or "requests_per_second" in specification.stated:
        return None
    return specification.user_count * peak_per_s / specification.peak_requests_per_second


def workload_of(specification: Specification) -> Workload:
    """Return the traffic of one replica."""
    return Workload(
        prompt_tokens=specification.prompt_tokens,
        output_tokens=specification.output_tokens,
        prompt_cv=LENGTH_CV,
        output_cv=LENGTH_CV,
        burst=specification.burst_size,
    )


def run_search(space: SearchSpace, specification: Specification) -> Search:
    """Exclude candidates, then solve the capacity of every one that is left."""
    offers = {gpu.name: offers_of(space.catalog, gpu.name, specification) for gpu in space.catalog.gpus}
    exclusions = exclude(space, specification, offers)
    step_times = space.step_times(specification.prompt_tokens, specification.output_tokens)
    step_times = replace(step_times, profiles=batch_as_assumed(step_times.profiles, specification))
    rows = np.flatnonzero(exclusions.allowed[step_times.index])
    solved = capacity(
        step_times.profiles.take(rows),
        workload_of(specification),
        *targets_ms(specification),
        specification.percentile,
    )
    table = offer_table([offers[gpu.name] for gpu in space.catalog.gpus])
    return Search(space, specification, step_times, exclusions, rows, solved, offers, table)


def exclude(
    space: SearchSpace, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> Exclusions:
    """Return the candidates that the request rules out at any load: by their GPU first, then by model."""
    of_gpu = [gpu_exclusion(gpu.name, specification, offers) for gpu in space.catalog.gpus]
    of_model = [model_exclusion(model, specification) for model in space.catalog.models]
    distinct = dict.fromkeys(exclusion for exclusion in (*of_gpu, *of_model) if exclusion)
    number = {exclusion: position for position, exclusion in enumerate(distinct)}
    by_gpu = np.array([number[reason] if reason else -1 for reason in of_gpu])[space.gpu_at]
    by_model = np.array([number[reason] if reason else -1 for reason in of_model])[space.model_at]
    first = np.where(by_gpu >= 0, by_gpu, by_model)
    groups = {exclusion: np.flatnonzero(first == position) for exclusion, position in number.items()}
    return Exclusions(first < 0, {exclusion: index for exclusion, index in groups.items() if len(index)})


def gpu_exclusion(
    gpu: str, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> Exclusion | None:
    """Return why a GPU may not be used, None where it may."""
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
    """Return why a model may not be used, None where it may."""
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


def feasible_table(search: Search, peak_per_s: float) -> FeasibleTable:
    """Return replicas, cost and predictions of every candidate that holds the targets, at a peak rate."""
    space, solved = search.space, search.with_capacity
    rows = search.rows[solved]
    index = search.step_times.index[rows]
    gpus_per_replica = space.gpus_per_replica[index]
    capacity_per_s = search.capacity.rate_per_s[solved]
    replicas = replicas_needed(search, np.array([peak_per_s]), capacity_per_s)[:, 0]
    offers = candidate_offers(search.offer_table, space.gpu_at[index], gpus_per_replica)
    gpus_billed, usd_per_gpu_hour, offer = offers.cheapest(replicas)
    values = latencies(search, rows, peak_per_s / replicas)
    table = FeasibleTable(
        index=index,
        row=rows,
        capacity_per_s=capacity_per_s,
        breaking_per_s=search.capacity.breaking_per_s[solved],
        replicas=replicas,
        gpus_billed=gpus_billed,
        usd_per_gpu_hour=usd_per_gpu_hour,
        offer=offer,
        ttft_ms=values[0],
        itl_ms=values[1],
        e2e_ms=values[2],
        concurrency=values[3],
        slo_probability=slo_probabilities(search, rows, values),
        quality=space.quality(search.specification.use_case)[space.model_at[index]],
        gpus_per_replica=gpus_per_replica,
    )
    return table.take(np.isfinite(table.usd_per_gpu_hour))


def replicas_needed(search: Search, peaks_per_s: FloatArray, capacity_per_s: FloatArray) -> IntArray:
    """ceil(peak / (capacity × utilisation)), one more for n+1; peaks (B,), capacities (K,), result (K, B)."""
    least = np.ceil(peaks_per_s / (capacity_per_s[:, None] * UTILISATION_TARGET) - 1e-9)
    spare = 1 if search.specification.availability == "n+1" else 0
    return np.maximum(1, least).astype(np.int64) + spare


def slo_probabilities(search: Search, rows: IntArray, values: tuple[FloatArray, ...]) -> FloatArray:
    """Return the probability that rows with these TTFT, ITL and E2E in ms hold the targets, shape (K,)."""
    return holding_probability(
        (values[0], values[1], values[2]),
        targets_ms(search.specification),
        search.step_times.ttft_log_spread[rows],
        search.step_times.itl_log_spread[rows],
    )


def latencies(search: Search, rows: IntArray, rate_per_s: FloatArray) -> tuple[FloatArray, ...]:
    """Return TTFT, ITL and E2E in ms at the specification's percentile, and concurrency, each of shape (K,).

    `rows` are those of the step time table, `rate_per_s` the requests a second of one replica, shape (K,).
    """
    if not len(rows):
        return (np.zeros(0),) * 4
    specification = search.specification
    profiles = search.step_times.profiles.take(rows)
    loads = open_load(profiles, rate_per_s[:, None], workload_of(specification))
    arrays = (
        loads.ttft(specification.percentile),
        loads.itl(specification.percentile),
        loads.e2e(specification.percentile),
        loads.concurrency,
    )
    return tuple(array[:, 0] for array in arrays)


def idle_latencies(search: Search, at: IntArray) -> FloatArray:
    """Return TTFT, ITL and E2E in ms of a replica that is nearly idle, shape (3, K); `at`: places in rows."""
    percentile, idle = search.specification.percentile, search.capacity.idle
    return np.stack([of(percentile)[at, 0] for of in (idle.ttft, idle.itl, idle.e2e)])


def binding_constraints(search: Search, feasible: FeasibleTable, rows: list[int]) -> list[str]:
    """Return in words what stops a replica of each of these rows from carrying more."""
    specification = search.specification
    broken = binding(
        search.step_times.profiles.take(feasible.row[rows]),
        workload_of(specification),
        targets_ms(specification),
        specification.percentile,
        feasible.breaking_per_s[rows],
    )
    return [CONSTRAINTS[constraint] for constraint in broken]
