"""When nothing fits: the nearest changes of the request that would, each with its price."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compass.planning.candidates import in_words
from compass.planning.ranking import scores
from compass.planning.rental_offers import terms_of
from compass.planning.search import Search, evaluate, replicas_needed, search
from compass.planning.search_space import Field
from compass.planning.types import Relaxation, Specification

TARGETS = {"ttft_p95_ms": "TTFT", "itl_p95_ms": "ITL", "e2e_p95_ms": "E2E"}
# Above the lowest latency there is: a replica must carry some load to be worth its price.
ROOMS = (1.25, 1.6, 2.5, 4.0)
# So many things are changed at once at most.
MOST_CHANGES = 3
SHOWN = 6
MUCH_CHEAPER = 0.7
BUDGET = "budget_usd_per_month"
DROPPED = {
    "preferred_gpu_types": "any GPU",
    "excluded_gpu_types": "the excluded GPUs too",
    "preferred_models": "any model",
    "provider": "any provider",
}


@dataclass(frozen=True)
class Changed:
    """A request after some changes: what was changed, in words and by field."""

    wish: Specification
    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def by(self, field: str, value: object, said: str, words: str) -> "Changed":
        """With one more change."""
        wish = self.wish.model_copy(update={field: value})
        return Changed(wish, (*self.words, words), (*self.fields, field), (*self.values, said))


def relaxations(space: Field, found: Search) -> tuple[Relaxation, ...]:
    """The changes that make a plan possible, cheapest first: alone where one suffices, else together."""
    level = [(Changed(found.specification), found)]
    for _ in range(MOST_CHANGES):
        tried = {
            tuple(sorted(zip(change.fields, change.values, strict=True))): change
            for before, seen in level
            for change in changes(before, seen)
        }
        level = [(change, search(space, change.wish)) for change in tried.values()]
        possible = [made for change, seen in level if (made := priced(space, change, seen))]
        if possible:
            return worth_saying(possible)
    return ()


def worth_saying(possible: list[Relaxation]) -> tuple[Relaxation, ...]:
    """Of each thing the nearest value that helps, and the cheapest where it saves much; cheapest first."""
    kept: list[Relaxation] = []
    for field in dict.fromkeys(entry.field for entry in possible):
        # changes() goes outwards: the first is the nearest.
        mine = [entry for entry in possible if entry.field == field]
        cheapest = min(mine, key=lambda entry: entry.usd_per_month)
        kept.append(mine[0])
        if cheapest.usd_per_month < mine[0].usd_per_month * MUCH_CHEAPER:
            kept.append(cheapest)
    return tuple(sorted(kept, key=lambda entry: entry.usd_per_month))[:SHOWN]


def changes(before: Changed, found: Search) -> Iterator[Changed]:
    """Requests that differ in one thing more."""
    wish = before.wish
    yield from looser_targets(before, found)
    if wish.budget_usd_per_month is not None:
        yield before.by(BUDGET, None, "", "")
    for field, words in DROPPED.items():
        if getattr(wish, field):
            empty = None if field == "provider" else ()
            yield before.by(field, empty, "any", words)
    if wish.pricing != "on-demand":
        yield before.by("pricing", "on-demand", "on-demand", "on-demand prices")
    if wish.availability == "n+1":
        yield before.by("availability", "none", "none", "no spare replica")
    yield from shorter_prompt(before, found)
    yield from less_load(before, found)


def looser_targets(before: Changed, found: Search) -> Iterator[Changed]:
    """Each target loosened alone where that helps, else all that the nearest candidate breaks."""
    if not len(found.rows):
        return
    wish, idle = before.wish, found.capacity.idle
    values = [of(wish.percentile)[:, 0] for of in (idle.ttft, idle.itl, idle.e2e)]
    limits = [getattr(wish, field) for field in TARGETS]
    holds = np.stack([value <= limit for value, limit in zip(values, limits, strict=True)])
    alone = []
    for at, field in enumerate(TARGETS):
        others = np.delete(holds, at, axis=0).all(axis=0)
        if others.any() and field not in before.fields:
            alone.append((field, max(float(values[at][others].min()), 1e-3)))
    broken = [(field, lowest) for field, lowest in alone if lowest > getattr(wish, field)]
    for field, lowest in broken or (alone if holds.all(axis=0).any() else []):
        for room in ROOMS:
            value = round_up(max(lowest, getattr(wish, field)) * room)
            yield loosened(before, field, value)
    if not broken and not holds.all(axis=0).any():
        ratios = np.max([value / limit for value, limit in zip(values, limits, strict=True)], axis=0)
        nearest = int(np.argmin(ratios))
        needs = [float(value[nearest]) for value in values]
        for room in ROOMS:
            change = before
            for field, limit, needed in zip(TARGETS, limits, needs, strict=True):
                if needed > limit / room:
                    change = loosened(change, field, round_up(max(needed, limit) * room))
            yield change


def loosened(before: Changed, field: str, value: float) -> Changed:
    """One target at another value."""
    wish = before.wish
    words = f"{TARGETS[field]} {wish.percentile} ≤ {value:,.10g} ms instead of {getattr(wish, field):,.10g}"
    return before.by(field, value, f"{value:.10g}", words)


def shorter_prompt(before: Changed, found: Search) -> Iterator[Changed]:
    """The longest prompt that some model's context takes, where the asked one is too long for all."""
    wish = before.wish
    if len(found.rows) or "prompt_tokens" in before.fields:
        return
    wanted = [
        m for m in found.field.catalog.models if not wish.preferred_models or m.id in wish.preferred_models
    ]
    longest = max((model.context_tokens for model in wanted), default=0) - wish.output_tokens
    for share in (1.0, 0.5, 0.25, 0.1):
        tokens = round_down(min(longest, wish.prompt_tokens) * share)
        if 1 <= tokens < wish.prompt_tokens:
            words = f"prompts of {tokens:,} tokens instead of {wish.prompt_tokens:,}"
            yield before.by("prompt_tokens", tokens, f"{tokens}", words)


def less_load(before: Changed, found: Search) -> Iterator[Changed]:
    """The most that the budget carries, where it carries anything."""
    wish, able = before.wish, found.able
    if wish.budget_usd_per_month is None or not len(able):
        return
    index = found.pace.index[found.rows[able]]
    size, gpu_at = found.field.size[index], found.field.gpu_at[index]
    peaks = np.geomspace(wish.peak_requests_per_second, wish.peak_requests_per_second / 1000, 60)
    replicas = replicas_needed(found, peaks, found.capacity.rate_per_s[able])
    month = terms_of(found.market, gpu_at, size).usd_per_month(replicas)
    enough = np.flatnonzero((month <= wish.budget_usd_per_month).any(axis=0))
    if len(enough):
        peak = float(f"{peaks[enough[0]]:.2g}")
        peak = peak if peak <= peaks[enough[0]] else float(peaks[enough[0]])
        users = ""
        if wish.user_count and "requests_per_second" not in wish.stated:
            users = f" ({wish.user_count * peak / wish.peak_requests_per_second:,.0f} users)"
        words = f"{peak:.3g} requests/s at peak{users} instead of {wish.peak_requests_per_second:.3g}"
        change = before.by("peak_requests_per_second", peak, f"{peak:g}", words)
        mean = wish.mean_requests_per_second * peak / wish.peak_requests_per_second
        changed = change.wish.model_copy(update={"mean_requests_per_second": mean})
        yield Changed(changed, change.words, change.fields, change.values)


def priced(space: Field, change: Changed, found: Search) -> Relaxation | None:
    """The change with its best option, None where it does not help; for a dropped budget the least."""
    wish = change.wish
    table = evaluate(found, wish.peak_requests_per_second)
    if not len(table):
        return None
    words, values = list(change.words), list(change.values)
    budget = wish.budget_usd_per_month
    if BUDGET in change.fields:
        at = change.fields.index(BUDGET)
        budget = math.ceil(float(table.usd_per_month.min()))
        words[at], values[at] = f"a budget of ${budget:,.0f} a month", f"{budget:g}"
    if budget is not None:
        table = table.take(table.usd_per_month <= budget)
        if not len(table):
            return None
    row = int(np.argmax(scores(table, wish)))
    candidate = space.candidates[table.index[row]]
    place = in_words(int(table.replicas[row]), candidate.tensor_parallel, candidate.gpu.name)
    return Relaxation(
        change=" and ".join(words),
        field=", ".join(change.fields),
        value=", ".join(values),
        option=f"{candidate.model.name} {candidate.checkpoint.precision} on {place}",
        usd_per_month=round(float(table.usd_per_month[row]), 2),
    )


def round_up(value: float) -> float:
    """To two significant digits, upwards."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / scale - 1e-9) * scale:.6g}")


def round_down(value: float) -> int:
    """To two significant digits, downwards."""
    scale = 10.0 ** max(0, math.floor(math.log10(max(value, 1.0))) - 1)
    return int(math.floor(value / scale) * scale)
