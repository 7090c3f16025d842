"""Finds the nearest changes of a request that make a plan possible, each with its price."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from compass.core import counted, exact_milliseconds, money
from compass.planning.latency_targets import LATENCY_TARGETS, targets_ms
from compass.planning.ranking import scores
from compass.planning.rental_offers import candidate_offers
from compass.planning.search import (
    Search,
    feasible_table,
    idle_latencies,
    replicas_needed,
    run_search,
    users_at,
)
from compass.planning.search_space import SearchSpace
from compass.planning.types import Relaxation, Specification

TARGETS = {target.field: target.name for target in LATENCY_TARGETS}
HEADROOMS = (1.25, 1.6, 2.5, 4.0)
"""Looser targets, over the lowest latency there is: a replica must carry some load to be worth its price."""
MOST_CHANGES = 3
"""So many things are changed at once at most."""
SHOWN = 6
MUCH_CHEAPER = 0.7
BUDGET = "budget_usd_per_month"
LOWEST_LOAD = 1 / 1000
"""Of today's peak; lighter loads are not offered."""
DROPPED = {
    "preferred_gpu_types": "any GPU",
    "excluded_gpu_types": "the excluded GPUs too",
    "preferred_models": "any model",
    "provider": "any provider",
    "precision": "any format of weights",
    "tensor_parallel": "any number of GPUs a replica",
    "gpu_count": "more GPUs",
}
LONGER_WINDOWS = (1.5, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Deadlines of a batch job, over the one that was given."""


@dataclass(frozen=True)
class ChangedRequest:
    """A specification after some changes: their words, fields and new values."""

    specification: Specification
    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def with_change(self, field: str, value: object, shown: str, words: str) -> "ChangedRequest":
        """Return the request with one more change; `shown` is the value as text."""
        changed = self.specification.model_copy(update={field: value})
        return ChangedRequest(changed, (*self.words, words), (*self.fields, field), (*self.values, shown))


def relaxations(space: SearchSpace, search: Search) -> tuple[Relaxation, ...]:
    """Return the changes that make a plan possible, cheapest first: single ones, else combinations."""
    level = [(ChangedRequest(search.specification), search)]
    for _ in range(MOST_CHANGES):
        tried = {
            tuple(sorted(zip(change.fields, change.values, strict=True))): change
            for request, searched in level
            for change in single_changes(request, searched)
        }
        level = [(change, run_search(space, change.specification)) for change in tried.values()]
        possible = [made for change, searched in level if (made := priced(change, searched))]
        if possible:
            return nearest_and_cheapest(possible)
    return ()


def nearest_and_cheapest(possible: list[Relaxation]) -> tuple[Relaxation, ...]:
    """Return the nearest value of each field, and the cheapest where it saves much; cheapest first."""
    kept: list[Relaxation] = []
    for field in dict.fromkeys(entry.field for entry in possible):
        # single_changes() goes outwards: the first is the nearest.
        same = [entry for entry in possible if entry.field == field]
        cheapest = min(same, key=cost_to_sort)
        kept.append(same[0])
        if cost_to_sort(cheapest) < cost_to_sort(same[0]) * MUCH_CHEAPER:
            kept.append(cheapest)
    return tuple(sorted(kept, key=cost_to_sort))[:SHOWN]


def cost_to_sort(entry: Relaxation) -> float:
    """Return US dollars a month; nothing where no price is listed, as for GPUs that somebody owns."""
    return entry.usd_per_month or 0.0


def single_changes(request: ChangedRequest, search: Search) -> Iterator[ChangedRequest]:
    """Yield requests that differ in one thing more; `search` is that of the request."""
    specification = request.specification
    yield from looser_targets(request, search)
    if specification.budget_usd_per_month is not None:
        yield request.with_change(BUDGET, None, "", "")
    for field, words in DROPPED.items():
        if getattr(specification, field):
            empty = () if isinstance(getattr(specification, field), tuple) else None
            yield request.with_change(field, empty, "any", words)
    if specification.pricing != "on-demand":
        yield request.with_change("pricing", "on-demand", "on-demand", "on-demand prices")
    if specification.availability == "n+1":
        yield request.with_change("availability", "none", "none", "no spare replica")
    yield from shorter_prompt(request, search)
    yield from longer_window(request)
    yield from less_load(request, search)


def looser_targets(request: ChangedRequest, search: Search) -> Iterator[ChangedRequest]:
    """Yield each target loosened alone where that helps, else all that the nearest candidate breaks."""
    if not len(search.rows):
        return
    values = idle_latencies(search, np.arange(len(search.rows)))
    targets = dict(zip(TARGETS, targets_ms(request.specification), strict=True))
    limits = np.array([*targets.values()])[:, None]
    holds = values <= limits
    alone = []
    for at, field in enumerate(TARGETS):
        others = np.delete(holds, at, axis=0).all(axis=0)
        if others.any() and field not in request.fields and math.isfinite(targets[field]):
            alone.append((field, max(float(values[at][others].min()), 1e-3)))
    broken = [(field, lowest) for field, lowest in alone if lowest > targets[field]]
    for field, lowest in broken or (alone if holds.all(axis=0).any() else []):
        for headroom in HEADROOMS:
            yield with_target(request, field, round_up(max(lowest, targets[field]) * headroom))
    if not broken and not holds.all(axis=0).any():
        nearest = values[:, int(np.argmin((values / limits).max(axis=0)))]
        for headroom in HEADROOMS:
            change = request
            for (field, limit), needed in zip(targets.items(), nearest.tolist(), strict=True):
                if needed > limit / headroom:
                    change = with_target(change, field, round_up(max(needed, limit) * headroom))
            yield change


def with_target(request: ChangedRequest, field: str, value_ms: float) -> ChangedRequest:
    """Return the request with one target at another value."""
    today, percentile = getattr(request.specification, field), request.specification.percentile
    instead = "" if today is None else f" instead of {exact_milliseconds(today)}"
    limits = f"≤ {exact_milliseconds(value_ms)}{instead}"
    words = f"{TARGETS[field]} {percentile} {limits}"
    return request.with_change(field, value_ms, f"{value_ms:.10g}", words)


def shorter_prompt(request: ChangedRequest, search: Search) -> Iterator[ChangedRequest]:
    """Yield prompts that some model's context takes, where the stated one is too long for all."""
    specification = request.specification
    if len(search.rows) or "prompt_tokens" in request.fields:
        return
    preferred = specification.preferred_models
    contexts = [
        model.context_tokens
        for model in search.space.catalog.models
        if not preferred or model.id in preferred
    ]
    longest = max(contexts, default=0) - specification.output_tokens
    for share in (1.0, 0.5, 0.25, 0.1):
        tokens = round_down(min(longest, specification.prompt_tokens) * share)
        if 1 <= tokens < specification.prompt_tokens:
            words = f"prompts of {tokens:,} tokens instead of {specification.prompt_tokens:,}"
            yield request.with_change("prompt_tokens", tokens, f"{tokens}", words)


def longer_window(request: ChangedRequest) -> Iterator[ChangedRequest]:
    """Yield later deadlines of a batch job that more GPUs than there are would have to meet."""
    specification = request.specification
    hours = specification.deadline_hours
    if specification.load_form != "batch" or hours is None or "deadline_hours" in request.fields:
        return
    for times in LONGER_WINDOWS:
        longer = hours * times
        words = f"{longer:g} hours instead of {hours:g}"
        change = request.with_change("deadline_hours", longer, f"{longer:g}", words)
        rate = specification.peak_requests_per_second / times
        update = {"peak_requests_per_second": rate, "mean_requests_per_second": rate}
        yield replace(change, specification=change.specification.model_copy(update=update))


def less_load(request: ChangedRequest, search: Search) -> Iterator[ChangedRequest]:
    """Yield the highest load that the budget pays for and the GPUs carry, where they carry any."""
    specification, solved = request.specification, search.with_capacity
    budget, count = specification.budget_usd_per_month, specification.gpu_count
    if (budget is None and count is None) or not len(solved) or specification.load_form == "batch":
        return
    index = search.step_times.index[search.rows[solved]]
    offers = candidate_offers(
        search.offer_table,
        search.space.gpu_at[index],
        search.space.gpus_per_replica[index],
        search.space.nodes[index],
    )
    peaks = np.geomspace(search.load, search.load * LOWEST_LOAD, 60)
    replicas = replicas_needed(search, peaks, search.usable_of_rows[solved])
    gpus = replicas * search.space.gpus_per_replica[index][:, None]
    paid = offers.usd_per_month(replicas) <= (budget if budget is not None and search.priced else math.inf)
    within = (paid & (gpus <= (math.inf if count is None else count))).any(axis=0)
    if within.any():
        highest = float(peaks[within.argmax()])
        if specification.is_closed:
            yield with_fewer_in_flight(request, max(1, int(highest)))
            return
        rounded = float(f"{highest:.2g}")
        yield with_peak(request, rounded if rounded <= highest else highest)


def with_fewer_in_flight(request: ChangedRequest, in_flight: int) -> ChangedRequest:
    """Return the request with fewer requests in flight."""
    today = request.specification.concurrent_requests
    words = f"{in_flight:,} requests in flight instead of {today:,}"
    return request.with_change("concurrent_requests", in_flight, f"{in_flight}", words)


def with_peak(request: ChangedRequest, peak_per_s: float) -> ChangedRequest:
    """Return the request with another peak load, its mean in proportion."""
    specification = request.specification
    today = specification.peak_requests_per_second
    users = users_at(specification, peak_per_s)
    named = "" if users is None else f" ({counted(round(users), 'user')})"
    words = f"{peak_per_s:.3g} requests/s at peak{named} instead of {today:.3g}"
    change = request.with_change("peak_requests_per_second", peak_per_s, f"{peak_per_s:g}", words)
    mean = specification.mean_requests_per_second * peak_per_s / today
    changed = change.specification.model_copy(update={"mean_requests_per_second": mean})
    return replace(change, specification=changed)


def priced(request: ChangedRequest, search: Search) -> Relaxation | None:
    """Return the request with its best option; None where nothing holds it.

    Where the budget is dropped, the change is to the lowest budget that some option needs.
    """
    specification = request.specification
    feasible = feasible_table(search, search.load)
    if specification.gpu_count is not None:
        feasible = feasible.take(feasible.gpus <= specification.gpu_count)
    if not len(feasible):
        return None
    words, values = list(request.words), list(request.values)
    budget = specification.budget_usd_per_month if search.priced else None
    if BUDGET in request.fields:
        at = request.fields.index(BUDGET)
        budget = math.ceil(float(feasible.usd_per_month.min()))
        words[at], values[at] = f"a budget of {money(budget)} a month", f"{budget:g}"
    if budget is not None:
        feasible = feasible.take(feasible.usd_per_month <= budget)
        if not len(feasible):
            return None
    row = int(np.argmax(scores(feasible, specification)))
    return Relaxation(
        change=" and ".join(words),
        field=", ".join(request.fields),
        value=", ".join(values),
        option=search.space.candidates[feasible.index[row]].name_of(int(feasible.replicas[row])),
        usd_per_month=round(float(feasible.usd_per_month[row]), 2) if search.priced else None,
    )


def round_up(value: float) -> float:
    """Return the number with two significant digits, rounded up."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / scale - 1e-9) * scale:.6g}")


def round_down(value: float) -> int:
    """Return the number with two significant digits, rounded down."""
    scale = 10.0 ** max(0, math.floor(math.log10(max(value, 1.0))) - 1)
    return int(math.floor(value / scale) * scale)
