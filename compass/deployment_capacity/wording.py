"""A capacity answer in words, for every door that shows one."""

from collections.abc import Iterable

from compass.core import counted, exact_milliseconds, latency, money, number
from compass.deployment_capacity.types import (
    Arrangement,
    Limit,
    LoadPoint,
    MeasuredRun,
    Suggestion,
    TargetLimit,
)
from compass.planning import short_name

VERDICT_WORDS = {"yes": "Yes", "no": "No", "partly": "Partly"}


def arrangement_words(one: Arrangement) -> str:
    """Replicas, GPUs that share a layer, stages or ranks, and format: "2 replicas × TP2, fp8"."""
    stages = f" × PP{one.pipeline_parallel}" if one.pipeline_parallel > 1 else ""
    if one.data_parallel > 1:
        stages = f" × DP{one.data_parallel} with EP{one.gpus_per_replica}"
    return f"{counted(one.replicas, 'replica')} × TP{one.tensor_parallel}{stages}, {one.precision}"


def size_words(best: Arrangement) -> str:
    """Memory of a GPU, and what the cache holds."""
    memory, room = best.memory_gib, counted(best.max_concurrent_requests, "request")
    return (
        f"{arrangement_words(best)}; GiB a GPU: weights {memory.weights}, runtime {memory.runtime}, KV cache "
        f"{memory.kv_cache} of {memory.total_per_gpu}; {best.kv_cache_tokens:,} tokens of cache a replica, "
        f"longest context {best.max_context_tokens:,}, {room} at once"
    )


def limit_words(limit: Limit) -> str:
    """The highest load, what breaks above it, and under which targets."""
    lead = (
        f"{rate_words(limit.requests_per_second)}, {number(limit.concurrent_requests)} at once; above "
        f"that {limit.breaks} breaks"
    )
    if not limit.targets:
        return f"{lead} (no latency target)"
    whose = "your targets" if limit.targets[0].stated else "assumed targets"
    return f"{lead} ({whose}: {targets_words(limit.targets)})"


def targets_words(targets: Iterable[TargetLimit]) -> str:
    """Targets in a line: "TTFT ≤ 150 ms, E2E ≤ 7 s"."""
    return ", ".join(f"{target.name} ≤ {exact_milliseconds(target.milliseconds)}" for target in targets)


def rate_words(rate: float) -> str:
    """A rate with its unit, the singular where it is one."""
    written = number(rate)
    return f"{written} request{'' if written == '1' else 's'}/s"


def point_words(point: LoadPoint) -> str:
    """Tokens a second and latencies at a load, with intervals."""
    tokens = point.output_tokens_per_second_interval
    span = "" if tokens.low == tokens.high else f" [{number(tokens.low)}–{number(tokens.high)}]"
    return (
        f"{number(point.concurrent_requests)} at once: {number(tokens.value)}{span} output tokens/s, "
        f"TTFT {latency(point.ttft_ms)}, ITL {latency(point.itl_ms)}, E2E {latency(point.e2e_ms)}"
    )


def measured_words(run: MeasuredRun) -> str:
    """A published run in a line."""
    return (
        f"{run.run} ({run.kind}): {number(run.concurrency)} a replica, {run.prompt_tokens:,.0f} → "
        f"{run.output_tokens:,.0f} tokens: {number(run.output_tokens_per_second)} output tokens/s, TTFT "
        f"{number(run.ttft_ms)} ms, ITL {number(run.itl_ms)} ms · {run.source}"
    )


def suggestion_words(one: Suggestion) -> str:
    """A model that fits, in a line."""
    quality = "no published score" if one.quality is None else f"quality {one.quality:.0f}"
    speed = f"{number(one.output_tokens_per_second)} tokens/s"
    return (
        f"{short_name(one.model)} {one.precision}: {quality}, {speed}, "
        f"{counted(one.max_concurrent_requests, 'request')} at once, up to {one.max_context_tokens:,} tokens"
    )


def cost_words(one: Arrangement) -> str:
    """Dollars a month, or that no price is listed."""
    if one.usd_per_month is None:
        return "no price is listed"
    return f"{money(one.usd_per_month)} a month ({one.price_source})"


def line_of(one: Arrangement) -> str:
    """Another arrangement in a line."""
    if not one.fits or not one.full_load:
        return f"{arrangement_words(one)}: does not fit"
    return (
        f"{arrangement_words(one)}: {one.max_context_tokens:,} tokens the longest, "
        f"{one.max_concurrent_requests:,} at once, "
        f"{number(one.full_load.output_tokens_per_second)} tokens/s at full load"
    )
