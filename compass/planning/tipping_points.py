"""Finds the loads and the GPU price at which the balanced option or its replicas change."""

from collections.abc import Callable

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import counted
from compass.planning.ranking import cheap_usd, cost_score, expected_score, scores, weights
from compass.planning.search import FeasibleTable, Search, users_at
from compass.planning.types import TippingPoint
from compass.planning.winner_by_load import Winner, WinnerByLoad

FARTHEST = 30.0
"""Loads and prices are searched up to so many times today's, and loads down to that part of it."""
STEPS = (20, 40)
"""Values tried on the way there, then between the two that differ: thresholds are known to 0.5 %."""
BATCH = 10
"""Values of the first round that are tried at once; later ones only where these change nothing."""

TIE = 1e-13
"""Score of a US dollar a month, so small that it decides only between equal scores."""

Winners = list[int | None]
"""Which candidate or row wins at each of some loads or prices; None where none does."""


def tipping_points(
    search: Search, feasible: FeasibleTable, winner: int, winner_by_load: WinnerByLoad | None
) -> tuple[TippingPoint, ...]:
    """Return the changes nearest to today's load first, then that of the price.

    Without winners by load, for a batch job, the next replica and the price alone.
    """
    peak = search.load
    loads: list[TippingPoint | None] = [next_replica(search, feasible, winner)]
    if winner_by_load is not None:
        here = int(feasible.index[winner])
        loads += [load_change(search, winner_by_load, here, up=up) for up in (True, False)]
    points = [point for point in loads if point is not None]
    points.sort(key=lambda point: abs(np.log(point.threshold / peak)))
    price = price_change(search, feasible, winner)
    return (*points, *([price] if price else []))


def unit_at(search: Search, peak_per_s: float) -> str:
    """Return the unit of a peak, with the users that it stands for where a number of users was stated."""
    form = search.specification.load_form
    if form != "rate":
        return {"in_flight": "requests in flight", "sessions": "sessions", "batch": "items"}[form]
    users = users_at(search.specification, peak_per_s)
    return "requests/s" if users is None else f"requests/s, {counted(round(users), 'user')}"


def load_noun(search: Search) -> str:
    """Return what the load is called: a job has no peak."""
    return {"rate": "peak load", "in_flight": "load", "sessions": "load", "batch": "job"}[
        search.specification.load_form
    ]


def next_replica(search: Search, feasible: FeasibleTable, winner: int) -> TippingPoint:
    """Return the peak above which the winner needs one replica more."""
    spare = 1 if search.specification.availability == "n+1" else 0
    replicas = int(feasible.replicas[winner])
    threshold = (replicas - spare) * float(feasible.usable[winner])
    if search.specification.load_form == "batch":
        threshold *= (search.specification.deadline_hours or 0.0) * 3600
    return TippingPoint(
        kind="next_replica",
        quantity=f"{load_noun(search)} above",
        threshold=float(f"{threshold:.6g}"),
        unit=unit_at(search, threshold),
        then=f"{replicas + 1} replicas instead of {replicas}",
    )


def load_change(
    search: Search, winner_by_load: WinnerByLoad, candidate: int, up: bool
) -> TippingPoint | None:
    """Return the nearest peak above or below today's at which another candidate wins; None within 30 ×."""
    peak = search.load
    seen: dict[float, Winner | None] = {}

    def winners_at(loads: FloatArray) -> Winners:
        winners = winner_by_load.winners(loads)
        seen.update(zip(loads.tolist(), winners, strict=True))
        return [None if winner is None else winner.candidate for winner in winners]

    threshold = first_change(winners_at, candidate, peak, peak * (FARTHEST if up else 1 / FARTHEST))
    if threshold is None:
        return None
    rival = seen[threshold]
    then = f"{rival.name} wins" if rival else "nothing holds within the budget"
    return TippingPoint(
        kind="load_above" if up else "load_below",
        quantity=f"{load_noun(search)} {'above' if up else 'below'}",
        threshold=float(f"{threshold:.6g}"),
        unit=unit_at(search, threshold),
        then=then,
    )


def first_change(
    winners_at: Callable[[FloatArray], Winners], today: int, here: float, there: float
) -> float | None:
    """Return the first value on the way from `here` to `there` at which `today` does not win."""
    for steps in STEPS:
        values = np.geomspace(here, there, steps + 1)
        other = first_other(winners_at, today, values[1:])
        if other is None:
            return None
        here, there = float(values[other]), float(values[other + 1])
    return there


def first_other(winners_at: Callable[[FloatArray], Winners], today: int, values: FloatArray) -> int | None:
    """Return the position of the first value at which `today` does not win."""
    batch = BATCH if len(values) == STEPS[0] else len(values)
    for begin in range(0, len(values), batch):
        for at, winner in enumerate(winners_at(values[begin : begin + batch])):
            if winner != today:
                return begin + at
    return None


def price_change(search: Search, feasible: FeasibleTable, winner: int) -> TippingPoint | None:
    """Return the price of the winner's GPU above which another configuration wins.

    Priced as if the user had named that price: every configuration on this GPU pays it, a GPU at a time.
    """
    gpu_at = search.space.gpu_at[feasible.index]
    gpu, here = int(gpu_at[winner]), float(feasible.usd_per_gpu_hour[winner])
    same, others = np.flatnonzero(gpu_at == gpu), np.flatnonzero(gpu_at != gpu)
    # Of equal scores the cheaper one wins, as in a plan.
    total = scores(feasible, search.specification) - TIE * feasible.usd_per_month
    best_other = total[others].max(initial=-np.inf)

    def winners_at(prices: FloatArray) -> Winners:
        moved = scores_at_price(search, feasible, same, total[same], prices)
        best = same[moved.argmax(axis=0)]
        ahead = moved.max(axis=0) >= best_other
        return [int(row) if stays else None for row, stays in zip(best, ahead, strict=True)]

    if not search.priced or winners_at(np.array([here])) != [winner]:
        return None
    threshold = first_change(winners_at, winner, here, here * FARTHEST)
    if threshold is None:
        return None
    rival = winners_at(np.array([threshold]))[0]
    if rival is None:
        if not len(others):
            return None
        rival = int(others[np.argmax(total[others])])
    return TippingPoint(
        kind="gpu_price",
        quantity=f"price of a {search.space.catalog.gpus[gpu].name} above",
        threshold=float(f"{threshold:.6g}"),
        unit="US dollars an hour",
        then=f"{search.space.candidates[int(feasible.index[rival])].name} wins",
    )


def scores_at_price(
    search: Search, feasible: FeasibleTable, rows: IntArray, today: FloatArray, usd_per_gpu_hour: FloatArray
) -> FloatArray:
    """Return expected scores of rows under other prices of their GPU, shape (rows, prices).

    `today`: their scores at today's price, shape (rows,).
    """
    month = feasible.gpus[rows][:, None] * usd_per_gpu_hour * feasible.hours_per_month[rows][:, None]
    cheap = cheap_usd(search.specification)
    weight = weights(search.specification)["cost"]
    surety, chance = feasible.surety[rows][:, None], feasible.slo_probability[rows][:, None]
    dearer = weight * cost_score(month, cheap)
    now = weight * cost_score(feasible.usd_per_month[rows], cheap)[:, None]
    gained = expected_score(dearer, surety, chance) - expected_score(now, surety, chance)
    moved = today[:, None] + gained - TIE * (month - feasible.usd_per_month[rows][:, None])
    budget = search.specification.budget_usd_per_month
    return moved if budget is None else np.where(month <= budget, moved, -np.inf)
