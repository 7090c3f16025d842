"""Words for alternatives side by side."""

from agent.offline.replies.markdown import paragraphs, quoted, section
from compass.comparison import ALIKE, ComparedPlan, Comparison, title_of
from compass.core import counted, latency, money, number
from compass.planning import assumption_words, evidence_words

HEAD = "| | GPUs | tokens/s | TTFT | ITL | at most | a month |\n|---|---|---:|---:|---:|---:|---:|"


def told(made: Comparison) -> str:
    """The differences first, then a line for each side."""
    return paragraphs(
        f"**Question** {made.question}" if made.question else "",
        f"**Load** {made.load}" if made.plans else "",
        section("**Differences**", differences(made)),
        "\n".join([HEAD, *map(row, made.plans)]) if made.plans else "",
        quoted(made.remarks),
        section("**Assumed**", map(assumption_words, made.assumptions)),
    )


def differences(made: Comparison) -> list[str]:
    """The differences in words, or that there are none."""
    return [ALIKE] if made.all_alike else [difference.words for difference in made.differences]


def row(plan: ComparedPlan) -> str:
    """One side as a line of the table."""
    if not plan.fits or plan.ttft_ms is None or plan.itl_ms is None or plan.output_tokens_per_second is None:
        return f"| {plan.label} | does not fit: {plan.why} | – | – | – | – | – |"
    cost = "no price" if plan.usd_per_month is None else money(plan.usd_per_month)
    cells = (
        f"{plan.label} · {title_of(plan)}",
        f"{plan.replicas} × TP{plan.tensor_parallel}",
        number(plan.output_tokens_per_second.value),
        latency(plan.ttft_ms),
        latency(plan.itl_ms),
        f"{number(plan.limit_requests_per_second or 0)}/s ({plan.limit_breaks})",
        cost,
    )
    return f"| {' | '.join(cells)} |"


def explained(made: Comparison) -> str:
    """Why one side is better: the differences, and the memory and the limit of each side."""
    return paragraphs(
        f"**Question** {made.question}" if made.question else "",
        f"**Load** {made.load}" if made.plans else "",
        section("**Differences**", differences(made)),
        section("**What each side rests on**", map(reasons, made.plans)),
        quoted(made.remarks),
        sure(made),
        assumed(made),
    )


def reasons(plan: ComparedPlan) -> str:
    """Memory of a GPU, what the cache holds, and what breaks first on one side."""
    if not plan.fits or plan.memory_gib is None:
        return f"{plan.label}: {plan.why}"
    memory = plan.memory_gib
    parts = [
        f"{plan.label}: weights {memory.weights:g} and KV cache {memory.kv_cache:g} of "
        f"{memory.total_per_gpu:g} GiB a GPU",
        f"room for {counted(plan.max_concurrent_requests or 0, 'request')} at once",
        f"at most {number(plan.limit_requests_per_second or 0)}/s, then {plan.limit_breaks} breaks",
    ]
    return ", ".join([*parts, *([plan.why] if plan.why else [])])


def sure(made: Comparison) -> str:
    """What kind of figures they are, and the nearest run of each side."""
    lines = [
        f"{plan.label}, {title_of(plan)} on {plan.gpus} × {plan.gpu}: {evidence_words(plan.evidence)}"
        f"{f'; nearest: {plan.evidence.nearest}' if plan.evidence.nearest else ''}"
        for plan in made.plans
        if plan.evidence
    ]
    return section("**How sure**", lines)


def assumed(made: Comparison) -> str:
    """What nobody said."""
    return section("**Assumed**", map(assumption_words, made.assumptions)) or "Nothing is assumed."
