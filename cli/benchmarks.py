"""`compass benchmarks`: load, list and choose benchmark runs."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from typing import Any, TypeVar

import click

from cli.session import print_json, to_stderr
from compass.benchmarks import (
    ATTRIBUTION,
    READERS,
    ImportOptions,
    LoadReport,
    ensure_shipped,
    fetch_runs,
    load_file,
)
from compass.core import NotApproved, unknown
from compass.store import Store, open_store

T = TypeVar("T")


def with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    """Open the store with the shipped runs, do the work, close it."""

    async def session() -> T:
        async with open_store(to_stderr) as store:
            await ensure_shipped(store)
            return await work(store)

    return asyncio.run(session())


@click.group()
def benchmarks() -> None:
    """Load, list and choose benchmark runs."""


@benchmarks.command()
@click.argument("kind", metavar=f"[{'|'.join(READERS)}]")
@click.argument("path", metavar="PATH|URL")
@click.option("--model", default="", help="Where the file does not say it, or says it wrongly; so the next.")
@click.option("--gpu", default="")
@click.option("--precision", default="")
@click.option("--tensor-parallel", "--tp", default=0, type=click.IntRange(0, 64))
@click.option("--engine-version", default="")
@click.option("--sha256", default="", help="Load only if the file has this checksum.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON document.")
def load(
    kind: str,
    path: str,
    model: str,
    gpu: str,
    precision: str,
    tensor_parallel: int,
    engine_version: str,
    sha256: str,
    as_json: bool,
) -> None:
    """Load a file: all of it or nothing; loading it again changes nothing."""
    given = ImportOptions(model, gpu, precision, tensor_parallel, engine_version)

    async def work(store: Store) -> LoadReport:
        return await load_file(store, kind, path, given, sha256, to_stderr)

    report = with_store(work)
    if as_json:
        print_json(asdict(report))
        return
    for line in report_lines(report):
        click.echo(line)


def report_lines(report: LoadReport) -> Iterator[str]:
    """What became of the rows: loaded, flagged, left out, each with its reasons and first places."""
    flagged, replaced = report.flagged.total(), report.replaced
    said = "unchanged" if report.unchanged else f"{report.loaded:,} rows loaded"
    said += f", {flagged:,} doubts: such rows are kept, but not used" if flagged else ""
    said += f", in place of {replaced:,} of an earlier file of that name" if replaced else ""
    yield f"{report.source}: {said}, {report.left_out:,} left out"
    for counter, verb in ((report.flagged, "flagged"), (report.skipped, "left out")):
        for reason, count in counter.most_common():
            yield f"  {count:5,} {verb}: {reason} ({', '.join(report.examples[reason])})"


async def source_rows(store: Store) -> list[dict[str, Any]]:
    """Name, evidence, state and number of rows of each source."""
    query = (
        "SELECT sources.name, evidence, state, count(runs.id) "
        "FROM sources LEFT JOIN runs ON runs.source_id = sources.id GROUP BY sources.id ORDER BY sources.id"
    )
    async with store.connection() as connection:
        rows = await (await connection.execute(query)).fetchall()
    return [dict(zip(("source", "evidence", "state", "rows"), row, strict=True)) for row in rows]


@benchmarks.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_sources(as_json: bool) -> None:
    """Sources with their evidence, state and number of rows."""
    found = with_store(source_rows)
    if as_json:
        print_json(found)
        return
    for row in found:
        click.echo(f"{row['rows']:8,}  {row['evidence']:10} {row['state']:9} {row['source']}")
    click.echo(ATTRIBUTION, err=True)


@benchmarks.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def coverage(as_json: bool) -> None:
    """Runs by model and GPU."""
    runs = with_store(fetch_runs)
    counts = Counter((run.model, run.gpu, run.evidence) for run in runs)
    if as_json:
        print_json(
            [{"model": m, "gpu": g, "evidence": e, "rows": n} for (m, g, e), n in sorted(counts.items())]
        )
        return
    for (model, gpu, evidence), count in sorted(counts.items()):
        click.echo(f"{count:6,}  {evidence:10} {gpu:14} {model}")


@benchmarks.command()
@click.argument("source")
def exclude(source: str) -> None:
    """Leave a source out of look-ups and of planning."""
    with_store(lambda store: set_state(store, source, "excluded"))


@benchmarks.command()
@click.argument("source")
def pin(source: str) -> None:
    """Plan with this source alone (and others that are pinned)."""
    with_store(lambda store: set_state(store, source, "pinned"))


@benchmarks.command()
@click.argument("source")
def use(source: str) -> None:
    """Take a source in again that was excluded, or unpin it."""
    with_store(lambda store: set_state(store, source, "used"))


async def set_state(store: Store, source: str, state: str) -> None:
    """Change a source's state.

    Raises:
        NotFound: no such source; names the nearest.
    """
    async with store.connection() as connection:
        done = await connection.execute("UPDATE sources SET state = %s WHERE name = %s", [state, source])
    if done.rowcount == 0:
        raise unknown("source", source, [row["source"] for row in await source_rows(store)])
    click.echo(f"{source}: {state}")


@benchmarks.command()
@click.option("--yes", is_flag=True, help="Really remove every loaded source.")
def reset(yes: bool) -> None:
    """Remove every loaded source; the shipped runs come back at the next start."""
    if not yes:
        raise NotApproved("This removes every loaded source. Say --yes if that is meant.")

    async def work(store: Store) -> None:
        async with store.connection() as connection:
            await connection.execute("DELETE FROM sources")

    with_store(work)
    click.echo("Only the shipped runs are left.")
