"""Latencies under open arrivals in closed form, for thousands of configurations at once.

A replica with continuous batching is a processor-sharing server with a cost per step. At arrival rate
λ, with `n = output − 1` decode steps a request, `D(b)` the time of a step with b decoding sequences and
`p` the prefill time of a prompt, a step takes `S = D/(1 − λ·p)` on average because it shares itself with
prefills, and Little's law closes the circle: `b = λ·n·S(b + 1)` (a request sees the others and itself).
Means come from that; spreads from the Poisson noise of arrivals in a request's window, amplified by
feedback as in an M/G/1 queue under processor sharing; waits for the prefill budget from the multi-server
approximation of Sakasegawa (1977), those for sequence or KV slots from Erlang's C. Checked against the
discrete-event simulation in the tests, where the error bounds stand.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from compass.capacity import BoolArray, FloatArray
from compass.core import Percentile
from compass.traffic.types import Answers, ProfileBatch, Workload

Z = {"p50": 0.0, "p90": 1.2815515655446004, "p95": 1.6448536269514722, "p99": 2.3263478740408408}


@dataclass(frozen=True)
class OpenLoads:
    """Latency distributions, each array of shape (N, B), in milliseconds; infinite where saturated."""

    concurrency: FloatArray
    """Mean requests inside a replica, waiting ones included."""
    load: FloatArray
    """Rate over the rate at which the queue grows without end: saturated from 1 on."""
    ttft_min: FloatArray
    ttft_mean: FloatArray
    ttft_sd: FloatArray
    itl_mean: FloatArray
    itl_sd: FloatArray
    e2e_mean: FloatArray
    decode_log_sd: FloatArray
    """Standard deviation of the log time from first to last token."""
    thinking_mean: FloatArray
    """Time from the first token to the first of the answer; 0 without thinking."""
    thinking_log_sd: FloatArray
    late_share: FloatArray | None = None
    """Of turns whose history is not in the prefix cache; None without sessions, as all that follow."""
    late_ms: FloatArray | None = None
    """Mean that their first token takes longer; its standard deviation below."""
    late_sd: FloatArray | None = None
    sessions: FloatArray | None = None
    """Of one replica, at work and paused."""
    hit_rate: FloatArray | None = None
    """Share of prompt tokens found in the prefix cache."""

    @property
    def saturated(self) -> BoolArray:
        """Where the queue grows without end."""
        return self.load >= 1.0

    def ttft(self, percentile: Percentile = "p95") -> FloatArray:
        """Time to first token at a percentile: a minimum plus a gamma-distributed wait."""
        if percentile == "mean":
            return self.ttft_mean
        if self.late_share is not None and self.late_ms is not None and self.late_sd is not None:
            return self._ttft_of_sessions(LEVELS[percentile], self.late_share, self.late_ms, self.late_sd)
        wait = self.ttft_mean - self.ttft_min
        return np.asarray(self.ttft_min + gamma_quantile(wait, self.ttft_sd, Z[percentile]))

    def _ttft_of_sessions(
        self, level: float, late: FloatArray, late_ms: FloatArray, late_sd: FloatArray
    ) -> FloatArray:
        """Quantile of turns of two kinds: the late ones come behind all others."""
        wait = np.maximum(self.ttft_mean - late * late_ms - self.ttft_min, 0.0)
        among_late = late > 1.0 - level
        others = np.where(among_late, (level - (1.0 - late)) / np.maximum(late, 1e-12), level / (1.0 - late))
        mean = wait + np.where(among_late, late_ms, 0.0)
        with np.errstate(invalid="ignore"):
            sd = np.hypot(self.ttft_sd, np.where(among_late, late_sd, 0.0))
            value = self.ttft_min + gamma_quantile(mean, sd, normal_quantile(others))
        return np.where(self.saturated, np.inf, value)

    def itl(self, percentile: Percentile = "p95") -> FloatArray:
        """Mean gap between the tokens of a request, over requests, at a percentile."""
        if percentile == "mean":
            return self.itl_mean
        return gamma_quantile(self.itl_mean, self.itl_sd, Z[percentile])

    def e2e(self, percentile: Percentile = "p95") -> FloatArray:
        """Time to the last token at a percentile; waits and decoding add as independent spreads."""
        if percentile == "mean":
            return self.e2e_mean
        with np.errstate(invalid="ignore"):
            decode = self.e2e_mean - self.ttft_mean
        return self._after_first(decode, self.decode_log_sd, percentile)

    def first_answer(self, percentile: Percentile = "p95") -> FloatArray:
        """Time to the first token of the answer at a percentile: after the thinking, where there is any."""
        if percentile == "mean":
            return self.ttft_mean + self.thinking_mean
        return self._after_first(self.thinking_mean, self.thinking_log_sd, percentile)

    def _after_first(self, mean: FloatArray, log_sd: FloatArray, percentile: Percentile) -> FloatArray:
        """A log-normal time after the first token, and the wait for that: independent spreads."""
        with np.errstate(invalid="ignore"):
            above = mean * np.expm1(Z[percentile] * log_sd - log_sd**2 / 2)
            wait = self.ttft(percentile) - self.ttft_mean
            spread = np.where(mean > 0, np.sign(above) * np.hypot(above, wait), wait)
            value = self.ttft_mean + mean + spread
        return np.where(self.saturated, np.inf, value)


LEVELS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
TABLED = np.linspace(0.001, 0.999, 999)
QUANTILES = np.array([NormalDist().inv_cdf(float(level)) for level in TABLED])


def normal_quantile(level: FloatArray) -> FloatArray:
    """Quantile of the normal distribution, between its 0.1 and 99.9 %, from a table."""
    return np.asarray(np.interp(level, TABLED, QUANTILES))


def gamma_quantile(mean: FloatArray, sd: FloatArray, z: FloatArray | float) -> FloatArray:
    """Quantile of a gamma distribution by Wilson and Hilferty (1931); `z` is that of the normal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ninth = np.minimum((sd / mean) ** 2, 4.0) / 9.0
        value = mean * np.maximum(1.0 - ninth + z * np.sqrt(ninth), 0.0) ** 3
    return np.where(mean > 0, np.where(np.isfinite(sd), value, np.inf), 0.0)


class RateModel:
    """Latencies of profiles as functions of the arrival rate.

    What does not depend on the rate, computed once for a search over rates; shapes (N, 1).
    """

    def __init__(self, profiles: ProfileBatch, work: Workload) -> None:
        def column(values: FloatArray) -> FloatArray:
            return values[:, None]

        self.work = work
        own = profiles.answers or _like_answers(len(profiles), work)
        prompt, output, output_cv = work.prompt_tokens, column(own.output_tokens), column(own.output_cv)
        self.output_variance = output_cv**2
        self.steps = np.maximum(output - 1.0, 0.0)
        self.thinking = column(own.thinking_tokens)
        self.thinking_variance = np.log1p(column(own.thinking_cv) ** 2)
        self.batch = profiles.batch
        # A sequence met at a random moment is one of the longer ones (length-biased), half done.
        seen_output = output * (1.0 + self.output_variance)
        context = self.seen_context = prompt + seen_output / 2.0
        self.computed: FloatArray | float = prompt
        """Tokens of a prompt that are not in the prefix cache."""
        self.decode = profiles.decode_ms + column(profiles.kv_ms_per_token) * profiles.batch * context
        rise, width = np.diff(self.decode, axis=1), np.maximum(np.diff(self.batch), 1.0)
        # Of the segment that ends at each grid point; before the first it is flat.
        self.slope = np.concatenate([np.zeros((len(profiles), 1)), rise / width], axis=1)
        self.empty_ms = column(profiles.decode_ms[:, 0])
        squared = column(profiles.prefill_ms_per_token_squared) * prompt**2 * (1 + work.prompt_cv**2) / 2.0
        self.prefill = column(profiles.prefill_ms_per_token) * prompt + squared
        self.prefill_cv2: FloatArray | float = work.prompt_cv**2
        self.overhead = column(profiles.request_overhead_ms)
        self.budget = column(profiles.max_num_batched_tokens)
        self.slots = np.minimum(column(profiles.max_num_seqs), column(profiles.kv_capacity_tokens) / context)
        self.fits = column(profiles.kv_capacity_tokens) >= prompt + output
        self.dispersion = 2.0 * work.burst - 1.0

    def crossing(self, rate: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean decoding sequences that a request meets, itself included: solves `x − 1 = λ·n·S(x)`.

        With the time of a step of so many and its slope there. `D` is linear between grid points, so that
        the first crossing is exact; beyond the grid it goes on along its last segment.
        """
        share = 1.0 - rate * self.prefill
        need = rate * self.steps
        gap = (self.batch - 1.0) * share[..., None] - need[..., None] * self.decode[:, None, :]
        above = gap >= 0
        last = len(self.batch) - 1
        right = np.where(above[..., -1], above.argmax(axis=-1), last)
        right = np.maximum(right, min(1, last))
        left = np.maximum(right - 1, 0)
        row, column = np.ogrid[: gap.shape[0], : gap.shape[1]]
        low, high = gap[row, column, left], gap[row, column, right]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = -low / (high - low)
            x = self.batch[left] + part * (self.batch[right] - self.batch[left])
        x = np.where((high > low) & (share > 0), np.maximum(x, 1.0), np.inf)
        first, slope = self.decode[row, left], self.slope[row, right]
        with np.errstate(invalid="ignore"):
            return x, first + slope * (x - self.batch[left]), slope

    def step(self, x: FloatArray) -> FloatArray:
        """Time of a decode step with x sequences, (N, B)."""
        last = len(self.batch) - 1
        right = np.clip(np.searchsorted(self.batch, x), min(1, last), last)
        left = np.maximum(right - 1, 0)
        row = np.arange(len(x))[:, None]
        return self.decode[row, left] + self.slope[row, right] * (np.maximum(x, 1.0) - self.batch[left])

    def at(self, rate: FloatArray) -> OpenLoads:
        """The distributions at rates per millisecond of shape (N, B)."""
        x, tagged, slope = self.crossing(rate)
        load = self.load_of(rate, x, tagged)
        good = load < 1.0
        x = np.where(good, x, 1.0)
        tagged = np.where(good, tagged, self.empty_ms)
        rate = np.where(good, rate, 0.0)
        others = np.maximum(self.step(np.maximum(x - 1.0, 1.0)), self.empty_ms)
        share = rate * self.prefill
        itl = tagged / (1.0 - share)
        itl_sd = self.itl_sd(rate, x - 1.0, slope, share)
        ttft_min, ttft, ttft_var = self.first_token(rate, x, others, share)
        slot_wait = self.wait_for_slot(rate, x - 1.0, itl)
        ttft = ttft + slot_wait
        ttft_sd = np.sqrt(ttft_var + 2.0 * slot_wait * itl * self.steps / np.maximum(self.slots, 1.0))
        noise = (itl_sd / itl) ** 2
        e2e = ttft + itl * self.steps

        def open_only(values: FloatArray) -> FloatArray:
            return np.where(good, values, np.inf)

        return OpenLoads(
            concurrency=open_only(rate * e2e),
            load=load,
            ttft_min=np.broadcast_to(ttft_min, rate.shape),
            ttft_mean=open_only(ttft),
            ttft_sd=open_only(ttft_sd),
            itl_mean=open_only(itl),
            itl_sd=open_only(itl_sd),
            e2e_mean=open_only(e2e),
            decode_log_sd=np.sqrt(np.log1p(self.output_variance) + noise),
            thinking_mean=self.thinking * itl,
            thinking_log_sd=np.sqrt(self.thinking_variance + noise),
        )

    def load_of(self, rate: FloatArray, x: FloatArray, step: FloatArray) -> FloatArray:
        """Load relative to the tightest limit: engine time, prefill budget, sequences or KV cache."""
        finite = np.isfinite(x)
        meet = np.where(finite, x, 1.0)
        decode = np.where(finite, step, self.empty_ms)
        free = np.maximum(self.budget - meet, 1.0)
        budget = rate * (self.prefill + decode * self.computed / free)
        load = np.where(finite, np.maximum(budget, self.slot_load(meet)), np.inf)
        return np.where(self.fits, load, np.inf)

    def slot_load(self, x: FloatArray) -> FloatArray:
        """Share of sequence slots, or of KV memory, that decoding sequences occupy."""
        return np.asarray((np.where(np.isfinite(x), x, np.inf) - 1.0) / self.slots)

    def itl_sd(self, rate: FloatArray, b: FloatArray, slope: FloatArray, share: FloatArray) -> FloatArray:
        """Spread over requests of their mean gap.

        In a request's window of τ = n·S, arrivals are Poisson with mean b: those add prefills (variance b),
        and the sequences beside it are the arrivals of the last τ, averaged over the window (variance 2/3·b;
        covariance b/2).
        """
        # An answer of one token has no gap.
        own = np.where(self.steps > 0, self.prefill / np.maximum(self.steps, 1e-9), 0.0)
        noise = slope**2 * (2.0 / 3.0) + own**2 + slope * own
        work = np.minimum(rate * (self.prefill + self.steps * slope), 0.99)
        spread = np.sqrt(self.dispersion * b * noise / (1.0 - work)) / (1.0 - share)
        return np.where(self.steps > 0, spread, 0.0)

    def first_token(
        self, rate: FloatArray, x: FloatArray, decode: FloatArray, share: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Minimum, mean and variance of the time to first token without waits for slots.

        A request waits for the rest of the step that it falls into (length-biased), then shares its own
        step with those that came in meanwhile; what exceeds the token budget queues for further steps.
        """
        prompt = self.computed
        free = np.maximum(self.budget - x, 1.0)
        passes = np.ceil(prompt / free)
        burst = self.dispersion * (1.0 + self.prefill_cv2)
        mean = decode / (1.0 - share)
        var = self.prefill**2 * rate * mean * burst / (1.0 - share**2)
        second = mean**2 + var
        busy = -np.expm1(-rate * (decode + self.prefill) - (x - 1.0))
        rest = busy * second / (2.0 * mean)
        beside = self.prefill * (rate * second / mean + (self.work.burst - 1.0))
        service = self.prefill + decode * prompt / free
        servers = np.maximum(free / prompt, 1.0)
        used = np.minimum(rate * service, 0.999)
        queue = service * used ** (np.sqrt(2.0 * (servers + 1.0)) - 1.0) / (1.0 - used) * burst / 2.0
        least = self.overhead + self.prefill + np.where(passes > 1, passes, 1.0) * self.empty_ms
        own = self.overhead + self.prefill + passes * (self.empty_ms + busy * (decode - self.empty_ms))
        total = own + rest + beside + queue
        rest_var = busy * second * np.sqrt(second) / (3.0 * mean) - rest**2 * np.where(busy > 0, 1.0, 0.0)
        beside_var = self.prefill * beside * burst
        queue_var = queue * (queue + service)
        own_var = self.prefill**2 * self.prefill_cv2
        return least, total, np.maximum(rest_var, 0.0) + beside_var + queue_var + own_var

    def wait_for_slot(self, rate: FloatArray, b: FloatArray, itl: FloatArray) -> FloatArray:
        """Mean wait for a sequence slot or KV memory: Erlang's C with the slots as servers, times the spread.

        Many long answers seldom fill all slots at once, which Sakasegawa's power law overstates.
        """
        slots = np.maximum(self.slots, 1.0)
        used = np.minimum(b / np.maximum(self.slots, 1e-9), 0.999)
        spread = (self.dispersion + self.output_variance) / 2.0
        waiting = waiting_probability(slots, used)
        return np.asarray(itl * self.steps * waiting / (slots * (1.0 - used)) * spread)


def waiting_probability(servers: FloatArray, used: FloatArray) -> FloatArray:
    """Probability that an arrival finds all servers busy (Erlang C), for real numbers of servers.

    Erlang B as the Poisson probability of so many busy ones over that of no more, the former by Stirling's
    formula, the latter by a normal distribution whose tail is logistic.
    """
    busy = np.maximum(used * servers, 1e-12)
    exactly = np.exp(servers - busy - servers * np.log(servers / busy)) / np.sqrt(2.0 * np.pi * servers)
    at_most = 1.0 / (1.0 + np.exp(-1.702 * (servers + 0.5 - busy) / np.sqrt(busy)))
    blocked = exactly / at_most
    return np.asarray(np.minimum(blocked / (1.0 - used + used * blocked), 1.0))


def _like_answers(size: int, work: Workload) -> Answers:
    """Answers that are alike in all configurations: the workload's, without thinking."""
    nothing = np.zeros(size)
    return Answers(np.full(size, work.output_tokens), np.full(size, work.output_cv), nothing, nothing)
