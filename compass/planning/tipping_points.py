"""Where the answer changes: the next replica, the loads and the GPU price at which another wins."""

from collections.abc import Callable

import numpy as np

from compass.capacity import FloatArray
from compass.planning.cost import HOURS_A_MONTH
from compass.planning.ranking import cost_part, expected, scores, weights
from compass.planning.search import UTILISATION_TARGET, Search, Table
from compass.planning.types import TippingPoint
from compass.planning.winner_by_load import Contest, Win

# Loads and prices are searched up to so many times today's, and loads down to that part of it.
FARTHEST = 30.0
STEPS = (20, 40)
"""Looked at on the way there, then between the two that differ: thresholds are known to 0.5 %."""
TOGETHER = 10

Names = list[int | None]
"""Candidates that win at each of some loads or prices."""


def tipping_points(found: Search, table: Table, winner: int, contest: Contest) -> tuple[TippingPoint, ...]:
    """Nearest to today's load first, then the price."""
    peak = found.specification.peak_requests_per_second
    loads = [
        next_replica(found, table, winner),
        load_change(found, contest, int(table.index[winner]), up=True),
        load_change(found, contest, int(table.index[winner]), up=False),
    ]
    points = [point for point in loads if point is not None]
    points.sort(key=lambda point: abs(np.log(point.threshold / peak)))
    price = price_change(found, table, winner)
    return (*points, *([price] if price else []))


def users_at(found: Search, peak_per_s: float) -> str:
    """The users that a peak stands for, in words; nothing where users were not said."""
    wish = found.specification
    if not wish.user_count or "requests_per_second" in wish.stated:
        return ""
    return f", {wish.user_count * peak_per_s / wish.peak_requests_per_second:,.0f} users"


def next_replica(found: Search, table: Table, winner: int) -> TippingPoint:
    """The peak above which the winner needs one replica more."""
    spare = 1 if found.specification.availability == "n+1" else 0
    replicas = int(table.replicas[winner])
    threshold = (replicas - spare) * float(table.capacity_per_s[winner]) * UTILISATION_TARGET
    return TippingPoint(
        kind="next_replica",
        quantity="peak load above",
        threshold=float(f"{threshold:.6g}"),
        unit=f"requests/s{users_at(found, threshold)}",
        then=f"{replicas + 1} replicas instead of {replicas}",
    )


def load_change(found: Search, contest: Contest, mine: int, up: bool) -> TippingPoint | None:
    """The nearest peak, above or below today's, at which another configuration wins; None within 30 ×."""
    peak = found.specification.peak_requests_per_second
    won: dict[float, Win | None] = {}

    def names(loads: FloatArray) -> Names:
        for load, win in zip(loads, contest.winners(loads), strict=True):
            won[float(load)] = win
        return [None if (win := won[float(load)]) is None else win.candidate for load in loads]

    threshold = first_change(names, mine, peak, peak * (FARTHEST if up else 1 / FARTHEST))
    if threshold is None:
        return None
    rival = won[threshold]
    then = f"{rival.words} wins" if rival else "nothing holds within the budget"
    return TippingPoint(
        kind="load_above" if up else "load_below",
        quantity=f"peak load {'above' if up else 'below'}",
        threshold=float(f"{threshold:.6g}"),
        unit=f"requests/s{users_at(found, threshold)}",
        then=then,
    )


def first_change(names: Callable[[FloatArray], Names], mine: int, here: float, there: float) -> float | None:
    """The first value on the way from `here` to `there` at which `mine` does not win; None without one."""
    for steps in STEPS:
        values = np.geomspace(here, there, steps + 1)
        other = first_other(names, mine, values[1:])
        if other is None:
            return None
        here, there = float(values[other]), float(values[other + 1])
    return there


def first_other(names: Callable[[FloatArray], Names], mine: int, values: FloatArray) -> int | None:
    """The first place at which `mine` does not win; some are looked at together, the rest if needed."""
    together = TOGETHER if len(values) == STEPS[0] else len(values)
    for begin in range(0, len(values), together):
        for at, name in enumerate(names(values[begin : begin + together])):
            if name != mine:
                return begin + at
    return None


def price_change(found: Search, table: Table, winner: int) -> TippingPoint | None:
    """The price of the winner's GPU above which another configuration wins.

    Priced as if the user had named that price: every configuration on this GPU pays it, a GPU at a time.
    """
    gpu = int(found.field.gpu_at[table.index[winner]])
    here = float(table.usd_per_gpu_hour[winner])
    mine = np.flatnonzero(found.field.gpu_at[table.index] == gpu)
    others = np.setdiff1d(np.arange(len(table)), mine)
    total = scores(table, found.specification)
    rest = total[others].max(initial=-np.inf)

    def at_price(prices: FloatArray) -> FloatArray:
        """Expected scores of this GPU's configurations, shape (M, P)."""
        month = table.gpus[mine][:, None] * prices * HOURS_A_MONTH
        weight, sure = weights(found.specification)["cost"], table.probability[mine][:, None]
        gained = expected(weight * cost_part(month), sure) - expected(
            weight * cost_part(table.usd_per_month[mine])[:, None], sure
        )
        moved = total[mine][:, None] + gained
        budget = found.specification.budget_usd_per_month
        return moved if budget is None else np.where(month <= budget, moved, -np.inf)

    def names(prices: FloatArray) -> Names:
        moved = at_price(prices)
        best = mine[moved.argmax(axis=0)]
        ahead = moved.max(axis=0) >= rest
        return [int(row) if stays else None for row, stays in zip(best, ahead, strict=True)]

    if names(np.array([here])) != [winner]:
        return None
    threshold = first_change(names, winner, here, here * FARTHEST)
    if threshold is None:
        return None
    then = names(np.array([threshold]))[0]
    if then is None:
        if not len(others):
            return None
        then = int(others[np.argmax(total[others])])
    candidate = found.field.candidates[int(table.index[then])]
    return TippingPoint(
        kind="gpu_price",
        quantity=f"price of a {found.field.catalog.gpus[gpu].name} above",
        threshold=float(f"{threshold:.6g}"),
        unit="US dollars an hour",
        then=f"{candidate.name} wins",
    )
