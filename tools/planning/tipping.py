"""Where the answer changes, and the one question whose answer would change it."""

import numpy as np
from numpy.typing import NDArray

from tools.planning.candidates import in_words
from tools.planning.rank import CHEAP_USD, DEAR_USD, scores, weights
from tools.planning.search import UTILISATION_TARGET, Search, Table, evaluate
from tools.planning.types import Question, QuestionAnswer, Specification, TippingPoint

# Only these many of the best can plausibly win when load or price moves.
RIVALS = 60
STEPS = 10


def rivals(table: Table, specification: Specification) -> NDArray[np.int64]:
    """Pace rows of the best-scoring and of the cheapest candidates."""
    total = scores(table, specification)
    best = np.argsort(-total)[:RIVALS]
    cheap = np.argsort(table.usd_per_month)[: RIVALS // 2]
    return np.unique(table.row[np.concatenate([best, cheap])])


def at_load(found: Search, rows: NDArray[np.int64], peak_per_s: float) -> tuple[str, int, float, str]:
    """The balanced winner at another peak: its key, replicas, US dollars a month, and name."""
    table = evaluate(found, peak_per_s, only=rows)
    row = int(np.argmax(scores(table, found.specification)))
    candidate = found.field.candidates[table.index[row]]
    replicas = int(table.replicas[row])
    place = in_words(replicas, candidate.tensor_parallel, candidate.gpu.name)
    name = f"{candidate.model.name} {candidate.checkpoint.precision} on {place}"
    return candidate.name, replicas, float(table.usd_per_month[row]), name


def tipping_points(found: Search, table: Table, winner: int) -> tuple[TippingPoint, ...]:
    """The next replica, the load at which another wins, the GPU price at which another wins."""
    wish = found.specification
    points = [next_replica(found, table, winner)]
    rows = rivals(table, wish)
    other = load_change(found, rows, table, winner)
    if other is not None:
        points.append(other)
    price = price_change(found, table, winner)
    if price is not None:
        points.append(price)
    return tuple(points)


def next_replica(found: Search, table: Table, winner: int) -> TippingPoint:
    """The peak above which the winner needs one replica more."""
    wish = found.specification
    spare = 1 if wish.availability == "n+1" else 0
    replicas = int(table.replicas[winner])
    threshold = (replicas - spare) * float(table.capacity_per_s[winner]) * UTILISATION_TARGET
    users = ""
    if wish.user_count:
        users = f", {wish.user_count * threshold / wish.peak_requests_per_second:,.0f} users"
    return TippingPoint(
        quantity="peak load above",
        threshold=round(threshold, 2),
        unit=f"requests/s{users}",
        then=f"{replicas + 1} replicas instead of {replicas}",
    )


def load_change(found: Search, rows: NDArray[np.int64], table: Table, winner: int) -> TippingPoint | None:
    """The smallest higher peak at which another configuration wins, within 30 × today's."""
    peak = found.specification.peak_requests_per_second
    mine = found.field.candidates[table.index[winner]].name
    low, high = peak, None
    for factor in np.geomspace(1.15, 30, STEPS):
        if at_load(found, rows, peak * factor)[0] != mine:
            high = peak * float(factor)
            break
        low = peak * float(factor)
    if high is None:
        return None
    for _ in range(5):
        middle = (low * high) ** 0.5
        if at_load(found, rows, middle)[0] == mine:
            low = middle
        else:
            high = middle
    return TippingPoint(
        quantity="peak load above",
        threshold=float(f"{high:.3g}"),
        unit="requests/s",
        then=f"{at_load(found, rows, high)[3]} wins",
    )


def price_change(found: Search, table: Table, winner: int) -> TippingPoint | None:
    """The price of the winner's GPU above which a configuration on another GPU wins."""
    wish = found.specification
    total = scores(table, wish)
    gpu = found.field.candidates[table.index[winner]].gpu.name
    others = np.array([found.field.candidates[i].gpu.name != gpu for i in table.index])
    if not others.any():
        return None
    rival = int(np.flatnonzero(others)[np.argmax(total[others])])
    slope = weights(wish)["cost"] * float(np.sqrt(np.clip(table.probability[winner], 0.05, 1.0)))
    span = np.log(DEAR_USD / CHEAP_USD)
    price = float(table.usd_per_gpu_hour[winner] * np.exp((total[winner] - total[rival]) * span / slope))
    if price > 20 * table.usd_per_gpu_hour[winner]:
        return None
    then = found.field.candidates[table.index[rival]]
    return TippingPoint(
        quantity=f"price of a {gpu} above",
        threshold=round(price, 2),
        unit="US dollars an hour",
        then=f"{then.name} wins",
    )


def question(found: Search, table: Table, winner: int) -> Question | None:
    """The unsaid share of active users, or number of users, where an answer changes the plan."""
    wish = found.specification
    rows = rivals(table, wish)
    unsaid = {assumption.field: assumption.value for assumption in wish.assumptions}
    now = f"{table.replicas[winner]} × {found.field.candidates[table.index[winner]].name}"
    if "user_count" in unsaid:
        wide = [
            (f"{n:,} users", "user_count", str(n), n / float(unsaid["user_count"]))
            for n in (100, 1000, 10_000)
        ]
        return asked(found, rows, now, "How many people will use it?", wide)
    if "active_share" in unsaid and wish.user_count:
        share = float(unsaid["active_share"])
        tries = [share / 2, share, min(1.0, share * 2.5)]
        wide = [(f"{part:.0%} active at once", "active_share", f"{part:g}", part / share) for part in tries]
        text = f"How many of the {wish.user_count:,} use it at the same time?"
        return asked(found, rows, now, text, wide)
    return None


def asked(
    found: Search, rows: NDArray[np.int64], now: str, text: str, tries: list[tuple[str, str, str, float]]
) -> Question | None:
    """The question with what each answer would give; None where all give today's plan."""
    peak = found.specification.peak_requests_per_second
    answers = []
    changes = False
    for answer, field, value, factor in tries:
        name, replicas, month, words = at_load(found, rows, peak * factor)
        changes |= f"{replicas} × {name}" != now
        answers.append(
            QuestionAnswer(answer=answer, field=field, value=value, then=f"{words}, ${month:,.0f} a month")
        )
    return Question(text=text, answers=tuple(answers)) if changes else None
