"""What would help: another format, more GPUs, a bigger one, engine settings; each worked out."""

import math
from collections.abc import Iterator
from dataclasses import replace

from compass.core import counted, milliseconds, money, number
from compass.deployment_capacity.arrangements import Worked, asked_for, work_out
from compass.deployment_capacity.layouts import layouts
from compass.deployment_capacity.memory import longest_context
from compass.deployment_capacity.operation import Operation
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.subject import Format, formats_of, usual_context
from compass.deployment_capacity.types import Arrangement, Help
from compass.deployment_capacity.wording import arrangement_words

MOST_HELPS = 5
MOST_GPUS = 64
MOST_FOR_LOAD = 512
SMALL_CHUNK = 2048
HALF_CACHED = 0.5
WORTH = 0.05
"""A change below this share is no help."""
SPEED, ROOM = {"throughput", "latency", "duration", "cost"}, {"max_context", "concurrency"}
"""Figures asked for that more speed, or more cache, improves."""
BIGGER = 1.15
"""A bigger GPU has at least so many times the memory."""


def helps_for(scene: Scene, worked: Worked) -> tuple[Help, ...]:
    """Changes that make it fit, hold, or carry more, most telling first."""
    best = worked.best
    if not best.fits:
        found = [*other_formats(scene, worked), *enough_gpus(scene), *bigger_gpu(scene, best)]
    else:
        found = [
            *other_formats(scene, worked),
            *(enough_for_load(scene, best) if best.falls_short else ()),
            *one_more(scene, best),
            *bigger_gpu(scene, best),
            *engine_settings(scene, best),
            *prefix_cache(scene, worked),
        ]
    return tuple(found[:MOST_HELPS])


def gain(before: Arrangement, after: Arrangement, batch: bool = False) -> str:
    """What changes, in figures; empty where nothing does by much."""
    if not before.fits:
        return f"fits: {after.kv_cache_tokens:,} tokens of KV cache a replica, {carries(after)}"
    if batch and before.job and after.job:
        return f"{number(after.job.hours)} instead of {number(before.job.hours)} h"
    parts = []
    held = "now it carries what was stated" if after.holds and not before.holds else ""
    old, new = before.kv_cache_tokens * before.replicas, after.kv_cache_tokens * after.replicas
    if differs(old, new):
        parts.append(f"{new:,} instead of {old:,} tokens of KV cache")
    if before.full_load and after.full_load:
        slow, fast = before.full_load.output_tokens_per_second, after.full_load.output_tokens_per_second
        if differs(slow, fast):
            parts.append(f"{number(fast)} instead of {number(slow)} output tokens/s at full load")
    if before.at_load and after.at_load and not before.at_load.waits_for_memory:
        old_itl, new_itl = before.at_load.itl_ms.value, after.at_load.itl_ms.value
        if differs(old_itl, new_itl):
            parts.append(f"ITL {milliseconds(new_itl)} instead of {milliseconds(old_itl)}")
    return ", ".join([*([held] if held else []), *parts[:2]])


def carries(one: Arrangement) -> str:
    """How many requests at once."""
    return f"{one.max_concurrent_requests:,} requests at once"


def differs(before: float, after: float) -> bool:
    """Whether two figures differ by more than a trifle."""
    return abs(after - before) > WORTH * max(before, 1e-9)


def other_formats(scene: Scene, worked: Worked) -> Iterator[Help]:
    """The best arrangement in each other format that the model is published in."""
    best = worked.best
    others = work_out(scene.in_any_format()).arrangements if scene.wishes.precision else worked.arrangements
    seen = {best.precision}
    for other in others:
        if other.precision in seen or not other.fits or not other.starts:
            continue
        seen.add(other.precision)
        effect = gain(best, other, scene.question.is_batch)
        if effect and (not best.fits or is_better(scene, best, other)):
            yield Help(
                kind="format", change=f"{other.precision} instead of {best.precision} weights", effect=effect
            )


def is_better(scene: Scene, before: Arrangement, after: Arrangement) -> bool:
    """Whether the other arrangement is better in what is asked, and not much worse in the rest."""
    assert before.full_load and after.full_load  # both fit
    if not before.holds:
        return after.holds or asked_for(scene, after)[0] > asked_for(scene, before)[0]
    cache = before.kv_cache_tokens * before.replicas, after.kv_cache_tokens * after.replicas
    speed = before.full_load.output_tokens_per_second, after.full_load.output_tokens_per_second
    more, faster = (pair[1] > pair[0] * (1 + WORTH) for pair in (cache, speed))
    if scene.question.is_batch or SPEED & set(scene.asked):
        return faster
    if ROOM & set(scene.asked):
        return more
    return (more and speed[1] > speed[0] * (1 - WORTH)) or (faster and cache[1] > cache[0] * (1 - WORTH))


def one_more(scene: Scene, best: Arrangement) -> Iterator[Help]:
    """One more GPU, or the next number that all heads divide by where one more stands idle."""
    for count in (scene.count + 1, 2 * scene.count):
        after = work_out(scene.with_count(count)).best
        effect = gain(best, after, scene.question.is_batch)
        if effect and after.fits and is_better(scene, best, after):
            added = count - scene.count
            kind = "one_more_gpu" if added == 1 else "more_gpus"
            yield Help(kind=kind, change=f"{counted(added, 'more GPU')} ({count})", effect=effect)
            return


def enough_for_load(scene: Scene, best: Arrangement) -> Iterator[Help]:
    """The GPUs that a stated rate or deadline asks for: replicas by its share of the limit, rounded up."""
    question, limit = scene.question, best.limit
    if best.job and best.job.deadline_hours:
        times = best.job.hours / best.job.deadline_hours
    elif question.rate is not None and limit and limit.requests_per_second > 0:
        times = question.rate / limit.requests_per_second
    else:
        return
    replica = best.tensor_parallel * best.pipeline_parallel
    count = replica * math.ceil(best.replicas * times)
    if scene.count < count <= MOST_FOR_LOAD:
        after = work_out(scene.with_count(count)).best
        if after.holds:
            cost = "" if after.usd_per_month is None else f", {money(after.usd_per_month)} a month"
            effect = f"carries what was stated, as {arrangement_words(after)}{cost}"
            yield Help(kind="more_gpus", change=f"{count} × {scene.hardware.gpu.name}", effect=effect)


def fewest_gpus(scene: Scene) -> int | None:
    """The fewest GPUs on which the model fits, in a format that keeps its quality if any; None above 64."""
    forms = formats_of(scene.subject, scene.hardware.gpu, scene.wishes.precision)
    forms = tuple(form for form in forms if scene.subject.spares(form.precision)) or forms
    return next((count for count in counts(scene.hardware.node) if fits_on(scene, forms, count)), None)


def counts(node: int) -> Iterator[int]:
    """GPUs that people buy: within one machine any number of them that is a power of two, then machines."""
    yield from (count for count in (1, 2, 4, 8) if count <= node)
    yield from range(2 * node, MOST_GPUS + 1, node)


def fits_on(scene: Scene, forms: tuple[Format, ...], count: int) -> bool:
    """Whether one replica fits on so many GPUs, with a cache for the stated context, else for a usual one."""
    ways = layouts(scene.subject.architecture, count, scene.hardware.node, scene.wishes.tensor_parallel)
    configurations = [
        scene.subject.configuration(form, scene.hardware.gpu, way.tensor_parallel, way.pipeline_parallel)
        for form in forms
        for way in ways
    ]
    if not configurations:
        return False
    least = max(scene.question.load.context_tokens, usual_context(scene.subject))
    least = min(least, scene.subject.context_tokens or least)
    return bool((longest_context(scene.estimator.compile(configurations)) >= least).any())


def enough_gpus(scene: Scene) -> Iterator[Help]:
    """The fewest GPUs of this kind that do."""
    count = fewest_gpus(scene)
    if count is not None and count > scene.count:
        after = work_out(scene.with_count(count)).best
        effect = (
            f"fits in {after.precision}: {after.max_context_tokens:,} tokens the longest, {carries(after)}"
        )
        yield Help(kind="more_gpus", change=f"{count} × {scene.hardware.gpu.name}", effect=effect)


def bigger_gpu(scene: Scene, best: Arrangement) -> Iterator[Help]:
    """The next bigger GPU of the same maker on which it fits and that changes the answer."""
    gpu = scene.hardware.gpu
    bigger = sorted(
        (
            other
            for other in scene.catalog.gpus
            if other.vendor == gpu.vendor and other.memory_gib >= BIGGER * gpu.memory_gib
        ),
        key=lambda other: (other.memory_gib, -other.memory_bandwidth_gb_s),
    )
    looked_at = ((other, work_out(scene.with_gpu(other)).best) for other in bigger)
    better = [
        (other, after)
        for other, after in looked_at
        if after.fits and (not best.fits or is_better(scene, best, after))
    ]
    # The first that does; where none does, the one that comes nearest.
    enough = [entry for entry in better if best.holds or entry[1].holds] or better[-1:]
    for other, after in enough[:1]:
        effect = gain(best, after, scene.question.is_batch)
        yield Help(kind="bigger_gpu", change=f"{scene.count} × {other.name}", effect=effect)


def engine_settings(scene: Scene, best: Arrangement) -> Iterator[Help]:
    """Smaller prompt chunks and an 8-bit KV cache: memory alone, exactly counted."""
    form = Format(best.precision, best.checkpoint, weight_of(scene, best))
    plain = scene.subject.configuration(
        form, scene.hardware.gpu, best.tensor_parallel, best.pipeline_parallel
    )
    small = scene.estimator.memory([replace(plain, batched_tokens=SMALL_CHUNK)])
    tokens = int(small.kv_capacity_tokens[0])
    if differs(best.kv_cache_tokens, tokens):
        change = f"prompt chunks of {SMALL_CHUNK:,} tokens (--max-num-batched-tokens)"
        effect = f"{tokens:,} instead of {best.kv_cache_tokens:,} tokens of KV cache a replica"
        yield Help(kind="chunk_size", change=change, effect=effect)
    if scene.hardware.gpu.dense_tflops.fp8 and (not best.holds or best.context_bound == "memory"):
        effect = f"{2 * best.kv_cache_tokens:,} instead of {best.kv_cache_tokens:,} tokens a replica"
        yield Help(kind="fp8_kv_cache", change="KV cache in 8 bits (--kv-cache-dtype fp8)", effect=effect)


def weight_of(scene: Scene, best: Arrangement) -> float | None:
    """Size of the best arrangement's weights as published."""
    checkpoints = scene.subject.model.checkpoints if scene.subject.model else ()
    return next((c.weight_gib for c in checkpoints if c.id == best.checkpoint), None)


def prefix_cache(scene: Scene, worked: Worked) -> Iterator[Help]:
    """What it saves when half of the prompt tokens are found in the cache."""
    best, operation = worked.best, worked.operation
    if scene.question.cached_share or best.at_load is None or operation is None:
        return
    total = best.at_load.concurrent_requests
    cached: Operation = replace(operation, cached_share=HALF_CACHED)
    after = cached.curve(worked.rows[0], [total])[0].ttft_ms.value
    before = best.at_load.ttft_ms.value
    if differs(before, after):
        change = "half of the prompt tokens found in the prefix cache"
        effect = f"TTFT {milliseconds(after)} instead of {milliseconds(before)}"
        yield Help(kind="prefix_cache", change=change, effect=effect)
