"""`compass recheck PLAN`: is a stored plan, or a saved file, still right?"""

import asyncio
import json
from pathlib import Path

import click
from pydantic import ValidationError

from cli.session import print_json, with_toolbox
from compass.core import InvalidInput
from compass.planning import Difference, Plan
from compass.planning import recheck as plan_again
from tools.toolbox import Toolbox


@click.command()
@click.argument("plan")
@click.option("--json", "as_json", is_flag=True, help="The differences as one JSON document.")
def recheck(plan: str, as_json: bool) -> None:
    """Plan the same request again and say what changed.

    PLAN is an id, or a file that `compass plan --json` or `compass explain --json` wrote.
    """

    async def work(box: Toolbox) -> tuple[Plan, tuple[Difference, ...]]:
        stored = await read_or_get(box, plan)
        return await asyncio.to_thread(plan_again, stored, box.search_space)

    _, found = with_toolbox(work)
    if as_json:
        print_json({"still_right": not found, "differences": [entry.model_dump() for entry in found]})
    elif not found:
        click.echo("Still right: prices, runs and model constants are the same, and so is the answer.")
    else:
        for entry in found:
            click.echo(f"{entry.field}: {entry.before} → {entry.after}")


async def read_or_get(box: Toolbox, plan: str) -> Plan:
    """A plan by its id, or from a file.

    Raises:
        NotFound: no such plan.
        InvalidInput: the file is no plan.
    """
    return read_plan(Path(plan)) if Path(plan).is_file() else await box.store.get(plan, Plan)


def read_plan(path: Path) -> Plan:
    """A saved plan.

    Raises:
        InvalidInput: the file is no plan; names the first field that is wrong.
    """
    try:
        return Plan.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("PLAN", f"{path.name} cannot be read ({error}).") from error
    except json.JSONDecodeError as error:
        raise InvalidInput("PLAN", f"{path.name}: line {error.lineno}: not JSON ({error.msg}).") from error
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InvalidInput("PLAN", f"{path.name}: {field}: {error.errors()[0]['msg']}.") from error
