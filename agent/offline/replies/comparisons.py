"""Words for alternatives side by side."""

from agent.offline.replies.markdown import paragraphs, quoted, section
from compass.comparison import ComparedPlan, Comparison, title_of
from compass.core import latency, money, number
from compass.planning import assumption_words

HEAD = "| | GPUs | tokens/s | TTFT | ITL | at most | a month |\n|---|---|---:|---:|---:|---:|---:|"


def told(made: Comparison) -> str:
    """The differences first, then a line for each side."""
    return paragraphs(
        f"**Question** {made.question}" if made.question else "",
        f"**Load** {made.load}" if made.plans else "",
        section("**Differences**", [difference.words for difference in made.differences]),
        "\n".join([HEAD, *map(row, made.plans)]) if made.plans else "",
        quoted(made.remarks),
        section("**Assumed**", map(assumption_words, made.assumptions)),
    )


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
