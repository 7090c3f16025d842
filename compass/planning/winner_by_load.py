"""Who wins at other loads: the balanced option of many requests at once, exactly and without computing all.

Cost and simplicity of every candidate are cheap to know at any load, quality does not depend on it, and
latencies are lowest when idle: together they bound a score from above. Latencies under load are computed
for those alone whose bound reaches the best score found, so that the winner is that of a whole plan.
"""

from dataclasses import dataclass

import numpy as np

from compass.capacity import BoolArray, FloatArray, IntArray
from compass.planning.candidates import in_words
from compass.planning.ranking import cost_part, expected, latency_part, quality_part, simplicity_part, weights
from compass.planning.rental_offers import terms_of
from compass.planning.search import UTILISATION_TARGET, Search, chance, latencies, replicas_needed

LEVELS = (0.0, 0.4)
"""Loads of a replica, of its capacity, whose latencies bound those at higher loads."""
MANY = 1500
"""Pairs of candidate and load above which the most promising are computed first, to leave fewer open."""
SOME = 8
LEADERS = 4
"""Candidates whose scores the others are first held against."""


@dataclass(frozen=True)
class Win:
    """The balanced option at one load."""

    candidate: int
    """Position in the field's candidates."""
    replicas: int
    usd_per_month: float
    score: float
    words: str
    """"Qwen3-8B fp8 on 2 × L40S"."""


def level_of(utilisation: FloatArray) -> IntArray:
    """The highest level that is not above it."""
    return np.asarray(np.searchsorted(LEVELS, utilisation, "right") - 1)


def promising(bound: FloatArray, best: FloatArray) -> tuple[IntArray, IntArray]:
    """Candidates and loads whose bound reaches the load's best score; the highest alone where many do."""
    at, load = np.nonzero((bound >= best) & np.isfinite(bound))
    if len(at) <= MANY or len(bound) <= SOME:
        return at, load
    top = np.argpartition(-bound, SOME, axis=0)[:SOME]
    load = np.broadcast_to(np.arange(bound.shape[1]), top.shape)
    keep = (bound[top, load] >= best) & np.isfinite(bound[top, load])
    return top[keep], load[keep]


class Contest:
    """All candidates that hold the targets of one request, ready for any load."""

    def __init__(self, found: Search) -> None:
        able = found.able
        self.found = found
        self.rows = found.rows[able]
        self.index = found.pace.index[self.rows]
        self.carried = found.capacity.rate_per_s[able]
        self.size = found.field.size[self.index]
        self.terms = terms_of(found.market, found.field.gpu_at[self.index], self.size)
        wish, weight = found.specification, weights(found.specification)
        quality = found.field.quality(wish.use_case)[found.field.model_at[self.index]]
        self.fixed = weight["quality"] * quality_part(quality)
        self.spare = 1 if wish.availability == "n+1" else 0
        self.most, self.likeliest = self.bounds()

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """The most that quality and latency can score, and the highest chance, at each level, (L, K)."""
        found, weight = self.found, weights(self.found.specification)
        able, percentile, idle = found.able, found.specification.percentile, found.capacity.idle
        most, likeliest = [], []
        for level in LEVELS:
            if level:
                values = latencies(found, self.rows, level * self.carried)
            else:
                values = tuple(of(percentile)[able, 0] for of in (idle.ttft, idle.itl, idle.e2e))
            part = latency_part((values[0], values[1], values[2]), found.specification)
            most.append(self.fixed + weight["latency"] * part)
            likeliest.append(chance(found, self.rows, values))
        return np.stack(most), np.stack(likeliest)

    def winners(self, peaks_per_s: FloatArray) -> list[Win | None]:
        """The balanced option at each peak; None where the budget allows none."""
        upper = self.upper(peaks_per_s.min(keepdims=True))
        leaders = np.sort(np.argsort(-upper)[:LEADERS])
        led = self.everywhere(leaders, peaks_per_s)
        open_ = upper >= led.max(axis=0).min()
        open_[leaders] = True
        rows = np.flatnonzero(open_)
        replicas = self.replicas(rows, peaks_per_s)
        month, known = self.known(rows, replicas)
        level = level_of(peaks_per_s / (replicas * self.carried[rows][:, None]))
        bound = expected(self.most[level, rows[:, None]] + known, self.likeliest[level, rows[:, None]])
        exact = np.full(bound.shape, -np.inf)
        mine = np.searchsorted(rows, leaders)
        exact[mine], bound[mine] = led, -np.inf
        at, load = promising(bound, exact.max(axis=0))
        while len(at):
            scores = self.scores(rows[at], peaks_per_s[load], replicas[at, load], known[at, load])
            exact[at, load] = scores
            bound[at, load] = -np.inf
            at, load = promising(bound, exact.max(axis=0))
        best = exact.argmax(axis=0)
        return [
            self.win(
                int(rows[row]), int(replicas[row, load]), float(month[row, load]), float(exact[row, load])
            )
            if np.isfinite(exact[row, load])
            else None
            for load, row in enumerate(best)
        ]

    def upper(self, peak_per_s: FloatArray) -> FloatArray:
        """The most that each candidate can score at a peak, shape (1,), or at any higher one; shape (K,).

        Replicas are fewest at that peak; and with n of them needed, a replica is loaded as it is there, or
        just after the next was added, whichever is less.
        """
        every = np.arange(len(self.rows))
        replicas = self.replicas(every, peak_per_s)
        known = self.known(every, replicas)[1][:, 0]
        count, needed = replicas[:, 0], replicas[:, 0] - self.spare
        least = np.minimum(peak_per_s / (count * self.carried), UTILISATION_TARGET * needed / (count + 1))
        level = level_of(least)
        return expected(self.most[level, every] + known, self.likeliest[level, every])

    def everywhere(self, rows: IntArray, peaks_per_s: FloatArray) -> FloatArray:
        """Exact scores of a few candidates at every peak, shape (rows, peaks)."""
        replicas = self.replicas(rows, peaks_per_s)
        known = self.known(rows, replicas)[1]
        at, load = np.repeat(rows, len(peaks_per_s)), np.tile(np.arange(len(peaks_per_s)), len(rows))
        return self.scores(at, peaks_per_s[load], replicas.ravel(), known.ravel()).reshape(replicas.shape)

    def replicas(self, rows: IntArray, peaks_per_s: FloatArray) -> IntArray:
        """Replicas of candidates at peaks, shape (rows, peaks)."""
        return replicas_needed(self.found, peaks_per_s, self.carried[rows])

    def known(self, rows: IntArray, replicas: IntArray) -> tuple[FloatArray, FloatArray]:
        """US dollars a month, and the parts of the score that cost and simplicity make, like `replicas`."""
        wish, weight = self.found.specification, weights(self.found.specification)
        terms = self.terms if len(rows) == len(self.rows) else self.terms.take(rows)
        month = terms.usd_per_month(replicas)
        part = weight["cost"] * cost_part(month)
        part = part + weight["simplicity"] * simplicity_part(replicas, self.size[rows][:, None])
        budget = wish.budget_usd_per_month
        return month, part if budget is None else np.where(month <= budget, part, -np.inf)

    def kept(self, row: int, replicas: int, peaks_per_s: FloatArray) -> FloatArray:
        """Expected scores of one option left as it is at each peak, where `row` is that of the pace."""
        at = np.flatnonzero(self.rows == row)
        counts = np.full((1, len(peaks_per_s)), replicas)
        known = self.known(at, counts)[1]
        return self.scores(np.repeat(at, len(peaks_per_s)), peaks_per_s, counts[0], known[0])

    def carries(self, row: int, replicas: int, peaks_per_s: FloatArray) -> BoolArray:
        """Whether one option left as it is would hold the targets at each peak, headroom used up."""
        at = int(np.flatnonzero(self.rows == row)[0])
        return np.asarray(peaks_per_s <= self.carried[at] * replicas)

    def scores(
        self,
        at: IntArray,
        peak_per_s: FloatArray,
        replicas: IntArray,
        known: FloatArray,
    ) -> FloatArray:
        """Exact expected scores of candidates at loads, (P,); `known`: of these cost and simplicity."""
        wish = self.found.specification
        values = latencies(self.found, self.rows[at], peak_per_s / replicas)
        part = weights(wish)["latency"] * latency_part((values[0], values[1], values[2]), wish)
        return expected(self.fixed[at] + part + known, chance(self.found, self.rows[at], values))

    def win(self, at: int, replicas: int, usd_per_month: float, score: float) -> Win:
        """In words."""
        position = int(self.index[at])
        candidate = self.found.field.candidates[position]
        place = in_words(replicas, candidate.tensor_parallel, candidate.gpu.name)
        words = f"{candidate.model.name} {candidate.checkpoint.precision} on {place}"
        return Win(position, replicas, usd_per_month, score, words)
