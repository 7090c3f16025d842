"""`compass explain PLAN`: a stored plan in full."""

from collections.abc import Iterator, Sequence

import click
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_text import render_plan, show
from cli.session import print_json, with_toolbox
from compass.core import milliseconds, number, percent
from compass.planning import CachePoint, DraftPoint, Option, Plan, assumption_words, evidence_words
from tools.toolbox import Toolbox


@click.command()
@click.argument("plan_id")
@click.option("--json", "as_json", is_flag=True, help="The whole plan as one JSON document.")
def explain(plan_id: str, as_json: bool) -> None:
    """Everything about a stored plan: reasons, nearest misses, scores, evidence, capacity curves."""

    async def work(box: Toolbox) -> Plan:
        return await box.store.get(plan_id, Plan)

    stored = with_toolbox(work)
    if as_json:
        print_json(stored.document())
    else:
        show(render_plan(stored), *details(stored))


def details(plan: Plan) -> Iterator[RenderableType]:
    """What the one screen leaves out."""
    yield Text("\nRejected", style="bold")
    for rejection in plan.rejected:
        yield Text(f"{rejection.count:6,} × {rejection.reason}")
        yield from (Text(f"         {example}", style="dim") for example in rejection.examples)
    for option in plan.options:
        yield Text(f"\n{option.line()}", style="bold")
        yield Text(f"quality: {option.quality_note}", style="dim")
        yield Text(f"evidence: {evidence_words(option.evidence)}", style="dim")
        yield curve_table(option)
    if plan.speculation:
        yield Text(f"\nFaster     {plan.speculation}")
    if plan.cache_curve:
        yield cache_table(plan.cache_curve)
    if plan.draft_curve:
        yield draft_table(plan.draft_curve)
    yield Text("\nAssumed", style="bold")
    yield from (Text(assumption_words(entry)) for entry in plan.assumptions)


def curve_table(option: Option) -> Table:
    """The capacity curve of one replica."""
    table = Table(box=None, header_style="dim", title="one replica under load", title_justify="left")
    for heading in ("requests/s", "concurrency", "TTFT p95", "ITL p95", "E2E p95", "holds"):
        table.add_column(heading, justify="right")
    for point in option.curve:
        table.add_row(
            number(point.requests_per_second),
            number(point.concurrency),
            milliseconds(point.ttft_p95_ms),
            milliseconds(point.itl_p95_ms),
            milliseconds(point.e2e_p95_ms),
            "yes" if point.holds else "no",
        )
    return table


def cache_table(points: Sequence[CachePoint]) -> Table:
    """Sessions of one replica by the size of its KV cache."""
    table = Table(box=None, header_style="dim", title="sessions of one replica", title_justify="left")
    for heading in ("tokens of KV cache", "sessions", "found in the cache"):
        table.add_column(heading, justify="right")
    for point in points:
        found = percent(point.prefix_cache_hit_rate)
        table.add_row(f"{point.tokens:,}", number(point.sessions), found)
    return table


def draft_table(points: Sequence[DraftPoint]) -> Table:
    """Time of a token of one replica with and without speculative decoding."""
    table = Table(box=None, header_style="dim", title="speculative decoding", title_justify="left")
    for heading in ("in flight", "a token without", "with"):
        table.add_column(heading, justify="right")
    for point in points:
        without, drafted = milliseconds(point.without_ms), milliseconds(point.with_ms)
        table.add_row(number(point.in_flight), without, drafted)
    return table
