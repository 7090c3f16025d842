"""Parts of a plan in words that only the terminal shows."""

import math

from compass.core import Evidence, chance, duration, milliseconds, percent
from compass.planning import Chances, Plan, Simulated, evidence_words

ASSUMED = {
    "user_count": "{} users",
    "experience_class": "{} speed",
    "arrivals": "{} arrivals",
    "percentile": "targets at {}",
    "deadline_hours": "{} h for the job",
    "jobs_per_month": "{} jobs a month",
    "batch_items": "{} items",
    "latency_targets": "latency targets: {}",
    "smallest_rental": "machines rented for {} at least",
    "utilization": "replicas at {} of their capacity at peak",
    "token_spread": "lengths ± {}",
    "provider": "{} provider",
    "prefix_cache_hit_rate": "{} of prompt tokens found in the cache",
    "speculative_speedup": "speculative decoding of {} (you said)",
}
# Shown with their figures in the lines of targets and load.
TARGETS = {"ttft_ms", "itl_ms", "e2e_ms"}
LOAD = {
    "active_share": "active share",
    "requests_per_minute": "requests a minute",
    "peak_factor": "peak factor",
    "prompt_tokens": "prompt",
    "output_tokens": "answer",
}


def simulation_words(seen: Simulated) -> str:
    """What the simulation says of the planned replicas, and of one fewer."""
    verdict = "holds" if seen.holds else f"misses {' and '.join(seen.broken)}"
    if seen.hours is not None:
        done = "done in time" if seen.holds else verdict
        return f"{done}: {duration(seen.hours)} at the pace of {seen.requests:,} requests; {seen.one_fewer}"
    values = (
        f"TTFT {milliseconds(seen.ttft_ms)}, ITL {milliseconds(seen.itl_ms)}, E2E {milliseconds(seen.e2e_ms)}"
    )
    found = ""
    if seen.prefix_cache_hit_rate is not None:
        found = f", {percent(seen.prefix_cache_hit_rate)} of prompt tokens found in the prefix cache"
    if seen.host_share:
        found += f" ({percent(seen.host_share)} in host memory)"
    return f"{verdict}: {values}{found} over {seen.requests:,} requests; {seen.one_fewer}"


def chances_words(seen: Chances, planned: int) -> str:
    """The chance when demand may be off too, and the replicas for a higher one than those planned give."""
    off = (
        f"peak by a factor of {math.exp(seen.peak_spread):.2g}, lengths by {math.exp(seen.length_spread):.2g}"
    )
    # Of the levels that the same replicas give, the highest; those planned need no mention.
    wanted = {count: level for level, count in seen.replicas_for.items() if count > planned}
    more = [f"{count} replicas for {level} %" for count, level in wanted.items()]
    missing = [level for level in ("90", "95", "99") if level not in seen.replicas_for]
    if missing:
        more.append(f"no number of replicas gives {missing[0]} %")
    return "; ".join([f"{chance(seen.all_targets)} if demand may be off too ({off})", *more])


def evidence_lines(evidence: Evidence) -> str:
    """The evidence, and below it the nearest measured run."""
    return "\n".join(filter(None, (evidence_words(evidence), evidence.nearest)))


def other_assumptions(plan: Plan) -> str:
    """The assumptions in a line; figures that stand in the lines of targets and load are not repeated."""
    factors = [name for field, name in LOAD.items() if any(a.field == field for a in plan.assumptions)]
    words = [f"the load's {', '.join(factors)}"] if factors else []
    for entry in plan.assumptions:
        if entry.field in TARGETS and entry.value == "none":
            words.append(f"no target of {entry.field.removesuffix('_ms').upper()}")
        elif entry.field == "concurrent_requests":
            words.append(f"{entry.value} requests in flight ({entry.why})")
        elif (entry.field, entry.value) == ("jobs_per_month", "1"):
            words.append("run once")
        elif entry.field not in TARGETS and entry.field not in LOAD:
            words.append(ASSUMED.get(entry.field, f"{entry.field} {{}}").format(entry.value))
    return " · ".join(words)
