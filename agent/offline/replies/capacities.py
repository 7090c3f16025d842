"""Words for what given GPUs carry: the answer, why, how sure, what would help."""

from agent.offline.replies.markdown import bullets, paragraphs, quoted, section
from compass.core import counted, latency, milliseconds, number, percent
from compass.deployment_capacity import (
    Arrangement,
    CapacityAnswer,
    LoadPoint,
    arrangement_words,
    cost_words,
    limit_words,
    line_of,
    measured_words,
    suggestion_words,
)
from compass.planning import assumption_words, evidence_words, short_name

NOTHING = "Nothing was worked out yet. Name the GPUs, how many there are, and the model."


def told(answer: CapacityAnswer) -> str:
    """The whole answer, verdict first."""
    best = answer.best
    return paragraphs(
        f"**Question** {answer.question}" if answer.question else "",
        verdict(answer),
        quoted(answer.remarks),
        size(answer, best) if best else "",
        curve(answer),
        section("**Other ways to use them**", map(line_of, answer.arrangements[1:4])),
        would_help(answer) if answer.helps else "",
        section("**Models that fit**", map(suggestion_words, answer.suggestions)),
        section("**Measured**", map(measured_words, answer.measured)),
        f"**Cost** {cost_words(best)}" if best else "",
        sure(answer) if best and best.fits else "",
        "Change anything: *and with 4?*, *in fp8*, *what if they are H200?*, or ask *how sure are you?*"
        if best
        else "",
    )


def verdict(answer: CapacityAnswer) -> str:
    """Yes, no or partly, and why."""
    return f"**{answer.verdict_words}** {answer.why}" if answer.verdict else ""


def size(answer: CapacityAnswer, best: Arrangement) -> str:
    """Memory of a GPU, what the cache holds, the load and the limit."""
    memory = best.memory_gib
    lines = [
        f"**Memory of a GPU** weights {memory.weights:g} · runtime {memory.runtime:g} · KV cache "
        f"{memory.kv_cache:g} · free {memory.free:g} of {memory.total_per_gpu:g} GiB"
    ]
    if best.fits and answer.load:
        lines += [
            f"**Holds** {best.kv_cache_tokens:,} tokens of KV cache a replica · longest context "
            f"{best.max_context_tokens:,} · {counted(best.max_concurrent_requests, 'request')} of "
            f"{answer.load.context_tokens:,} tokens at once",
            f"**Load** {answer.load.words} · {answer.load.prompt_tokens:,} → "
            f"{answer.load.output_tokens:,} tokens",
        ]
    if best.limit:
        lines.append(f"**Limit** {limit_words(best.limit)}")
    return "  \n".join(lines)


def curve(answer: CapacityAnswer) -> str:
    """Concurrency against tokens a second and latencies; the stated load in bold."""
    at = answer.best.at_load if answer.best else None
    points = list(answer.curve)
    if not points or at is None:
        return ""
    if all(point.concurrent_requests != at.concurrent_requests for point in points):
        points = sorted([*points, at], key=lambda point: point.concurrent_requests)
    head = "| at once | output tokens/s | TTFT | ITL | E2E |\n|---:|---:|---:|---:|---:|"
    rows = (row(point, point.concurrent_requests == at.concurrent_requests) for point in points)
    return "\n".join([head, *rows])


def row(point: LoadPoint, is_stated: bool) -> str:
    """A line of the curve."""
    mark = "**" if is_stated else ""
    tokens = point.output_tokens_per_second_interval
    cells = (
        f"{mark}{number(point.concurrent_requests)}{mark}",
        f"{number(tokens.value)} [{number(tokens.low)}–{number(tokens.high)}]",
        latency(point.ttft_ms),
        latency(point.itl_ms),
        milliseconds(point.e2e_ms.value),
    )
    return f"| {' | '.join(cells)} |"


def would_help(answer: CapacityAnswer) -> str:
    """Changes that were worked out."""
    helps = [f"{help_.change}: {help_.effect}" for help_ in answer.helps]
    return section("**Would help**", helps) or "No single change that I looked at would help by much."


def sure(answer: CapacityAnswer) -> str:
    """What kind of figures they are, the nearest run, and measured runs of the same configuration."""
    best = answer.best
    if best is None:
        return NOTHING
    nearest = f" {best.evidence.nearest}." if best.evidence.nearest else ""
    widest = best.at_load.itl_ms if best.at_load else None
    interval = f" ITL {latency(widest)} holds with 80 %." if widest else ""
    return f"**How sure** {subject_words(answer, best)}: {evidence_words(best.evidence)}.{nearest}{interval}"


def subject_words(answer: CapacityAnswer, best: Arrangement) -> str:
    """Model, format and GPUs that the figures are of."""
    return f"{short_name(best.model)} {best.precision} on {answer.gpu_count} × {answer.gpu}"


def explained(answer: CapacityAnswer) -> str:
    """Why this verdict, with the arithmetic of memory and what a step spends its time on."""
    best = answer.best
    if best is None:
        return paragraphs(f"**Question** {answer.question}" if answer.question else "", verdict(answer))
    rows = [f"arrangement: {arrangement_words(best)}, {cost_words(best)}"]
    if answer.choice:
        rows.append(f"chosen: {answer.choice}")
    if answer.bottleneck:
        rows.append(
            f"bottleneck: {answer.bottleneck.part}, {percent(answer.bottleneck.share)} of a decode step"
        )
    return paragraphs(
        verdict(answer), size(answer, best), bullets(*rows), sure(answer), measured(answer), assumed(answer)
    )


def measured(answer: CapacityAnswer) -> str:
    """Published runs of the same configuration."""
    runs = section("**Measured**", map(measured_words, answer.measured))
    if runs or answer.best is None:
        return runs
    return f"No run of exactly {subject_words(answer, answer.best)} was published."


def arranged(answer: CapacityAnswer) -> str:
    """Every arrangement, a line each."""
    return section("**Ways to use the GPUs**", map(line_of, answer.arrangements)) or NOTHING


def assumed(answer: CapacityAnswer) -> str:
    """What nobody said."""
    return section("**Assumed**", map(assumption_words, answer.assumptions)) or "Nothing is assumed."
