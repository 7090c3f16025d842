"""A capacity answer for a person at a terminal: verdict first, memory as a bar, latency against load."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_text import first_of, labelled, show
from compass.core import counted, duration, latency, milliseconds, number, percent
from compass.deployment_capacity import (
    Arrangement,
    CapacityAnswer,
    Limit,
    LoadPoint,
    MemoryOfGpu,
    arrangement_words,
    cost_words,
    limit_words,
    measured_words,
    suggestion_words,
)
from compass.planning import assumption_words, evidence_words

BAR = 48
TARGETS = {"ttft_ms", "itl_ms", "e2e_ms"}
COLOURS = {"yes": "green", "no": "red", "partly": "yellow"}
PARTS = (
    ("weights", "weights", "█", "blue"),
    ("runtime", "runtime", "▓", "magenta"),
    ("kv_cache", "KV cache", "▒", "green"),
    ("free", "free", "░", "dim"),
)
HEADINGS = ("KV cache a replica", "longest context", "at once", "tokens/s full")
CURVE_SHOWN, ARRANGEMENTS_SHOWN, HELPS_SHOWN, MEASURED_SHOWN, SUGGESTIONS_SHOWN = 6, 5, 3, 1, 3
FULL, NOTES_SHOWN = 2, 3
"""Lines that lists give up where models are suggested too."""


def render_capacity(answer: CapacityAnswer, engine: str = "") -> RenderableType:
    """The answer as rich text; `engine` says which model read the request."""
    return Group(*([Text(engine, "dim")] if engine else []), *blocks(answer))


def blocks(answer: CapacityAnswer) -> Iterator[RenderableType]:
    """Each part, in reading order."""
    if answer.unread:
        yield Text(f"Not used: {' · '.join(answer.unread)}", style="yellow")
    if answer.question:
        yield labelled([("Question", answer.question)])
    if answer.verdict:
        word = Text(answer.verdict_words, style=f"bold {COLOURS[answer.verdict]}")
        yield Text.assemble(word, "   ", (answer.why, "bold"))
    shown = NOTES_SHOWN if answer.best is not None else len(answer.remarks)
    for remark in answer.remarks[:shown]:
        yield Text(f"Note: {remark}", style="yellow")
    if more := " ".join(answer.remarks[shown:]):
        yield Text(f"Note: {more}", style="dim")
    if answer.best is not None:
        yield Text()
        yield labelled(size_rows(answer, answer.best))
        gap = [] if given_up(answer) else [Text()]
        if answer.curve:
            yield from gap
            yield curve_table(answer)
        if len(answer.arrangements) > 1:
            yield from gap
            yield arrangements_table(answer.arrangements[: ARRANGEMENTS_SHOWN - given_up(answer)])
        yield Text()
        yield labelled(endings(answer, answer.best))
    elif answer.assumptions and answer.verdict:
        yield labelled([assumed(answer)])


def given_up(answer: CapacityAnswer) -> int:
    """Lines fewer of each list, where the screen is full."""
    return FULL if answer.suggestions or len(answer.remarks) > 1 else 0


def size_rows(answer: CapacityAnswer, best: Arrangement) -> Iterator[tuple[str, str | Text]]:
    """Memory of a GPU as a bar with its figures, then what the cache holds."""
    yield "Memory", memory_bar(best.memory_gib)
    if not best.fits or answer.load is None:
        return
    whose = "its own window" if best.context_bound == "model" else "all that fits"
    yield (
        "Holds",
        (
            f"{best.kv_cache_tokens:,} tokens of KV cache a replica{span(best)} · longest context "
            f"{best.max_context_tokens:,} ({whose}) · {counted(best.max_concurrent_requests, 'request')} of "
            f"{answer.load.context_tokens:,} tokens at once"
        ),
    )
    lengths = f"{answer.load.prompt_tokens:,} → {answer.load.output_tokens:,} tokens"
    yield "Load", f"{answer.load.words} · {lengths}"
    if best.limit:
        yield "Limit", limit_words(best.limit)
    if best.job:
        yield "Job", job_words(best)


def span(best: Arrangement) -> str:
    """The interval of the cache's size."""
    seen = best.kv_cache_tokens_interval
    return f" [{seen.low:,.0f}–{seen.high:,.0f}]"


def job_words(best: Arrangement) -> str:
    """Hours, GPU-hours and dollars of a batch job."""
    job = best.job
    assert job
    dollars = "no price is listed" if job.usd_per_job is None else f"${job.usd_per_job:,.2f} a job"
    figures = f"{duration(job.hours)} · {number(job.gpu_hours)} GPU-hours · {dollars}"
    return f"{counted(job.items, 'request')}: {figures}"


def memory_bar(memory: MemoryOfGpu) -> Text:
    """Weights, runtime, KV cache and free memory as a bar, and below it in GiB."""
    bar, words = Text(), Text()
    whole = max(memory.total_per_gpu, memory.weights + memory.runtime)
    for name, title, sign, colour in PARTS:
        size = getattr(memory, name)
        bar.append(sign * round(BAR * size / whole), style=colour)
        words.append(f"{sign} {title} {size:g}   ", style=colour)
    return Text.assemble(bar, "\n", words, f"of {memory.total_per_gpu:g} GiB a GPU")


def curve_table(answer: CapacityAnswer) -> Table:
    """Concurrency against latency and tokens a second; the stated load is marked."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("", "at once", "output tokens/s", "requests/s", "TTFT", "ITL", "E2E"):
        table.add_column(heading, justify="right", no_wrap=True)
    at = answer.best.at_load if answer.best else None
    for point in shown_points(answer):
        tokens = point.output_tokens_per_second_interval
        stated = at is not None and point.concurrent_requests == at.concurrent_requests
        table.add_row(
            "→" if stated else "",
            number(point.concurrent_requests),
            f"{number(tokens.value)} [{number(tokens.low)}–{number(tokens.high)}]",
            number(point.requests_per_second),
            latency(point.ttft_ms),
            latency(point.itl_ms),
            milliseconds(point.e2e_ms.value),
            style="bold" if stated else "",
        )
    return table


def shown_points(answer: CapacityAnswer) -> list[LoadPoint]:
    """A few points of the curve: the ends, the stated load, and others between them."""
    best, curve = answer.best, list(answer.curve)
    at = best.at_load if best else None
    if at is not None and all(p.concurrent_requests != at.concurrent_requests for p in curve):
        curve = sorted([*curve, at], key=lambda point: point.concurrent_requests)
    most = CURVE_SHOWN - given_up(answer)
    if len(curve) <= most:
        return curve
    places = {round(place * (len(curve) - 1) / (most - 2)) for place in range(most - 1)}
    return [
        point
        for place, point in enumerate(curve)
        if place in places or (at is not None and point.concurrent_requests == at.concurrent_requests)
    ]


def arrangements_table(arrangements: tuple[Arrangement, ...]) -> Table:
    """The best ways to use the GPUs, a line each."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("arrangement", no_wrap=True)
    kept = any(one.limit and one.limit.targets for one in arrangements)
    for heading in (*HEADINGS, "requests/s in targets" if kept else "requests/s at most"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in arrangements:
        if not one.fits or not one.full_load or not one.limit:
            table.add_row(arrangement_words(one), "does not fit", "–", "–", "–", "–")
            continue
        table.add_row(
            arrangement_words(one),
            f"{one.kv_cache_tokens:,}",
            f"{one.max_context_tokens:,}",
            f"{one.max_concurrent_requests:,}",
            number(one.full_load.output_tokens_per_second),
            inside_targets(one.limit, arrangements),
        )
    return table


def inside_targets(limit: Limit, arrangements: tuple[Arrangement, ...]) -> str:
    """The limit; a dash where the targets that others keep do not hold."""
    kept = any(one.limit and one.limit.targets for one in arrangements)
    return number(limit.requests_per_second) if limit.targets or not kept else "–"


def endings(answer: CapacityAnswer, best: Arrangement) -> Iterator[tuple[str, str | Text]]:
    """What follows the figures."""
    if answer.choice:
        yield "Best way", answer.choice
    if answer.bottleneck:
        yield "Bottleneck", f"{answer.bottleneck.part}, {percent(answer.bottleneck.share)} of a decode step"
    if answer.helps:
        yield (
            "Would help",
            first_of([f"{h.change}: {h.effect}" for h in answer.helps], HELPS_SHOWN - given_up(answer) // 2),
        )
    if answer.suggestions:
        yield "Models", first_of([suggestion_words(one) for one in answer.suggestions], SUGGESTIONS_SHOWN)
    yield "Cost", cost_words(best)
    if best.fits:
        nearest = None if given_up(answer) else best.evidence.nearest
        yield "Evidence", "\n".join(filter(None, (evidence_words(best.evidence), nearest)))
    if answer.measured:
        yield "Measured", first_of([measured_words(run) for run in answer.measured], MEASURED_SHOWN)
    yield assumed(answer)


def assumed(answer: CapacityAnswer) -> tuple[str, str | Text]:
    """What nobody said."""
    # The targets stand in the line of the limit.
    shown = [entry for entry in answer.assumptions if entry.field not in TARGETS]
    return "Assumed", Text(" · ".join(map(assumption_words, shown)), style="dim")


def print_capacity(answer: CapacityAnswer, engine: str = "") -> None:
    """To stdout."""
    show(render_capacity(answer, engine))
