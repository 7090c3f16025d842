"""`compass explain PLAN`: a stored plan in full."""

import click
from rich.console import Console
from rich.table import Table

from cli.plan_text import print_plan
from cli.session import print_json, with_toolbox
from tools.planning import Option, Plan, plan_json
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
        print_json(plan_json(stored))
        return
    print_plan(stored)
    console = Console() if Console().is_terminal else Console(width=120)
    console.print("\n[bold]Rejected[/bold]")
    for rejection in stored.rejected:
        console.print(f"{rejection.count:6,} × {rejection.reason}", highlight=False)
        for example in rejection.examples:
            console.print(f"         {example}", style="dim", highlight=False)
    for option in stored.options:
        console.print(f"\n[bold]{option.option_id}[/bold] {option.line()}", highlight=False)
        console.print(f"quality: {option.quality_note}", style="dim", highlight=False)
        console.print(f"evidence: {option.evidence.kind}, nearest {option.evidence.nearest}", highlight=False)
        console.print(curve_table(option))
    console.print("\n[bold]Assumed[/bold]")
    for assumption in stored.assumptions:
        console.print(f"{assumption.field} = {assumption.value}: {assumption.why}", highlight=False)


def curve_table(option: Option) -> Table:
    """The capacity curve of one replica."""
    table = Table(box=None, header_style="dim", title="one replica under load", title_justify="left")
    for heading in ("requests/s", "concurrency", "TTFT p95 ms", "ITL p95 ms", "E2E p95 ms", "holds"):
        table.add_column(heading, justify="right")
    for point in option.curve:
        table.add_row(
            f"{point.requests_per_second:g}",
            f"{point.concurrency:g}",
            f"{point.ttft_p95_ms:,.0f}",
            f"{point.itl_p95_ms:.1f}",
            f"{point.e2e_p95_ms:,.0f}",
            "yes" if point.holds else "no",
        )
    return table
