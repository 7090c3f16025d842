"""Finds the balanced option at many loads exactly, by branch and bound.

Cost and simplicity of every candidate are cheap to know at any load, quality does not depend on it, and
latencies are lowest when idle: together they bound a score from above. Latencies under load are computed
only for the candidates whose bound reaches the best score found, so that the winner is that of a whole plan.
"""

from dataclasses import dataclass

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.planning.ranking import (
    cost_score,
    expected_score,
    latency_score,
    quality_score,
    simplicity_score,
    weights,
)
from compass.planning.rental_offers import candidate_offers
from compass.planning.search import (
    Search,
    chances_at,
    idle_latencies,
    latencies,
    replicas_needed,
)

LOAD_LEVELS = (0.0, 0.4)
"""Shares of a replica's capacity; latencies at a level bound those at higher loads from below."""
MOST_PAIRS = 1500
"""Pairs of candidate and load above which only the most promising are computed, to leave fewer open."""
PAIRS_PER_LOAD = 8
LEADERS = 4
"""Candidates whose exact scores the bounds of the others are first compared with."""


@dataclass(frozen=True)
class Winner:
    """The balanced option at one load."""

    candidate: int
    """Position in the search space's candidates."""
    replicas: int
    usd_per_month: float
    score: float
    name: str
    """"Qwen3-8B fp8 on 2 × L40S"."""


def level_of(utilisation: FloatArray) -> IntArray:
    """Return the position of the highest load level that is not above each utilisation."""
    return np.asarray(np.searchsorted(LOAD_LEVELS, utilisation, "right") - 1)


def promising(bound: FloatArray, best: FloatArray) -> tuple[IntArray, IntArray]:
    """Return pairs of candidate and load whose bound reaches the load's best score; only the top of many."""
    at, load = np.nonzero((bound >= best) & np.isfinite(bound))
    if len(at) <= MOST_PAIRS or len(bound) <= PAIRS_PER_LOAD:
        return at, load
    top = np.argpartition(-bound, PAIRS_PER_LOAD, axis=0)[:PAIRS_PER_LOAD]
    load = np.broadcast_to(np.arange(bound.shape[1]), top.shape)
    keep = (bound[top, load] >= best) & np.isfinite(bound[top, load])
    return top[keep], load[keep]


class WinnerByLoad:
    """All K candidates that hold the targets of one request, ready to be scored at any load.

    `at` means positions among them; peaks are loads of all replicas: requests a second at peak, or
    requests in flight of a closed loop. Not for batch jobs: their cost follows their items, whatever wins.
    """

    def __init__(self, search: Search) -> None:
        space, specification = search.space, search.specification
        self.search = search
        self.weights = weights(specification)
        self.rows = search.rows[search.with_capacity]
        """Of the step time table."""
        self.index = search.step_times.index[self.rows]
        self.capacity = search.capacity_of_rows[search.with_capacity]
        """Of one replica, in the unit of the load."""
        self.usable = search.usable_of_rows[search.with_capacity]
        self.gpus_per_replica = space.gpus_per_replica[self.index]
        self.offers = candidate_offers(
            search.offer_table, space.gpu_at[self.index], self.gpus_per_replica, space.nodes[self.index]
        )
        reasons = search.lengths.reasons
        quality = space.quality(specification.use_case, reasons)[space.model_at[self.index]]
        self.quality_scores = self.weights["quality"] * quality_score(quality)
        self.spare = 1 if specification.availability == "n+1" else 0
        self.most, self.surest, self.likeliest = self.bounds()

    def bounds(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the most that quality and latency can score, the highest surety and chance, (levels, K)."""
        search = self.search
        most, surest, likeliest = [], [], []
        for level in LOAD_LEVELS:
            if level:
                values = latencies(search, self.rows, level * self.capacity)
            else:
                values = tuple(idle_latencies(search, search.with_capacity))
            score = latency_score((values[0], values[1], values[2]), search.specification)
            most.append(self.quality_scores + self.weights["latency"] * score)
            surety, chance = chances_at(search, self.rows, values, level * self.capacity)
            surest.append(surety)
            likeliest.append(chance)
        return np.stack(most), np.stack(surest), np.stack(likeliest)

    def winners(self, peaks_per_s: FloatArray) -> list[Winner | None]:
        """Return the balanced option at each peak; None where the budget allows none."""
        upper = self.highest_scores(peaks_per_s.min(keepdims=True))
        leaders = np.sort(np.argsort(-upper)[:LEADERS])
        led = self.exact_scores(leaders, peaks_per_s)
        open_ = upper >= led.max(axis=0).min()
        open_[leaders] = True
        at = np.flatnonzero(open_)
        replicas = self.replicas(at, peaks_per_s)
        month, known = self.cost_and_simplicity(at, replicas)
        level = level_of(peaks_per_s / (replicas * self.capacity[at][:, None]))
        bound = self.bound(level, at[:, None], known)
        exact = np.full(bound.shape, -np.inf)
        mine = np.searchsorted(at, leaders)
        exact[mine], bound[mine] = led, -np.inf
        row, load = promising(bound, exact.max(axis=0))
        while len(row):
            exact[row, load] = self.scores(at[row], peaks_per_s[load], replicas[row, load], known[row, load])
            bound[row, load] = -np.inf
            row, load = promising(bound, exact.max(axis=0))
        best = exact.argmax(axis=0)
        return [
            self.winner(int(at[row]), int(replicas[row, load]), float(month[row, load]), exact[row, load])
            if np.isfinite(exact[row, load])
            else None
            for load, row in enumerate(best)
        ]

    def highest_scores(self, peak_per_s: FloatArray) -> FloatArray:
        """Return the most that each candidate can score at a peak, shape (1,), or at any higher one; (K,).

        Replicas are fewest at that peak; and with n of them needed, a replica is loaded as it is there, or
        just after the next was added, whichever is less.
        """
        every = np.arange(len(self.rows))
        replicas = self.replicas(every, peak_per_s)
        known = self.cost_and_simplicity(every, replicas)[1][:, 0]
        count, needed = replicas[:, 0], replicas[:, 0] - self.spare
        share = self.usable / self.capacity
        least = np.minimum(peak_per_s / (count * self.capacity), share * needed / (count + 1))
        level = level_of(least)
        return self.bound(level, every, known)

    def bound(self, level: IntArray, at: IntArray, known: FloatArray) -> FloatArray:
        """Return the most that candidates can score at a level of load; `known`: for cost and simplicity."""
        surety, chance = self.surest[level, at], self.likeliest[level, at]
        return expected_score(self.most[level, at] + known, surety, chance)

    def exact_scores(self, at: IntArray, peaks_per_s: FloatArray) -> FloatArray:
        """Return the expected scores of a few candidates at every peak, shape (len(at), peaks)."""
        replicas = self.replicas(at, peaks_per_s)
        known = self.cost_and_simplicity(at, replicas)[1]
        every, load = np.repeat(at, len(peaks_per_s)), np.tile(np.arange(len(peaks_per_s)), len(at))
        scores = self.scores(every, peaks_per_s[load], replicas.ravel(), known.ravel())
        return scores.reshape(replicas.shape)

    def replicas(self, at: IntArray, peaks_per_s: FloatArray) -> IntArray:
        """Return the replicas of candidates at peaks, shape (len(at), peaks)."""
        return replicas_needed(self.search, peaks_per_s, self.usable[at])

    def cost_and_simplicity(self, at: IntArray, replicas: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return US dollars a month, and the parts of the score for cost and simplicity, like `replicas`."""
        specification = self.search.specification
        offers = self.offers if len(at) == len(self.rows) else self.offers.take(at)
        month = offers.usd_per_month(replicas)
        score = self.weights["cost"] * cost_score(month)
        gpus_per_replica = self.gpus_per_replica[at][:, None]
        score = score + self.weights["simplicity"] * simplicity_score(replicas, gpus_per_replica)
        if specification.gpu_count is not None:
            score = np.where(replicas * gpus_per_replica <= specification.gpu_count, score, -np.inf)
        budget = specification.budget_usd_per_month if self.search.priced else None
        return month, score if budget is None else np.where(month <= budget, score, -np.inf)

    def scores_unchanged(self, row: int, replicas: int, peaks_per_s: FloatArray) -> FloatArray:
        """Return the expected scores at each peak of one option left as it is; `row` of the step times."""
        at = np.flatnonzero(self.rows == row)
        counts = np.full((1, len(peaks_per_s)), replicas)
        known = self.cost_and_simplicity(at, counts)[1]
        return self.scores(np.repeat(at, len(peaks_per_s)), peaks_per_s, counts[0], known[0])

    def holds_unchanged(self, row: int, replicas: int, peaks_per_s: FloatArray) -> BoolArray:
        """Whether one option left as it is would hold the targets at each peak, headroom used up."""
        at = int(np.flatnonzero(self.rows == row)[0])
        return np.asarray(peaks_per_s <= self.capacity[at] * replicas)

    def scores(
        self, at: IntArray, peak_per_s: FloatArray, replicas: IntArray, known: FloatArray
    ) -> FloatArray:
        """Return expected scores of P candidates at loads; `known`: the part for cost and simplicity."""
        search, rows = self.search, self.rows[at]
        values = latencies(search, rows, peak_per_s / replicas)
        latency = latency_score((values[0], values[1], values[2]), search.specification)
        score = self.quality_scores[at] + self.weights["latency"] * latency + known
        return expected_score(score, *chances_at(search, rows, values, peak_per_s / replicas))

    def winner(self, at: int, replicas: int, usd_per_month: float, score: float) -> Winner:
        """Return a candidate with its name."""
        position = int(self.index[at])
        name = self.search.space.candidates[position].name_of(replicas)
        return Winner(position, replicas, usd_per_month, float(score), name)
