"""Figures and reasons of a plan in words, as the terminal shows them."""

import math

from compass.core import Evidence, Interval
from compass.planning import Chances, Option, Plan, Simulated, Specification, percent

VIEWS = {
    "balanced": "balanced",
    "best_accuracy": "best accuracy",
    "lowest_cost": "lowest cost",
    "lowest_latency": "lowest latency",
    "simplest": "simplest",
}
# Distances of the capacity model's kernel, see compass/core/evidence.py.
NEAR, FAR = 0.5, 2.0
ASSUMED = {
    "user_count": "{} users",
    "experience_class": "class {}",
    "arrivals": "{} arrivals",
    "percentile": "targets at {}",
    "utilization": "replicas at {} of capacity at peak",
    "token_spread": "lengths ± {}",
    "provider": "{} provider",
    "prefix_cache_hit_rate": "prefix cache hits {} (you said)",
    "speculative_speedup": "speculative decoding of {} (you said)",
}
# Said beside the figures themselves.
SHOWN = {"ttft_ms", "itl_ms", "e2e_ms"}
FACTORS = {
    "active_share": "active share",
    "requests_per_minute": "requests a minute",
    "peak_factor": "peak factor",
    "prompt_tokens": "prompt",
    "output_tokens": "answer",
}


def understood(wish: Specification) -> str:
    """Use case, users and restrictions in a line."""
    parts = [wish.use_case.replace("_", " ")]
    if wish.user_count:
        parts.append(f"{wish.user_count:,} users")
    if wish.preferred_gpu_types:
        parts.append("on " + " or ".join(wish.preferred_gpu_types))
    if wish.excluded_gpu_types:
        parts.append("not on " + ", ".join(wish.excluded_gpu_types))
    if wish.preferred_models:
        parts.append("model " + " or ".join(name.rsplit("/", 1)[-1] for name in wish.preferred_models))
    if wish.provider:
        parts.append(f"at {wish.provider}")
    if wish.pricing != "on-demand":
        parts.append(f"{wish.pricing} prices")
    if wish.budget_usd_per_month:
        parts.append(f"at most ${wish.budget_usd_per_month:,.0f} a month")
    if wish.availability == "n+1":
        parts.append("one replica to spare")
    named = {"accuracy": wish.accuracy_priority, "cost": wish.cost_priority, "latency": wish.latency_priority}
    parts += [f"{name} {value} priority" for name, value in named.items() if value != "medium"]
    return " · ".join(parts)


def checked(seen: Simulated) -> str:
    """What the simulation says of the planned replicas, and of one fewer."""
    verdict = "holds" if seen.holds else f"misses {' and '.join(seen.broken)}"
    values = (
        f"TTFT {milliseconds(seen.ttft_ms)}, ITL {milliseconds(seen.itl_ms)}, E2E {milliseconds(seen.e2e_ms)}"
    )
    return f"{verdict}: {values} over {seen.requests:,} requests; {seen.one_fewer}"


def odds(seen: Chances, planned: int) -> str:
    """The chance when demand may be off too, and the replicas for a higher one than those planned give."""
    off = f"peak ×÷ {math.exp(seen.peak_spread):.2g}, lengths ×÷ {math.exp(seen.length_spread):.2g}"
    # Of the levels that the same replicas give, the highest; those planned need no mention.
    wanted = {count: level for level, count in seen.replicas_for.items() if count > planned}
    more = [f"{count} replicas for {level} %" for count, level in wanted.items()]
    missing = [level for level in ("90", "95", "99") if level not in seen.replicas_for]
    if missing:
        more.append(f"no number of replicas gives {missing[0]} %")
    return "; ".join([f"{percent(seen.all_targets)} if demand may be off too ({off})", *more])


def near(evidence: Evidence) -> str:
    """What kind of figures, and how near the nearest measured run is."""
    if not evidence.nearest or evidence.distance is None:
        return f"{evidence.kind}; no measured run is comparable"
    how = "near" if evidence.distance <= NEAR else "far" if evidence.distance > FAR else "some way off"
    width = ": physics alone, hence the width" if how == "far" else ""
    found = f"the nearest measured run is {how} (distance {evidence.distance:g}){width}"
    return f"{evidence.kind}; {found}\n{evidence.nearest}"


def all_assumed(plan: Plan) -> str:
    """What nobody said and what no line above shows with its figure."""
    factors = [name for field, name in FACTORS.items() if any(a.field == field for a in plan.assumptions)]
    words = [f"the load's {', '.join(factors)}"] if factors else []
    for entry in plan.assumptions:
        if entry.field not in SHOWN and entry.field not in FACTORS:
            words.append(ASSUMED.get(entry.field, f"{entry.field} {{}}").format(entry.value))
    return " · ".join(words)


def gpus(option: Option) -> str:
    """For example "5 replicas × 8 H100-SXM = 40 GPUs"."""
    word = "replica" if option.replicas == 1 else "replicas"
    count = f"{option.gpus} GPU{'s' if option.gpus > 1 else ''}"
    return f"{option.replicas} {word} × {option.tensor_parallel} {option.gpu} = {count}"


def figure(value: Interval) -> str:
    """A latency with its interval, in the unit of the latency."""
    seconds = value.value >= 1000
    low, mid, high = (
        plain(part / 1000 if seconds else part) for part in (value.low, value.value, value.high)
    )
    return f"{mid} {'s' if seconds else 'ms'} [{low}–{high}]"


def milliseconds(value: float) -> str:
    """Milliseconds below a second, seconds above."""
    return f"{plain(value)} ms" if value < 1000 else f"{plain(value / 1000)} s"


def plain(value: float) -> str:
    """Two significant digits below a hundred, whole numbers above."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}"
