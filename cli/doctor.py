"""`compass doctor`: what works here, and what to do about the rest."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable

import click

from cli.session import print_json
from compass.core import CompassError

Check = Callable[[], Awaitable[str]]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The checks as one JSON document.")
def doctor(as_json: bool) -> None:
    """Check the database, the language model, kubectl's cluster, and say what each failure costs you."""
    results = asyncio.run(run_checks())
    if as_json:
        print_json([{"check": name, "works": works, "says": says} for name, works, says in results])
        return
    for name, works, says in results:
        click.echo(f"{'ok ' if works else '-- '} {name:16} {says}")


async def run_checks() -> list[tuple[str, bool, str]]:
    """Run the checks; for each its name, whether it works, and a sentence."""
    checks: dict[str, Check] = {
        "Python": python, "data directory": data, "database": database,
        "language model": model, "kubernetes": kubernetes,
    }  # fmt: skip
    results = []
    for name, check in checks.items():
        try:
            results.append((name, True, await check()))
        except CompassError as error:
            results.append((name, False, str(error)))
    return results


async def python() -> str:
    """Return the version of the interpreter."""
    return sys.version.split()[0]


async def data() -> str:
    """Return the data directory and the free space of its disk."""
    from compass.core import data_directory

    path = data_directory()
    free = shutil.disk_usage(path).free / 2**30
    if free < 1:
        raise CompassError(
            f"{path}: {free:.1f} GiB free; PostgreSQL needs about 1. Make room, or set COMPASS_DATA_DIR."
        )
    return f"{path}, {free:.0f} GiB free"


async def database() -> str:
    """Open and migrate PostgreSQL, and count the runs in it."""
    from compass.benchmarks import ensure_shipped, fetch_runs
    from compass.store import open_store

    async with open_store() as store:
        await ensure_shipped(store)
        return f"{store.where} answers; {len(await fetch_runs(store))} benchmark runs"


async def model() -> str:
    """Return the language model that would answer."""
    from agent import choose_model

    choice = await choose_model()
    if choice.model is None:
        consequence = "the offline engine answers"
        raise CompassError(choice.explained(consequence) or f"none is wanted: {consequence}.")
    return f"{choice.name} answers"


async def kubernetes() -> str:
    """Return kubectl's current cluster, which only the target `kubernetes` needs."""
    from kubernetes.config import ConfigException, list_kube_config_contexts

    try:
        _, active = list_kube_config_contexts()  # type: ignore[no-untyped-call]  # the client has no types
    except ConfigException as error:
        raise CompassError(
            "no cluster is configured (set KUBECONFIG); the target local and render_yaml work without."
        ) from error
    return f"context {active['name']}"
