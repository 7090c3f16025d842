"""What would help: another format, an engine setting, more GPUs, a bigger one; each worked out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from compass.catalog import Gpu
from compass.core import counted, money
from compass.deployment_capacity.aims import Aim, aim_of
from compass.deployment_capacity.arrangements import Worked, work_out
from compass.deployment_capacity.layouts import layouts
from compass.deployment_capacity.memory import longest_context
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.subject import COMPUTED, Format, formats_of, usual_context
from compass.deployment_capacity.types import Arrangement, Help, HelpKind

MOST_HELPS = 3
MOST_GPUS = 64
MOST_FOR_LOAD = 512
SMALL_CHUNK = 2048
HALF_CACHED = 0.5
BIGGER = 1.15
"""A bigger GPU has at least so many times the memory or the bandwidth."""
SETTING, HERE, MACHINES = 0, 1, 2
"""Effort of a change: a setting, GPUs of one machine, more machines."""


@dataclass(frozen=True)
class Candidate:
    """A change, and what is better with it."""

    help: Help
    effort: int
    ratio: float
    """How many times better the figure in question is."""
    is_enough: bool


def helps_for(scene: Scene, worked: Worked) -> tuple[Help, ...]:
    """The changes that improve what failed, else what is asked; the least effort first.

    Where some are enough for what was stated, those alone.
    """
    best = worked.best
    if not best.fits or not best.starts:
        return tuple(to_fit(scene, worked))[:MOST_HELPS]
    aim = aim_of(scene, best)
    if aim is None:
        return ()
    found = [
        *other_formats(scene, worked, aim),
        *engine_settings(scene, best, aim),
        *prefix_cache(scene, best, aim),
        *more_gpus(scene, best, aim),
        *bigger_gpu(scene, best, aim),
    ]
    enough = [candidate for candidate in found if candidate.is_enough]
    picked = sorted(enough or found, key=lambda candidate: (candidate.effort, -candidate.ratio))
    return tuple(candidate.help for candidate in picked[:MOST_HELPS])


def candidate_of(
    aim: Aim, kind: HelpKind, change: str, before: Arrangement, after: Arrangement, effort: int
) -> Iterator[Candidate]:
    """The change, if it improves the figure."""
    if not aim.improves(before, after):
        return
    ratio, enough = aim.ratio(before, after), after.holds and aim.is_enough(after)
    effect = aim.words(aim.read(before), aim.read(after))
    more = dearer(before, after) if effort != SETTING else None
    price = "" if more is None else f", {price_words(more)}"
    help_ = Help(kind=kind, change=change, effect=f"{effect}{price}", usd_per_month_more=more)
    yield Candidate(help_, effort, ratio, enough)


def dearer(before: Arrangement, after: Arrangement) -> float | None:
    """US dollars a month more; None where a price is missing."""
    if before.usd_per_month is None or after.usd_per_month is None:
        return None
    return round(after.usd_per_month - before.usd_per_month, 2)


def price_words(more: float) -> str:
    """How much dearer or cheaper a change is."""
    if abs(more) < 1:
        return "at the same price"
    return f"{money(abs(more))} a month {'more' if more > 0 else 'less'}"


def other_formats(scene: Scene, worked: Worked, aim: Aim) -> Iterator[Candidate]:
    """The best arrangement in each other format that the model is published in."""
    best = worked.best
    for other in best_of_each_format(scene, worked):
        yield from candidate_of(aim, "format", format_change(scene, best, other), best, other, SETTING)


def best_of_each_format(scene: Scene, worked: Worked) -> list[Arrangement]:
    """The first arrangement that fits in each format but the best one's."""
    stated = scene.wishes.precision
    others = work_out(scene.in_any_format()).arrangements if stated else worked.arrangements
    first: dict[str, Arrangement] = {}
    for other in others:
        if other.fits and other.starts and other.precision != worked.best.precision:
            first.setdefault(other.precision, other)
    return list(first.values())


def in_computed_format(scene: Scene, best: Arrangement) -> list[Arrangement]:
    """The best arrangement in the widest format, published of the model or not, in which it fits."""
    for precision in COMPUTED:
        if precision == best.precision:
            continue
        wishes = scene.wishes.changed(precision=precision)
        other = work_out(replace(scene, wishes=wishes)).best
        if other.fits and other.starts:
            return [other]
    return []


def format_change(scene: Scene, best: Arrangement, other: Arrangement) -> str:
    """Another format, with what it costs in quality."""
    loses = scene.subject.spares(best.precision) and not scene.subject.spares(other.precision)
    lost = " (some quality is lost)" if loses else ""
    if other.checkpoint is None and scene.subject.model is not None:
        lost = " (not in the catalog: the size is computed)"
    return f"{other.precision} instead of {best.precision} weights{lost}"


def more_gpus(scene: Scene, best: Arrangement, aim: Aim) -> Iterator[Candidate]:
    """As many as are enough; else one more, or twice as many where one more stands idle."""
    enough = enough_for(scene, best, aim)
    for count in [enough] if enough else [scene.count + 1, 2 * scene.count]:
        after = work_out(scene.with_count(count)).best
        added = count - scene.count
        kind: HelpKind = "one_more_gpu" if added == 1 else "more_gpus"
        effort = HERE if count <= scene.hardware.node else MACHINES
        change = f"{counted(added, 'more GPU')} ({count} × {scene.hardware.gpu.name})"
        found = list(candidate_of(aim, kind, change, best, after, effort))
        if found:
            yield from found
            return


def enough_for(scene: Scene, best: Arrangement, aim: Aim) -> int | None:
    """GPUs that what was stated asks for, in whole replicas; None where no number of them does."""
    value = aim.read(best)
    if aim.wanted is None or value <= 0:
        return None
    if "tokens the longest" in aim.unit:
        count = fewest_gpus(scene)
        return count if count and count > scene.count else None
    times = value / aim.wanted if aim.less_is_better else aim.wanted / value
    count = best.gpus_per_replica * math.ceil(best.replicas * times)
    return count if scene.count < count <= MOST_FOR_LOAD else None


def bigger_gpu(scene: Scene, best: Arrangement, aim: Aim) -> Iterator[Candidate]:
    """As many of the next bigger GPU that is enough; where none is, the one that comes nearest."""
    found: list[Candidate] = []
    for other in bigger_ones(scene):
        bigger = scene.with_gpu(other)
        after = work_out(bigger).best
        is_priced = after.usd_per_month is not None or best.usd_per_month is None
        if not is_priced or aim.ratio(best, after) < BIGGER:
            continue
        change = f"{bigger.count} × {other.name} instead"
        found += candidate_of(aim, "bigger_gpu", change, best, after, HERE)
        if found and (aim.wanted is None or found[-1].is_enough):
            break
    yield from found[-1:]


def bigger_ones(scene: Scene) -> list[Gpu]:
    """GPUs of the same maker with more memory or bandwidth, the next one first."""
    gpu = scene.hardware.gpu
    return sorted(
        (
            other
            for other in scene.catalog.gpus
            if other.vendor == gpu.vendor
            and other.memory_gib >= gpu.memory_gib
            and other.memory_bandwidth_gb_s >= gpu.memory_bandwidth_gb_s
            and (
                other.memory_gib >= BIGGER * gpu.memory_gib
                or other.memory_bandwidth_gb_s >= BIGGER * gpu.memory_bandwidth_gb_s
            )
        ),
        key=lambda other: (other.memory_gib, other.memory_bandwidth_gb_s),
    )


def engine_settings(scene: Scene, best: Arrangement, aim: Aim) -> Iterator[Candidate]:
    """Smaller prompt chunks and an 8-bit KV cache, where the question is about what the cache holds."""
    if "chunk_size" in aim.settings:
        change = f"prompt chunks of {SMALL_CHUNK:,} tokens (--max-num-batched-tokens {SMALL_CHUNK})"
        after = with_cache(scene, best, small_chunks(scene, best))
        yield from candidate_of(aim, "chunk_size", change, best, after, SETTING)
    if "fp8_kv_cache" in aim.settings and scene.hardware.gpu.dense_tflops.fp8:
        change = "KV cache in 8 bits (--kv-cache-dtype fp8)"
        after = with_cache(scene, best, 2 * best.kv_cache_tokens)
        yield from candidate_of(aim, "fp8_kv_cache", change, best, after, SETTING)


def small_chunks(scene: Scene, best: Arrangement) -> int:
    """Tokens of a replica's cache with smaller prompt chunks."""
    form = Format(best.precision, best.checkpoint, weight_of(scene, best))
    ways = (best.tensor_parallel, best.pipeline_parallel, best.data_parallel)
    plain = scene.subject.configuration(form, scene.hardware.gpu, *ways)
    small = scene.estimator.memory([replace(plain, batched_tokens=SMALL_CHUNK)])
    return int(small.kv_capacity_tokens[0])


def with_cache(scene: Scene, best: Arrangement, cache: int) -> Arrangement:
    """The arrangement with a larger cache: longest context and requests at once grow with it."""
    times = cache / best.kv_cache_tokens if best.kv_cache_tokens else 1.0
    window = scene.subject.context_tokens
    longest = int(best.max_context_tokens * times)
    room = int(cache / max(scene.question.load.context_tokens, 1)) * best.replicas
    room = max(room, int(best.max_concurrent_requests * times))
    longest = min(longest, window) if window else longest
    stated, concurrent = scene.question.context_tokens, scene.question.concurrent
    enough = longest >= (stated or 0) and room >= (concurrent or 0)
    return best.model_copy(
        update={
            "kv_cache_tokens": cache,
            "max_context_tokens": longest,
            "max_concurrent_requests": room,
            "holds": best.holds or enough,
        }
    )


def weight_of(scene: Scene, best: Arrangement) -> float | None:
    """Size of the best arrangement's weights as published."""
    checkpoints = scene.subject.model.checkpoints if scene.subject.model else ()
    return next((c.weight_gib for c in checkpoints if c.id == best.checkpoint), None)


def prefix_cache(scene: Scene, best: Arrangement, aim: Aim) -> Iterator[Candidate]:
    """The same arrangement where half of the prompt tokens are found in the cache."""
    if "prefix_cache" not in aim.settings or scene.question.cached_share:
        return
    cached = replace(scene, question=replace(scene.question, cached_share=HALF_CACHED))
    same = [one for one in work_out(cached).arrangements if way_of(one) == way_of(best)]
    change = "half of the prompt tokens found in the prefix cache, if prompts begin alike"
    yield from candidate_of(aim, "prefix_cache", change, best, same[0], SETTING)


def way_of(one: Arrangement) -> tuple[object, ...]:
    """What tells an arrangement from the others of the same GPUs."""
    return one.precision, one.tensor_parallel, one.pipeline_parallel, one.data_parallel, one.replicas


def to_fit(scene: Scene, worked: Worked) -> Iterator[Help]:
    """What makes it fit: another format, the fewest GPUs of this kind, a bigger one."""
    best = worked.best
    for other in best_of_each_format(scene, worked) or in_computed_format(scene, best):
        yield Help(kind="format", change=format_change(scene, best, other), effect=fits_words(other))
    count = fewest_gpus(scene)
    if count is not None and count > scene.count:
        after = work_out(scene.with_count(count)).best
        change = f"{count} × {scene.hardware.gpu.name}"
        yield Help(
            kind="more_gpus", change=change, effect=fits_words(after), usd_per_month_more=dearer(best, after)
        )
    for other_gpu in bigger_ones(scene):
        bigger = scene.with_gpu(other_gpu)
        after = work_out(bigger).best
        if after.fits and after.holds:
            change = f"{bigger.count} × {other_gpu.name} instead"
            more = dearer(best, after)
            effect = fits_words(after)
            yield Help(kind="bigger_gpu", change=change, effect=effect, usd_per_month_more=more)
            return


def fits_words(after: Arrangement) -> str:
    """What an arrangement that fits holds, and what it costs."""
    cost = "" if after.usd_per_month is None else f", {money(after.usd_per_month)} a month"
    return (
        f"fits in {after.precision}: {after.max_context_tokens:,} tokens the longest, "
        f"{counted(after.max_concurrent_requests, 'request')} at once{cost}"
    )


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
        scene.subject.configuration(
            form, scene.hardware.gpu, way.tensor_parallel, way.pipeline_parallel, way.data_parallel
        )
        for form in forms
        for way in ways
    ]
    if not configurations:
        return False
    least = max(scene.question.load.context_tokens, usual_context(scene.subject))
    least = min(least, scene.subject.context_tokens or least)
    return bool((longest_context(scene.estimator.compile(configurations)) >= least).any())
