"""`compass diff PLAN PLAN`: what differs between two plans."""

import click

from cli.recheck import read_or_get
from cli.session import print_json, with_toolbox
from compass.planning import Plan, differences
from tools.toolbox import Toolbox


@click.command()
@click.argument("before", metavar="PLAN")
@click.argument("after", metavar="PLAN")
@click.option("--json", "as_json", is_flag=True, help="The differences as one JSON document.")
def diff(before: str, after: str, as_json: bool) -> None:
    """What differs between two plans, in the request and in the balanced option.

    A PLAN is an id, or a file that `compass plan --json` or `compass explain --json` wrote.
    """

    async def work(box: Toolbox) -> tuple[Plan, Plan]:
        return await read_or_get(box, before), await read_or_get(box, after)

    found = differences(*with_toolbox(work))
    if as_json:
        print_json({"differences": [entry.model_dump() for entry in found]})
    elif not found:
        click.echo("No difference.")
    for entry in found if not as_json else ():
        click.echo(f"{entry.field}: {entry.before} → {entry.after}")
