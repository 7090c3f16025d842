"""Works out every arrangement of the GPUs and puts them in order, best for what is asked first."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import BoolArray, CompiledBatch, FloatArray
from compass.core import InvalidInput, counted, duration, exact_milliseconds, milliseconds, number
from compass.deployment_capacity.cost import MonthlyCost, monthly_cost
from compass.deployment_capacity.layouts import Layout, layouts
from compass.deployment_capacity.limits import carries_inside, limits_of
from compass.deployment_capacity.memory import (
    cache_tokens_interval,
    longest_context,
    memory_of_gpu,
    requests_held,
)
from compass.deployment_capacity.operation import Latencies, Operation, three
from compass.deployment_capacity.question import CapacityQuestion
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.subject import Format, formats_of, usual_context
from compass.deployment_capacity.types import Arrangement, Job, Limit, LoadPoint
from compass.deployment_capacity.wording import rate_words
from compass.planning import divides

SECONDS_AN_HOUR = 3600.0
Pair = tuple[Layout, Format]


@dataclass(frozen=True)
class Worked:
    """Arrangements in order, with what their curves are made from."""

    arrangements: tuple[Arrangement, ...]
    operation: Operation | None
    """Of those that fit; None where nothing does."""
    rows: tuple[int, ...]
    """Row of `operation` of each arrangement, −1 where it does not fit."""

    @property
    def best(self) -> Arrangement:
        """The first."""
        return self.arrangements[0]


def work_out(scene: Scene) -> Worked:
    """Every arrangement of the scene's GPUs, best first.

    Raises:
        InvalidInput: the stated tensor parallel size needs more GPUs than there are.
    """
    pairs = pairs_of(scene)
    gpu, subject = scene.hardware.gpu, scene.subject
    batch = scene.estimator.compile(
        [
            subject.configuration(
                form, gpu, layout.tensor_parallel, layout.pipeline_parallel, layout.data_parallel
            )
            for layout, form in pairs
        ]
    )
    fits = batch.memory.fits
    operation = operation_of(scene, pairs, batch, fits) if fits.any() else None
    served = serve(scene, operation) if operation else {}
    places = dict(zip(np.flatnonzero(fits).tolist(), range(int(fits.sum())), strict=True))
    cost = monthly_cost(
        scene.catalog, gpu, scene.hardware.in_catalog, scene.count, scene.wishes, scene.question.specification
    )
    sizes = Sizes(longest_context(batch), requests_held(batch, scene.question.load.context_tokens))
    made = [
        (arrangement_of(scene, pair, batch, row, sizes, cost, served.get(places.get(row, -1))), row)
        for row, pair in enumerate(pairs)
    ]
    made.sort(key=lambda entry: order_of(scene, entry[0]), reverse=True)
    return Worked(tuple(one for one, _ in made), operation, tuple(places.get(row, -1) for _, row in made))


def pairs_of(scene: Scene) -> list[Pair]:
    """Each layout in each format.

    Raises:
        InvalidInput: the stated tensor parallel size needs more GPUs than there are, or does not divide.
    """
    stated = scene.wishes.tensor_parallel
    ways = layouts(scene.subject.architecture, scene.count, scene.hardware.node, stated)
    if not ways:
        raise InvalidInput(
            "tensor_parallel",
            f"{stated} GPUs that share a layer are more than the {scene.count} that are there.",
        )
    if stated and not divides(scene.subject.architecture, stated):
        raise InvalidInput(
            "tensor_parallel",
            f"{stated} GPUs do not divide the {scene.subject.architecture.attention_heads} attention heads "
            f"of {scene.subject.short} evenly. Give a number that does, or say nothing of it.",
        )
    forms = formats_of(scene.subject, scene.hardware.gpu, scene.wishes.precision)
    return [(layout, form) for form in forms for layout in ways]


@dataclass(frozen=True)
class Sizes:
    """What the caches hold, arrays of shape (N,)."""

    longest: FloatArray
    held: FloatArray
    """Requests of the stated context, of one replica."""


@dataclass(frozen=True)
class Served:
    """What one arrangement does under load."""

    at_load: LoadPoint
    full_load: LoadPoint
    limit: Limit
    overloaded: bool
    """The stated rate is more than it can ever carry."""
    nearest_run: int
    distance: float


def operation_of(scene: Scene, pairs: list[Pair], batch: CompiledBatch, fits: BoolArray) -> Operation:
    """The arrangements that fit, serving the question's requests."""
    at = np.flatnonzero(fits)
    load = scene.question.load
    kept = batch.rows(at)
    return Operation(
        batch=kept,
        replicas=np.array([pairs[row][0].replicas for row in at], dtype=np.int64),
        prompt_tokens=load.prompt_tokens,
        output_tokens=load.output_tokens,
        cached_share=scene.question.cached_share,
        cache_tokens=kept.cache_tokens(load.prompt_tokens, load.output_tokens),
    )


def serve(scene: Scene, operation: Operation) -> dict[int, Served]:
    """Latencies at the load, at full load, and the limit of each row."""
    question = scene.question
    full = operation.full_load() * operation.replicas
    full_points, _ = operation.points(full)
    totals = full.copy()
    overloaded = np.zeros(len(full), dtype=bool)
    if question.concurrent is not None:
        totals = np.full(len(full), question.concurrent)
    elif question.rate is not None:
        busy = operation.in_flight_at(question.rate) * operation.replicas
        overloaded = ~np.isfinite(busy)
        totals = np.where(overloaded, full, busy)
    elif question.load.form == "none" and not asks_for_full_load(scene):
        totals = np.ones(len(full))
    points, seen = operation.points(totals)
    if question.rate is not None:
        points = [
            point if overloaded[row] else at_rate(point, question.rate, question.load.output_tokens)
            for row, point in enumerate(points)
        ]
    closed = question.concurrent is not None and not question.is_batch
    limits = limits_of(operation, question.targets, question.specification.percentile, closed)
    return {
        row: Served(points[row], full_points[row], limits[row], bool(overloaded[row]), *nearest(seen, row))
        for row in range(len(full))
    }


def asks_for_full_load(scene: Scene) -> bool:
    """Whether a question without a load is about throughput and not about one request."""
    return bool({"throughput", "cost", "duration"} & set(scene.asked))


def at_rate(point: LoadPoint, rate: float, output_tokens: int) -> LoadPoint:
    """A point under arrivals: what comes is served, so that rate and tokens a second are those that come."""
    tokens = three(rate * output_tokens)
    same = {"value": tokens, "low": tokens, "high": tokens}
    interval = point.output_tokens_per_second_interval.model_copy(update=same)
    return point.model_copy(
        update={
            "requests_per_second": three(rate),
            "output_tokens_per_second": tokens,
            "output_tokens_per_second_interval": interval,
        }
    )


def nearest(seen: Latencies, row: int) -> tuple[int, float]:
    """The nearest measured run of a row, and how far it is."""
    return int(seen.nearest_run[row]), float(seen.distance[row])


def arrangement_of(
    scene: Scene,
    pair: Pair,
    batch: CompiledBatch,
    row: int,
    sizes: Sizes,
    cost: MonthlyCost,
    served: Served | None,
) -> Arrangement:
    """One arrangement with everything that is known of it."""
    layout, form = pair
    window = scene.subject.context_tokens
    longest = int(sizes.longest[row])
    bound = window is not None and longest >= window
    evidence = scene.estimator.evidence_of(
        served.nearest_run if served else -1, round(served.distance, 2) if served else None
    )
    made = Arrangement(
        model=scene.subject.name,
        tensor_parallel=layout.tensor_parallel,
        pipeline_parallel=layout.pipeline_parallel,
        data_parallel=layout.data_parallel,
        replicas=layout.replicas,
        precision=form.precision,
        checkpoint=form.checkpoint,
        gpus_idle=scene.count - layout.gpus * layout.replicas,
        fits=served is not None,
        starts=form.problem is None,
        memory_gib=memory_of_gpu(batch, row),
        kv_cache_tokens=int(batch.memory.kv_capacity_tokens[row]),
        kv_cache_tokens_interval=cache_tokens_interval(batch, row),
        max_context_tokens=min(longest, window) if window else longest,
        context_bound="model" if bound else "memory",
        max_concurrent_requests=int(sizes.held[row]) * layout.replicas,
        at_load=served.at_load if served else None,
        full_load=served.full_load if served else None,
        limit=served.limit if served else None,
        job=job_of(scene.question, served, scene.count, cost) if served else None,
        evidence=evidence,
        usd_per_month=cost.usd,
        price_source=cost.source,
    )
    short = form.problem or shortfall(scene, made, served)
    return made.model_copy(update={"holds": not short, "falls_short": short})


def job_of(question: CapacityQuestion, served: Served, count: int, cost: MonthlyCost) -> Job | None:
    """A batch job, or what is done in a window, with as many requests in flight as was said or fit."""
    point = served.at_load if question.concurrent is not None else served.full_load
    an_hour = point.requests_per_second * SECONDS_AN_HOUR
    items, deadline = question.items, question.deadline_hours
    if items is None and deadline is None:
        return None
    if items is None:
        # A window without a number of requests: as many as are done in it.
        items, deadline = int(three(an_hour * (deadline or 0.0))), None
    hours = items / an_hour
    hourly = cost.usd_per_hour
    return Job(
        items=items,
        hours=three(hours),
        gpu_hours=three(hours * count),
        usd_per_job=None if hourly is None else round(hours * hourly, 2),
        deadline_hours=deadline,
    )


def shortfall(scene: Scene, made: Arrangement, served: Served | None) -> str:
    """What was stated and does not hold, in words; empty where everything does."""
    question = scene.question
    if served is None:
        memory = made.memory_gib
        usable = scene.hardware.gpu.memory_gib * 0.9
        return (
            f"weights and runtime take {memory.weights + memory.runtime:.1f} GiB of each GPU, and the engine "
            f"may use {usable:.1f} of {memory.total_per_gpu:g}"
        )
    if question.context_tokens and made.max_context_tokens < question.context_tokens:
        whose = "its own window" if made.context_bound == "model" else "the KV cache"
        return (
            f"the longest request is {made.max_context_tokens:,} tokens ({whose}), not "
            f"{question.context_tokens:,}"
        )
    if served.overloaded:
        most = max(served.full_load.requests_per_second, served.limit.requests_per_second)
        return f"{rate_words(most)} is the most it carries, not {number(question.rate or 0)}"
    if question.concurrent and not question.is_batch and question.concurrent > made.max_concurrent_requests:
        return (
            f"the KV cache holds {counted(made.max_concurrent_requests, 'request')} of "
            f"{question.load.context_tokens:,} tokens at once, not {question.concurrent:,.0f}: the rest waits"
        )
    if made.job and made.job.deadline_hours and made.job.hours > made.job.deadline_hours:
        return f"the job takes {duration(made.job.hours)}, not {duration(made.job.deadline_hours)}"
    return broken_targets(question, made, served)


def broken_targets(question: CapacityQuestion, made: Arrangement, served: Served) -> str:
    """The stated targets that do not hold at the load, or at any load where none was stated."""
    stated = question.stated_targets
    if not stated:
        return ""
    limit = served.limit
    if question.rate is not None and limit.requests_per_second < question.rate:
        return (
            f"inside your targets it carries {rate_words(limit.requests_per_second)}, not "
            f"{number(question.rate)}; above that {limit.breaks} breaks"
        )
    if question.rate is None and question.concurrent is None:
        return (
            "" if limit.requests_per_second > 0 else f"{limit.breaks} breaks even with one request at a time"
        )
    point = served.at_load
    typical = {"TTFT": point.ttft_ms, "ITL": point.itl_ms, "E2E": point.e2e_ms}
    broken = [
        f"{target.name} is {milliseconds(typical[target.name].value)}, not "
        f"{exact_milliseconds(target.milliseconds)}"
        for target in stated
        if question.concurrent is not None and typical[target.name].value > target.milliseconds
    ]
    return " and ".join(broken)


def order_of(scene: Scene, made: Arrangement) -> tuple[float, ...]:
    """The larger the better: what was stated holds, room for usual requests, quality, then what is asked."""
    spared = scene.subject.spares(made.precision)
    if not made.fits:
        lacking = made.memory_gib.weights + made.memory_gib.runtime
        return (0.0, float(made.starts), 0.0, float(spared), -lacking)
    return (
        1.0,
        float(made.starts),
        float(made.holds),
        float(made.max_context_tokens >= usual_context(scene.subject)),
        float(spared or not made.holds),
        float(stays_usual(scene, made)),
        # A pipeline, and ranks over machines, are a last resort: where heads do not divide, GPUs would stand
        # idle, or one machine does not hold the model.
        float(made.gpus_idle == 0 or not made.holds),
        float(made.pipeline_parallel * made.data_parallel == 1 or not made.holds),
        *asked_for(scene, made),
    )


def stays_usual(scene: Scene, made: Arrangement) -> bool:
    """Whether the stated load stays inside the targets that the limit was worked out with."""
    question = scene.question
    is_open = question.rate is None and question.concurrent is None
    return not is_open and carries_inside(made.limit, question.rate, question.concurrent)


def asked_for(scene: Scene, made: Arrangement) -> tuple[float, ...]:
    """The figures that the question is about, most important first."""
    return reason_for(scene, made)[1]


def reason_for(scene: Scene, made: Arrangement) -> tuple[str, tuple[float, ...]]:
    """What the question makes the most of in words, and its figures, most important first."""
    question, asked = scene.question, set(scene.asked)
    full, point, limit = made.full_load, made.at_load, made.limit
    assert full and point and limit  # it fits
    context, requests = float(made.max_context_tokens), float(made.max_concurrent_requests)
    cache = float(made.kv_cache_tokens * made.replicas)
    if "max_context" in asked or (question.context_tokens and not made.holds):
        return "the longest context", (context, cache)
    if "concurrency" in asked and question.concurrent is None and question.rate is None:
        best = limit.concurrent_requests if question.stated_targets else requests
        return "the most requests at once", (best, full.output_tokens_per_second)
    if question.is_batch:
        return "the most requests an hour", (full.requests_per_second,)
    if "latency" in asked:
        return "the shortest time for a whole answer", (-point.e2e_ms.value,)
    if question.concurrent is not None and not made.holds and not question.stated_targets:
        return "the most requests at once", (requests, full.output_tokens_per_second)
    if question.stated_targets and question.concurrent is None:
        return "the most requests/s inside your targets", (limit.requests_per_second,)
    if question.rate is not None:
        inside = limit.requests_per_second if limit.targets else 0.0
        return "the most requests/s", (inside, full.requests_per_second)
    if question.load.form == "none":
        return "the most output tokens/s at full load", (full.output_tokens_per_second, -point.e2e_ms.value)
    return "the most output tokens/s at this load", (point.output_tokens_per_second, -point.e2e_ms.value)


def choice_words(scene: Scene, arrangements: tuple[Arrangement, ...]) -> str:
    """Why the first arrangement is the best; empty where there is no other or none fits."""
    best, fitting = arrangements[0], [one for one in arrangements if one.fits]
    if len(arrangements) == 1 or not best.fits or not best.starts:
        return ""
    if len(fitting) == 1:
        return f"the only one of {len(arrangements)} that fits"
    if [one for one in fitting if one.holds] == [best]:
        return f"the only one of {len(fitting)} that fit which carries what was stated"
    if [one for one in fitting if stays_usual(scene, one)] == [best]:
        return f"the only one of {len(fitting)} that fit which keeps the usual targets at this load"
    lossy = any(not scene.subject.spares(one.precision) for one in fitting)
    spared = " in a format that keeps the quality" if lossy and scene.subject.spares(best.precision) else ""
    return f"of {len(fitting)} that fit, {reason_for(scene, best)[0]}{spared}"
