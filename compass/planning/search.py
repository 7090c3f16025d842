"""Evaluates every candidate for one specification: exclusions, capacity, replicas, cost, predictions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.planning.answer_lengths import AnswerLengths, answer_lengths
from compass.planning.cost import HOURS_PER_MONTH, Offer, offers_of, offers_without_prices
from compass.planning.exclusions import Exclusions, exclude, window_tokens
from compass.planning.latency_targets import stated_targets_ms, targets_ms
from compass.planning.loaded_replicas import (
    FULL,
    InFlightTable,
    in_flight_table,
    in_time,
    percentiles_at,
)
from compass.planning.rental_offers import OfferTable, candidate_offers, offer_table
from compass.planning.search_space import SearchSpace, StepTimeTable
from compass.planning.slo_probability import Z80, holding_probability
from compass.planning.speculative_decoding import chosen_rows, is_wanted, with_drafts
from compass.planning.start_up import rented_hours
from compass.planning.types import Specification
from compass.planning.user_assumptions import batch_as_assumed
from compass.speculation import SpeculationChoice
from compass.traffic import (
    LENGTH_CV,
    Capacity,
    Limits,
    ProfileBatch,
    Workload,
    binding,
    capacity,
    latencies_of,
)

UTILISATION_TARGET = 0.80
"""Of the capacity of replicas, because neither peaks nor capacities are known exactly."""
IN_TIME_Z = 0.8416212335729143
"""A batch job is planned to be done in its window with a chance of 80 %: so many standard deviations."""
CONSTRAINTS = {
    "ttft": "TTFT",
    "itl": "ITL",
    "e2e": "E2E",
    "first_answer": "first answer token",
    "memory": "KV cache memory",
    "saturation": "throughput",
}


@dataclass(frozen=True)
class FeasibleTable:
    """Candidates that hold every target at one peak load, arrays of shape (K,)."""

    index: IntArray
    """Positions in the search space's candidates."""
    row: IntArray
    """Positions in the step time table."""
    capacity_per_s: FloatArray
    """Requests a second of one replica, at most."""
    capacity: FloatArray
    """The same in the unit of the load: requests a second, or requests in flight of a closed loop."""
    usable: FloatArray
    """The part of it that is planned for."""
    breaking_per_s: FloatArray
    """A rate just above the capacity: what it breaks is what limits a replica."""
    rate_per_s: FloatArray
    """Requests a second of one replica at its share of the load."""
    replicas: IntArray
    gpus_billed: IntArray
    usd_per_gpu_hour: FloatArray
    offer: IntArray
    """Position in the offers of the candidate's GPU."""
    ttft_ms: FloatArray
    itl_ms: FloatArray
    e2e_ms: FloatArray
    first_answer_ms: FloatArray
    """All four at the specification's percentile."""
    concurrency: FloatArray
    """Of one replica."""
    slo_probability: FloatArray
    surety: FloatArray
    """Probability that the targets hold which somebody stated: of assumed ones the prediction decides."""
    quality: FloatArray
    """NaN where no score is published."""
    gpus_per_replica: IntArray
    nodes: IntArray
    """Machines that a replica spans."""
    output_tokens: FloatArray
    """Of a request, mean."""
    work_hours: FloatArray
    """Of one batch job without the start of its replicas; infinite of any other load."""
    hours_per_month: FloatArray
    """Hours a month for which GPUs are rented, the start of a job's replicas with them."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def usd_per_month(self) -> FloatArray:
        """Of all replicas."""
        return np.asarray(self.gpus_billed * self.usd_per_gpu_hour * self.hours_per_month)

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
    lengths: AnswerLengths
    """Of each model of the catalog."""
    plain: ProfileBatch
    """Step times of that table without anything assumed: no typed hit rate, no drafts."""
    choices: Sequence[SpeculationChoice | None]
    """How each row of the step time table speculates; empty where none does."""
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
    priced: bool
    """False where no price is listed of any GPU that was asked for: money then only ranks."""
    in_flight: InFlightTable | None
    """Of those rows, in a closed loop."""
    place: IntArray
    """Position in `rows` of each row of the step time table; −1 for those that are not allowed."""

    @property
    def load(self) -> float:
        """The load of all replicas: requests a second at peak, or requests in flight of a closed loop."""
        return load_of(self.specification)

    @property
    def capacity_of_rows(self) -> FloatArray:
        """What a replica of each of `rows` carries, in the unit of the load; 0 where no load holds."""
        return self.capacity.rate_per_s if self.in_flight is None else self.in_flight.most

    @property
    def usable_of_rows(self) -> FloatArray:
        """The part of that which replicas are planned for."""
        spread = self.step_times.itl_log_spread[self.rows]
        return self.capacity_of_rows * usable_share(self.specification, spread)

    def for_specification(self, told: Specification) -> "Search":
        """Return the search under a specification that says the same in other words."""
        return replace(self, specification=told)

    @property
    def with_capacity(self) -> IntArray:
        """Positions in `rows` of those that hold the targets at some load."""
        return np.flatnonzero(self.capacity.rate_per_s > 0)


def load_of(specification: Specification) -> float:
    """Return the load of all replicas: requests a second at peak, or requests in flight, or sessions."""
    if specification.load_form == "in_flight":
        return float(specification.concurrent_requests or 1)
    if specification.load_form == "sessions":
        return float(specification.concurrent_sessions or 1)
    return specification.peak_requests_per_second


def usable_share(specification: Specification, itl_log_spread: FloatArray) -> FloatArray:
    """Return the share of their capacity that replicas are planned for, shape (K,).

    `itl_log_spread`: 80 % spreads of the predictions; a batch job leaves room for their error, which costs
    nothing, since more replicas are rented for fewer hours.
    """
    if specification.load_form == "batch":
        return np.exp(-IN_TIME_Z * itl_log_spread / Z80)
    return np.full(itl_log_spread.shape, UTILISATION_TARGET)


def users_at(specification: Specification, peak_per_s: float) -> float | None:
    """Return the users that a peak stands for; None where the load does not come from a number of users."""
    said_otherwise = {"requests_per_second", "tokens_per_second", "output_tokens_per_second"}
    if not specification.user_count or specification.load_form != "rate":
        return None
    if said_otherwise & specification.stated:
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
        session=specification.session,
    )


def run_search(space: SearchSpace, specification: Specification) -> Search:
    """Exclude candidates, then solve the capacity of every one that is left."""
    offers = {gpu.name: offers_of(space.catalog, gpu.name, specification) for gpu in space.catalog.gpus}
    unpriced = offers_without_prices(space.catalog, specification, offers)
    offers |= unpriced
    exclusions = exclude(space, specification, offers)
    lengths = answer_lengths(space.catalog.models, specification)
    step_times = space.step_times(specification.prompt_tokens, lengths)
    plain = step_times
    step_times, choices = drafting(space, specification, lengths, plain)
    step_times = replace(step_times, profiles=batch_as_assumed(step_times.profiles, specification))
    window = window_tokens(specification, lengths.output_tokens)[space.model_at[step_times.index]]
    holds = step_times.profiles.kv_capacity_tokens >= window
    rows = np.flatnonzero(exclusions.allowed[step_times.index] & holds)
    profiles, workload = step_times.profiles.take(rows), workload_of(specification)
    solved = capacity(profiles, workload, targets_ms(specification), specification.percentile)
    closed, by_sessions = specification.is_closed, specification.load_form == "sessions"
    place = np.full(len(step_times.index), -1)
    place[rows] = np.arange(len(rows))
    return Search(
        space=space,
        specification=specification,
        lengths=lengths,
        plain=plain.profiles,
        choices=choices,
        step_times=step_times,
        exclusions=exclusions,
        rows=rows,
        capacity=solved,
        offers=offers,
        offer_table=offer_table([offers[gpu.name] for gpu in space.catalog.gpus]),
        priced=not unpriced,
        in_flight=in_flight_table(profiles, solved.rate_per_s, workload, by_sessions) if closed else None,
        place=place,
    )


def drafting(
    space: SearchSpace, specification: Specification, lengths: AnswerLengths, plain: StepTimeTable
) -> tuple[StepTimeTable, Sequence[SpeculationChoice | None]]:
    """Return step times with the speculation that was asked for, and the choice of each row.

    "auto" drafts where a replica then carries more.
    """
    if not is_wanted(specification):
        return plain, ()
    model_at = space.model_at[plain.index]
    batch = space.compiled.rows(plain.index)
    on, choices = with_drafts(plain.profiles, batch, space.catalog.models, specification, lengths, model_at)
    drafts = np.array([choice is not None for choice in choices])
    if specification.speculation == "auto":
        workload, limits = workload_of(specification), targets_ms(specification)
        carried = [capacity(p, workload, limits, specification.percentile) for p in (on, plain.profiles)]
        drafts &= carried[0].rate_per_s > carried[1].rate_per_s
    kept = [choice if drafts[at] else None for at, choice in enumerate(choices)]
    return replace(plain, profiles=chosen_rows(on, plain.profiles, drafts)), kept


def feasible_table(search: Search, load: float) -> FeasibleTable:
    """Return replicas, cost and predictions of every candidate that holds the targets, at a load."""
    space, solved = search.space, search.with_capacity
    rows = search.rows[solved]
    index = search.step_times.index[rows]
    gpus_per_replica = space.gpus_per_replica[index]
    capacity = search.capacity_of_rows[solved]
    usable = search.usable_of_rows[solved]
    replicas = replicas_needed(search, np.array([load]), usable)[:, 0]
    offers = candidate_offers(search.offer_table, space.gpu_at[index], gpus_per_replica, space.nodes[index])
    gpus_billed, usd_per_gpu_hour, offer = offers.cheapest(replicas)
    share = load / replicas
    values = latencies(search, rows, share)
    work = work_hours(search.specification, load, replicas * capacity)
    surety, chance = chances_at(search, rows, values, share)
    quality = space.quality(search.specification.use_case, search.lengths.reasons)
    table = FeasibleTable(
        index=index,
        row=rows,
        capacity_per_s=search.capacity.rate_per_s[solved],
        capacity=capacity,
        usable=usable,
        breaking_per_s=search.capacity.breaking_per_s[solved],
        rate_per_s=rate_of(search, rows, share),
        replicas=replicas,
        gpus_billed=gpus_billed,
        usd_per_gpu_hour=usd_per_gpu_hour,
        offer=offer,
        ttft_ms=values[0],
        itl_ms=values[1],
        e2e_ms=values[2],
        first_answer_ms=values[3],
        concurrency=values[4],
        slo_probability=chance,
        surety=surety,
        quality=quality[space.model_at[index]],
        gpus_per_replica=gpus_per_replica,
        nodes=space.nodes[index],
        output_tokens=search.lengths.output_tokens[space.model_at[index]],
        work_hours=work,
        hours_per_month=hours_per_month(search.specification, work, space.start_hours[index]),
    )
    return table.take(np.isfinite(table.usd_per_gpu_hour))


def replicas_needed(search: Search, loads: FloatArray, usable: FloatArray) -> IntArray:
    """ceil(load / usable capacity), one more for n+1; loads (B,), capacities (K,), result (K, B)."""
    least = np.ceil(loads / usable[:, None] - 1e-9)
    spare = 1 if search.specification.availability == "n+1" else 0
    return np.maximum(1, least).astype(np.int64) + spare


def work_hours(specification: Specification, load: float, carried: FloatArray) -> FloatArray:
    """Return the hours that a batch job keeps replicas busy which carry so much; infinite for other loads.

    It takes the share of its window that its load is of what they carry.
    """
    if specification.load_form != "batch":
        return np.full(np.shape(carried), np.inf)
    return np.asarray((specification.deadline_hours or 0.0) * load / carried)


def hours_per_month(specification: Specification, work: FloatArray, start: FloatArray) -> FloatArray:
    """Return the hours a month for which GPUs are rented; `work`, `start`: hours of one batch job."""
    if specification.load_form != "batch":
        return np.full(np.shape(work), float(HOURS_PER_MONTH))
    return rented_hours(work, start) * specification.jobs_per_month


def slo_probabilities(
    search: Search,
    rows: IntArray,
    values: tuple[FloatArray, ...],
    load: FloatArray,
    targets: Limits | None = None,
) -> FloatArray:
    """Return the probability that rows with these latencies in ms hold the targets, shape (K,).

    `load` is that of one replica; a batch job must also be done in its window. `targets`: in ms, those of
    the specification where none are given.
    """
    itl_spread = search.step_times.itl_log_spread[rows]
    holds = holding_probability(
        (values[0], values[1], values[2], values[3]),
        targets or targets_ms(search.specification),
        search.step_times.ttft_log_spread[rows],
        itl_spread,
    )
    if search.specification.load_form != "batch":
        return holds
    return holds * in_time(load / search.capacity.rate_per_s[search.place[rows]], itl_spread)


def chances_at(
    search: Search, rows: IntArray, values: tuple[FloatArray, ...], load: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities that rows hold the stated targets, and all of them; arrays as above."""
    every = slo_probabilities(search, rows, values, load)
    stated = stated_targets_ms(search.specification)
    if stated == targets_ms(search.specification):
        return every, every
    if search.specification.load_form != "batch" and np.isinf(stated).all():
        return np.isfinite(values[2]).astype(float), every
    return slo_probabilities(search, rows, values, load, stated), every


def rate_of(search: Search, rows: IntArray, load: FloatArray) -> FloatArray:
    """Return requests a second of a replica of each row at its share of the load, both of shape (K,)."""
    if search.in_flight is not None:
        return search.in_flight.rate_at(load, search.place[rows])
    if search.specification.load_form == "batch":
        return search.capacity.rate_per_s[search.place[rows]]
    return load


def latencies(search: Search, rows: IntArray, load: FloatArray) -> tuple[FloatArray, ...]:
    """Return the latencies in ms at the specification's percentile, and concurrency, each of shape (K,).

    `rows` are those of the step time table, `load` that of one replica, shape (K,).
    """
    if not len(rows):
        return (np.zeros(0),) * 5
    specification = search.specification
    rate = rate_of(search, rows, load)
    if specification.load_form == "batch":
        rate = rate * FULL
    profiles = search.step_times.profiles.take(rows)
    return percentiles_at(profiles, rate, workload_of(specification), specification.percentile)


def idle_latencies(search: Search, at: IntArray) -> FloatArray:
    """Return the latencies in ms of a replica that is nearly idle, shape (4, K); `at`: places in rows."""
    percentile, idle = search.specification.percentile, search.capacity.idle
    return np.stack([of(percentile)[at, 0] for of in latencies_of(idle)])


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
    named = [CONSTRAINTS[constraint] for constraint in broken]
    if specification.load_form != "batch":
        return named
    return [
        f"the limit of {most:.0f} requests at once" if name == CONSTRAINTS["memory"] and roomy else name
        for name, most, roomy in zip(named, *sequence_limits(search, feasible, rows), strict=True)
    ]


def sequence_limits(search: Search, feasible: FeasibleTable, rows: list[int]) -> tuple[FloatArray, BoolArray]:
    """Return the most requests in flight of each row, and whether its KV cache would hold more."""
    specification, profiles = search.specification, search.step_times.profiles.take(feasible.row[rows])
    tokens = specification.prompt_tokens + feasible.output_tokens[rows]
    return profiles.max_num_seqs, profiles.kv_capacity_tokens / tokens > profiles.max_num_seqs
