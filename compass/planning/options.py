"""Rows of the search as options with their predictions, arithmetic and reasons."""

import math

import numpy as np

from compass.capacity import BoolArray, FloatArray
from compass.core import Evidence, Interval
from compass.planning.quality import quality_of
from compass.planning.search import UTILISATION_TARGET, Search, Table, chance, latencies, limits_of
from compass.planning.types import LoadPoint, Option, View

CURVE = np.concatenate([np.linspace(0.05, 1.0, 10), [1.05, 1.15]])
"""Loads of a capacity curve, of the capacity."""
TIMES_AS_MANY, TRIED = 4, 24
"""Replicas for other probabilities: up to so many times the planned, at so many places."""
SECONDS_A_MONTH = 730 * 3600
ORDER: tuple[View, ...] = ("balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest")


def build_options(
    found: Search, table: Table, rows: list[int], views: dict[View, int], front: BoolArray, total: FloatArray
) -> tuple[Option, ...]:
    """Rows in full: with the view that each wins, its capacity curve and replicas for other probabilities."""
    limits = limits_of(found, table, rows)
    curves = capacity_curves(found, table, rows)
    counts = replicas_for(found, table, rows)
    built = []
    for at, row in enumerate(rows):
        won = tuple(view for view in ORDER if views[view] == row)
        option = build_option(found, table, row, limits[at], bool(front[row]), float(total[row]))
        more = {"views": won, "curve": curves[at], "replicas_for": counts[at]}
        built.append(option.model_copy(update=more | {"why": why(found, table, row, won)}))
    return tuple(built)


def build_option(found: Search, table: Table, row: int, limit: str, pareto: bool, score: float) -> Option:
    """One row as an option that wins no view; `limit` stops a replica from carrying more."""
    wish = found.specification
    candidate = found.field.candidates[table.index[row]]
    offer = found.offers[candidate.gpu.name][table.offer[row]]
    size, replicas, billed = int(table.size[row]), int(table.replicas[row]), int(table.billed[row])
    carried = float(table.capacity_per_s[row])
    month = float(table.usd_per_month[row])
    quality = quality_of(candidate.model, wish.use_case)
    million_out, million_in, million_full = token_prices(found, table, row)
    return Option(
        model=candidate.model.id,
        checkpoint=candidate.checkpoint.id,
        precision=candidate.checkpoint.precision,
        gpu=candidate.gpu.name,
        tensor_parallel=size,
        replicas=replicas,
        gpus=replicas * size,
        gpus_billed=billed,
        concurrency_per_replica=round(float(table.concurrency[row]), 1),
        capacity_requests_per_second=figures(carried, 4),
        utilization=figures(wish.peak_requests_per_second / (carried * replicas), 3),
        replica_arithmetic=replica_arithmetic(found, carried, replicas),
        binding_constraint=limit,
        **intervals(found, table, row),
        slo_probability=figures(float(table.probability[row]), 3),
        evidence=evidence_of(found, table, row),
        usd_per_gpu_hour=offer.usd_per_gpu_hour,
        price_source=offer.source,
        usd_per_hour=figures(billed * offer.usd_per_gpu_hour, 6),
        usd_per_month=round(month, 2),
        usd_per_million_output_tokens=figures(million_out, 3),
        usd_per_million_input_tokens=figures(million_in, 3),
        usd_per_million_output_tokens_full_load=figures(million_full, 3),
        cost_arithmetic=cost_arithmetic(replicas, size, billed, offer.usd_per_gpu_hour, month),
        quality=quality.value,
        quality_note=quality.note,
        score=figures(score, 4),
        why=why(found, table, row, ()),
        pareto=pareto,
    )


def figures(value: float, digits: int) -> float:
    """A number with so many significant digits: more would claim to be known."""
    return float(f"{value:.{digits}g}")


def intervals(found: Search, table: Table, row: int) -> dict[str, Interval]:
    """The three predictions with their 80 % intervals."""
    at = int(table.row[row])
    ttft, itl, e2e = float(table.ttft_ms[row]), float(table.itl_ms[row]), float(table.e2e_ms[row])
    up_ttft = math.exp(float(found.pace.ttft_log_spread[at]))
    up_itl = math.exp(float(found.pace.itl_log_spread[at]))
    decode = max(0.0, e2e - ttft)
    return {
        "ttft_p95_ms": interval(ttft, ttft / up_ttft, ttft * up_ttft),
        "itl_p95_ms": interval(itl, itl / up_itl, itl * up_itl),
        "e2e_p95_ms": interval(e2e, ttft / up_ttft + decode / up_itl, ttft * up_ttft + decode * up_itl),
    }


def interval(value: float, low: float, high: float) -> Interval:
    """With three digits each."""
    return Interval(value=figures(value, 3), low=figures(low, 3), high=figures(high, 3))


def evidence_of(found: Search, table: Table, row: int) -> Evidence:
    """The nearest measured run and how far it is."""
    at = int(table.row[row])
    distance = float(found.pace.distance[at])
    evidence = found.field.estimator.evidence_of(int(found.pace.nearest_run[at]), distance)
    # Even next to a measured run, a percentile under open arrivals at another load is our model's.
    return evidence.model_copy(update={"kind": "estimated", "distance": figures(distance, 2)})


def replica_arithmetic(found: Search, carried: float, replicas: int) -> str:
    """The division that a person can check."""
    wish = found.specification
    peak = wish.peak_requests_per_second
    text = f"ceil({peak:.4g} / ({carried:.4g} × {UTILISATION_TARGET:.2f})) = "
    if wish.availability == "n+1":
        return f"{text}{replicas - 1}, plus 1 for n+1 = {replicas}"
    return f"{text}{replicas}"


def cost_arithmetic(replicas: int, size: int, billed: int, price: float, month: float) -> str:
    """The product that a person can check."""
    gpus = replicas * size
    whole = f" ({replicas} × {size} = {gpus} used, whole machines are rented)" if billed > gpus else ""
    return f"{billed} GPU{'s' if billed > 1 else ''}{whole} × ${price:.4g} × 730 h = ${month:,.0f}"


def token_prices(found: Search, table: Table, row: int) -> tuple[float, float, float]:
    """US dollars per million output and input tokens at the mean load, and output tokens at full load.

    Money is split between input and output by the engine time that each takes.
    """
    wish = found.specification
    month, at = float(table.usd_per_month[row]), int(table.row[row])
    profiles = found.pace.profiles
    prompt, output = wish.prompt_tokens, wish.output_tokens
    linear, square = profiles.prefill_ms_per_token[at], profiles.prefill_ms_per_token_squared[at]
    prefill = prompt * float(linear + square * prompt / 2)
    decode = output * float(table.itl_ms[row]) / max(1.0, float(table.concurrency[row]))
    share = decode / (prefill + decode)
    requests = wish.mean_requests_per_second * SECONDS_A_MONTH
    full = float(table.capacity_per_s[row]) * int(table.replicas[row]) * SECONDS_A_MONTH
    return (
        month * share / (requests * output) * 1e6,
        month * (1 - share) / (requests * prompt) * 1e6,
        month * share / (full * output) * 1e6,
    )


def replicas_for(found: Search, table: Table, rows: list[int]) -> list[dict[str, int]]:
    """The fewest replicas that hold with 90, 95 and 99 %; missing where 4 × as many do not."""
    tried = [
        np.unique(np.round(np.geomspace(1, int(table.replicas[row]) * TIMES_AS_MANY, TRIED)).astype(np.int64))
        for row in rows
    ]
    every = np.repeat(table.row[rows], [len(counts) for counts in tried])
    rates = found.specification.peak_requests_per_second / np.concatenate(tried)
    chances = chance(found, every, latencies(found, every, rates))
    answers = []
    for counts, mine in zip(tried, np.split(chances, np.cumsum([len(c) for c in tried])[:-1]), strict=True):
        enough = {percent: np.flatnonzero(mine >= percent / 100) for percent in (90, 95, 99)}
        answers.append({str(key): int(counts[at[0]]) for key, at in enough.items() if len(at)})
    return answers


def why(found: Search, table: Table, row: int, views: tuple[View, ...]) -> str:
    """The reason in one sentence, for the first view that the option wins."""
    wish = found.specification
    candidate = found.field.candidates[table.index[row]]
    margin = 1 - max(
        table.ttft_ms[row] / wish.ttft_p95_ms,
        table.itl_ms[row] / wish.itl_p95_ms,
        table.e2e_ms[row] / wish.e2e_p95_ms,
    )
    reasons = {
        "balanced": "best score of quality, cost, margin and simplicity",
        "best_accuracy": "highest published quality for the use case, cheapest way to serve it",
        "lowest_cost": "cheapest of all that hold every target",
        "lowest_latency": "cheapest of those that cannot be told apart from the fastest",
        "simplest": "fewest GPUs",
    }
    lead = reasons[views[0]] if views else "on the Pareto front"
    quality = quality_of(candidate.model, wish.use_case)
    scored = "no published score" if quality.value is None else f"quality {quality.value:.0f} of 100"
    if quality.value is not None and quality.covered < 0.5:
        scored += " (mostly inferred)"
    return f"{lead[0].upper()}{lead[1:]}: {scored}, {100 * margin:.0f} % below the tightest target."


def capacity_curves(found: Search, table: Table, rows: list[int]) -> list[tuple[LoadPoint, ...]]:
    """Latencies of one replica of each row from near idle to a little above its capacity."""
    wish = found.specification
    rates = table.capacity_per_s[rows][:, None] * CURVE
    every = np.repeat(table.row[rows], len(CURVE))
    seen = np.stack([rates.ravel(), *latencies(found, every, rates.ravel())])
    points = seen.reshape(5, len(rows), len(CURVE)).transpose(1, 2, 0)
    targets = np.array([wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms])
    return [
        tuple(load_point(point, targets) for point in mine if np.isfinite(point).all()) for mine in points
    ]


def load_point(values: FloatArray, targets: FloatArray) -> LoadPoint:
    """One load: rate, TTFT, ITL, E2E and concurrency."""
    rate, ttft, itl, e2e, concurrency = (figures(float(value), 4) for value in values)
    return LoadPoint(
        requests_per_second=rate,
        concurrency=concurrency,
        ttft_p95_ms=ttft,
        itl_p95_ms=itl,
        e2e_p95_ms=e2e,
        holds=bool((values[1:4] <= targets).all()),
    )
