"""When requests arrive and how long they are: random streams with a seed, as arrays."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import InvalidInput

ArrivalKind = Literal["poisson", "bursts", "diurnal"]
LENGTH_CV = 0.25
"""Standard deviation over mean of prompt and output lengths in plans and simulations, as in BLIS' published
runs."""


@dataclass(frozen=True)
class Requests:
    """A stream: arrival in milliseconds (ascending), prompt and output tokens, each of shape (n,)."""

    arrival_ms: FloatArray
    prompt_tokens: IntArray
    output_tokens: IntArray
    thinking_tokens: IntArray | None = None
    """Of the output those before the answer; None where there are none."""

    def __len__(self) -> int:
        return len(self.arrival_ms)


def arrival_times(
    rng: np.random.Generator,
    rate_per_s: float,
    duration_s: float,
    kind: ArrivalKind = "poisson",
    burst: float = 1.0,
    peak: float = 2.0,
    period_s: float | None = None,
) -> FloatArray:
    """Times in milliseconds in [0, duration), of the given mean rate.

    poisson: exponential gaps. bursts: a Poisson stream of geometric batches of mean size `burst`, all of a
    batch at once. diurnal: a Poisson stream whose rate swings as a sine between the trough and `peak` times
    the mean, over `period_s` (default: the duration, so that one whole cycle is seen), by thinning.

    Raises:
        InvalidInput: a value cannot be.
    """
    _positive(rate=rate_per_s, duration=duration_s)
    if kind == "bursts":
        if not 1 <= burst < 1e6:
            raise InvalidInput("burst", f"{burst:g} is no mean size of a burst; give 1 or more.")
        heads = _poisson(rng, rate_per_s / burst, duration_s)
        sizes = rng.geometric(1.0 / burst, len(heads))
        return np.repeat(heads, sizes) * 1000.0
    if kind == "diurnal":
        if not 1 <= peak <= 2:
            raise InvalidInput("peak", f"{peak:g} cannot be: a sine peaks at 1 to 2 times its mean.")
        times = _poisson(rng, rate_per_s * peak, duration_s)
        swing = (peak - 1.0) * np.sin(2 * np.pi * times / (period_s or duration_s) - np.pi / 2)
        return times[rng.random(len(times)) * peak < 1.0 + swing] * 1000.0
    return _poisson(rng, rate_per_s, duration_s) * 1000.0


def _positive(**values: float) -> None:
    for field, value in values.items():
        if not 0 < value < 1e9:
            raise InvalidInput(field, f"{value:g} cannot be; give a positive number.")


def _poisson(rng: np.random.Generator, rate: float, duration: float) -> FloatArray:
    """Arrival times in seconds: given their number, those of a Poisson stream are uniform and independent."""
    return np.sort(rng.random(rng.poisson(rate * duration)) * duration)


def lengths(rng: np.random.Generator, mean: float, cv: float, count: int) -> IntArray:
    """Whole token counts of at least 1: constant for `cv` 0, else lognormal with that mean and variation."""
    if not 1 <= mean < 1e8:
        raise InvalidInput("tokens", f"{mean:g} tokens cannot be; give 1 or more.")
    if cv == 0:
        return np.full(count, round(mean), np.int64)
    if not 0 < cv <= 10:
        raise InvalidInput("cv", f"{cv:g} cannot be; give 0 (constant) to 10.")
    variance = np.log1p(cv**2)
    drawn = rng.lognormal(np.log(mean) - variance / 2, np.sqrt(variance), count)
    return np.maximum(np.rint(drawn), 1).astype(np.int64)


@dataclass(frozen=True)
class Thinking:
    """Tokens before the answer: their mean, and their standard deviation over it."""

    tokens: float
    cv: float


def requests_of(
    rng: np.random.Generator,
    times_ms: FloatArray,
    prompt: float,
    output: float,
    cv: float,
    longest: int,
    thinking: Thinking | None = None,
) -> Requests:
    """Requests at these times, with lengths around their means; none longer than `longest` tokens in all.

    What would be longer is cut, the prompt first: an engine refuses such a request before it costs anything.
    `thinking` is a part of `output`, which spreads by itself.

    Raises:
        InvalidInput: means that no request can have.
    """
    if prompt + output > longest:
        raise InvalidInput(
            "prompt_tokens",
            f"a request of {prompt + output:,.0f} tokens does not fit: a replica takes {longest:,}.",
        )
    count = len(times_ms)
    thought = None
    if thinking is None:
        outputs = np.minimum(lengths(rng, output, cv, count), longest - 1)
    else:
        answers = lengths(rng, max(1.0, output - thinking.tokens), cv, count)
        outputs = np.minimum(answers + lengths(rng, thinking.tokens, thinking.cv, count), longest - 1)
        thought = np.maximum(outputs - answers, 0)
    prompts = np.minimum(lengths(rng, prompt, cv, count), longest - outputs)
    return Requests(times_ms, prompts, outputs, thought)
