"""Works out one side of a comparison: its hardware as it was named, or as many GPUs as the load asks for."""

import math
from collections.abc import Iterable, Sequence

from compass.capacity import Estimator
from compass.catalog import Catalog, match_models
from compass.comparison.types import ComparedPlan, Side
from compass.deployment_capacity import Arrangement, CapacityAnswer, deployment_capacity
from compass.planning import HOURS_PER_MONTH, UTILISATION_TARGET, Wishes, quality_of, short_name

MOST_GPUS = 1024
MACHINE = 8
COUNTS = (1, 2, 4, 8, 16)
HARDWARE, FORMAT = 0, 2
"""Places of a label's parts."""
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600


def sides_of(wishes: Wishes, named: Iterable[Side]) -> tuple[Side, ...]:
    """The sides that were named, else one for each GPU or each model of the wishes."""
    sides = tuple(named)
    if len(sides) > 1:
        return sides
    if len(wishes.preferred_gpu_types) > 1:
        return tuple(Side(gpu=name) for name in wishes.preferred_gpu_types)
    return tuple(Side(model=name) for name in wishes.preferred_models)


def wishes_of(wishes: Wishes, side: Side) -> Wishes:
    """The common wishes with what the side says of its own."""
    own = {
        "preferred_gpu_types": (side.gpu,) if side.gpu else None,
        "preferred_models": (side.model,) if side.model else None,
        "gpu_count": side.gpu_count,
        "precision": side.precision,
        "tensor_parallel": side.tensor_parallel,
        "provider": side.provider,
        "pricing": side.pricing,
    }
    return wishes.changed(**{name: value for name, value in own.items() if value is not None})


def work_out_side(
    catalog: Catalog, estimator: Estimator, wishes: Wishes, side: Side, asked: tuple[str, ...]
) -> CapacityAnswer:
    """What the side carries; where nobody said how many GPUs, as many as the stated load asks for."""
    mine = wishes_of(wishes, side)
    answer = deployment_capacity(catalog, estimator, mine, asked)
    if mine.gpu_count is not None or answer.load is None or answer.load.form in ("none", "batch"):
        return answer
    # On a whole machine every size of a replica is seen.
    machine = deployment_capacity(catalog, estimator, mine.changed(gpu_count=MACHINE), asked)
    count = gpus_for(machine)
    if count is None or count > MOST_GPUS:
        return answer
    return deployment_capacity(catalog, estimator, mine.changed(gpu_count=count), asked)


def gpus_for(answer: CapacityAnswer) -> int | None:
    """The fewest GPUs of the best format at which the stated load takes four fifths of the limit."""
    best = answer.best
    if best is None:
        return None
    found = [gpus_of(one, answer) for one in answer.arrangements if one.precision == best.precision]
    return min((count for count in found if count is not None), default=None)


def gpus_of(one: Arrangement, answer: CapacityAnswer) -> int | None:
    """GPUs in replicas of this size that carry the stated load; None where no number of them does."""
    if not one.fits or one.at_load is None or one.limit is None or answer.load is None:
        return None
    if (rate := answer.load.requests_per_second) is not None:
        wanted, room, share = rate, one.limit.requests_per_second, UTILISATION_TARGET
    else:
        wanted, room, share = one.at_load.concurrent_requests, one.limit.concurrent_requests, 1.0
    if room <= 0:
        return None
    replica = one.gpus_per_replica
    return replica * math.ceil(one.replicas * wanted / (room * share) - 1e-9)


def compared(catalog: Catalog, side: Side, answer: CapacityAnswer, label: str) -> ComparedPlan:
    """The side's figures at the common load, or why there are none."""
    best = answer.best
    if best is None or not best.fits or best.at_load is None or best.full_load is None or best.limit is None:
        format_ = next((one for one in answer.helps if one.kind == "format"), None)
        otherwise = f" {format_.change}: {format_.effect}." if format_ else ""
        why = answer.question or f"{answer.why}{otherwise}"
        return ComparedPlan(label=label, gpu=answer.gpu, gpus=answer.gpu_count, model=answer.model, why=why)
    usd = price_of(side, answer, best)
    full = best.full_load.output_tokens_per_second
    million = None if usd is None else usd / (full * SECONDS_PER_MONTH) * 1e6
    point = best.full_load if answer.load and answer.load.form in ("none", "batch") else best.at_load
    return ComparedPlan(
        label=label,
        model=best.model,
        precision=best.precision,
        gpu=answer.gpu,
        gpus=answer.gpu_count,
        tensor_parallel=best.tensor_parallel,
        pipeline_parallel=best.pipeline_parallel,
        replicas=best.replicas,
        fits=True,
        holds=best.holds,
        why=best.falls_short,
        concurrent_requests=point.concurrent_requests,
        requests_per_second=point.requests_per_second,
        output_tokens_per_second=point.output_tokens_per_second_interval,
        output_tokens_per_second_per_gpu=float(f"{full / (answer.gpu_count or 1):.3g}"),
        ttft_ms=point.ttft_ms,
        itl_ms=point.itl_ms,
        e2e_ms=point.e2e_ms,
        limit_requests_per_second=best.limit.requests_per_second,
        limit_breaks=best.limit.breaks,
        limit_targets=best.limit.targets,
        memory_gib=best.memory_gib,
        max_context_tokens=best.max_context_tokens,
        max_concurrent_requests=best.max_concurrent_requests,
        usd_per_month=usd,
        price_source="your price" if side.usd_per_month or side.usd_per_gpu_hour else best.price_source,
        usd_per_million_output_tokens=None if million is None else float(f"{million:.3g}"),
        quality=quality(catalog, best.model, answer),
        evidence=best.evidence,
        remarks=answer.remarks,
    )


def price_of(side: Side, answer: CapacityAnswer, best: Arrangement) -> float | None:
    """US dollars a month: the side's own price, else that of the list."""
    if side.usd_per_month is not None:
        return side.usd_per_month
    if side.usd_per_gpu_hour is not None:
        return round(side.usd_per_gpu_hour * (answer.gpu_count or 1) * HOURS_PER_MONTH, 2)
    return best.usd_per_month


def quality(catalog: Catalog, name: str, answer: CapacityAnswer) -> float | None:
    """Quality of a model of the catalog for the use case, 0 to 100."""
    found = [model for model in match_models(catalog, name) if model.id == name]
    return quality_of(found[0], answer.use_case).value if found and answer.use_case else None


def same_count(
    catalog: Catalog, estimator: Estimator, wishes: Wishes, sides: Sequence[Side], asked: tuple[str, ...]
) -> Sequence[Side]:
    """The sides with one number of GPUs where they name the same GPU, and neither a number nor a load.

    It is the fewest on which all fit in some format; where none is found, one.
    """
    names = {side.gpu or (wishes.preferred_gpu_types or ("",))[0] for side in sides}
    if len(names) > 1 or wishes.gpu_count or any(side.gpu_count for side in sides):
        return sides
    for count in COUNTS:
        counted_sides = [side.model_copy(update={"gpu_count": count}) for side in sides]
        answers = [
            deployment_capacity(catalog, estimator, wishes_of(wishes, side), asked) for side in counted_sides
        ]
        if any(answer.load is None or answer.load.form not in ("none", "batch") for answer in answers):
            return sides
        if all(answer.best and answer.best.fits and answer.best.starts for answer in answers):
            return counted_sides
    return [side.model_copy(update={"gpu_count": 1}) for side in sides]


def labels_of(sides: Sequence[Side], answers: Sequence[CapacityAnswer]) -> list[str]:
    """What tells the sides apart, no more: hardware, else model, else format, arrangement and engine."""
    parts = [parts_of(side, answer) for side, answer in zip(sides, answers, strict=True)]
    differ = [len(set(column)) > 1 for column in zip(*parts, strict=True)]
    shown = [place for place, does in enumerate(differ) if does]
    # A format that only follows from the model or the GPU is in the table.
    stated = any(side.precision for side in sides)
    shown = [place for place in shown if place != FORMAT or stated or shown == [FORMAT]] or [HARDWARE]
    labels = [" ".join(each[place] for place in shown if each[place]) for each in parts]
    # Sides that are alike in everything are told apart by their place.
    return [
        f"{label} ({place})" if labels.count(label) > 1 else label for place, label in enumerate(labels, 1)
    ]


def common_hardware(sides: Sequence[Side], answers: Sequence[CapacityAnswer]) -> str:
    """The GPUs of every side where they are the same, else empty."""
    named = {parts_of(side, answer)[HARDWARE] for side, answer in zip(sides, answers, strict=True)}
    return named.pop() if len(named) == 1 else ""


def parts_of(side: Side, answer: CapacityAnswer) -> tuple[str, ...]:
    """Hardware, model, format, arrangement, engine, cloud and kind of price."""
    gpu = answer.gpu or side.gpu or "no GPU"
    return (
        f"{answer.gpu_count} × {gpu}" if answer.gpu_count else gpu,
        short_name(answer.model or side.model or ""),
        answer.best.precision if answer.best else side.precision or "",
        f"TP{side.tensor_parallel}" if side.tensor_parallel else "",
        side.engine or "",
        side.provider or "",
        side.pricing or "",
    )
