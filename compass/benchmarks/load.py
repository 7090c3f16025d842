"""Loads a file of runs in one transaction, and reports what was left out."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from compass.benchmarks.importers import READERS, REPORTS, ImportOptions, LoadReport
from compass.benchmarks.runs import Run
from compass.benchmarks.table import REPEATS, flag_repeats, write_runs
from compass.core import EvidenceKind, InvalidInput, Unavailable, unknown
from compass.store import Store

EVERY = 100_000
"""Rows between two lines of progress."""
DOWNLOAD_TIMEOUT_S = 30.0

Progress = Callable[[str], None]


def quiet(message: str) -> None:
    """Ignore progress messages."""


async def load_file(
    store: Store,
    kind: str,
    place: Path | str,
    options: ImportOptions | None = None,
    sha256: str = "",
    say: Progress = quiet,
) -> LoadReport:
    """Load a file of a known kind, from disk or an http(s) address; unchanged files are not loaded again.

    `sha256`: what the file's checksum must be, where given.

    Raises:
        InvalidInput: an unknown kind, another checksum, or a file that is not of the kind; the store is
            unchanged.
        Unavailable: the address does not answer.
    """
    if kind not in READERS:
        raise InvalidInput(
            "KIND", f"{unknown('kind of file', kind, READERS)} There are {', '.join(READERS)}."
        )
    async with local_file(str(place)) as path:
        fingerprint = file_hash(path)
        if sha256 and fingerprint != sha256.lower():
            raise InvalidInput("--sha256", f"{path.name} has {fingerprint}. It is another file.")
        return await load_local(store, kind, path, options or ImportOptions(), fingerprint, say)


async def load_local(
    store: Store, kind: str, path: Path, options: ImportOptions, fingerprint: str, say: Progress
) -> LoadReport:
    """Load a file that is here, in one transaction."""
    reader, evidence = READERS[kind]
    report = LoadReport(source=source_name(kind, path, fingerprint))
    # The flags are part of what was loaded: other flags are other runs.
    fingerprint = fingerprint if options == ImportOptions() else f"{fingerprint} {options}"
    async with store.connection() as connection:
        query = "SELECT content_hash FROM sources WHERE name = %s"
        row = await (await connection.execute(query, [report.source])).fetchone()
        if row is not None and row[0] == fingerprint:
            report.unchanged = True
            return report
        report.replaced = await remove_source(connection, report.source)
        runs = count_runs(reader(path, report, options), report, evidence, say)
        await write_runs(connection, report.source, evidence, fingerprint, runs)
        if not report.loaded:
            # Raised inside the transaction: what was there before stays.
            raise InvalidInput(
                "PATH", f"{path.name} holds no row that could be loaded as {kind}{report.first_reason}."
            )
        for label in await flag_repeats(connection, report.source):
            report.flag(REPEATS, label)
    return report


def source_name(kind: str, path: Path, fingerprint: str) -> str:
    """The name of the file's source in the store.

    A table that is loaded again under its name takes the place of the earlier one. Load generators give all
    their reports one name, and each is a run of its own: those are told apart by what is in them.
    """
    name = f"{kind}:{path.name}"
    return f"{name}#{fingerprint[:6]}" if kind in REPORTS else name


async def remove_source(connection: AsyncConnection[TupleRow], source: str) -> int:
    """Delete a source and return how many rows it had."""
    query = "SELECT count(*) FROM runs JOIN sources ON sources.id = source_id WHERE sources.name = %s"
    row = await (await connection.execute(query, [source])).fetchone()
    await connection.execute("DELETE FROM sources WHERE name = %s", [source])
    return int(row[0]) if row else 0


def count_runs(
    runs: Iterator[Run], report: LoadReport, evidence: EvidenceKind, say: Progress
) -> Iterator[Run]:
    """Yield the runs with their source, and count them."""
    for run in runs:
        report.loaded += 1
        if report.loaded % EVERY == 0:
            say(f"{report.loaded:,} rows")
        yield replace(run, evidence=evidence, source=report.source)


@asynccontextmanager
async def local_file(place: str) -> AsyncIterator[Path]:
    """The file itself, or what an http(s) address gives, for as long as it is needed.

    Raises:
        Unavailable: the address does not answer.
    """
    if not place.startswith(("http://", "https://")):
        yield Path(place)
        return
    # Late: httpx takes a fifth of a second to import, and most files are here.
    import httpx

    name = place.split("?")[0].rstrip("/").rsplit("/", 1)[-1] or "download"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        try:
            async with (
                httpx.AsyncClient(follow_redirects=True, timeout=DOWNLOAD_TIMEOUT_S) as client,
                client.stream("GET", place) as answer,
            ):
                answer.raise_for_status()
                with path.open("wb") as file:
                    async for chunk in answer.aiter_bytes():
                        file.write(chunk)
        except httpx.HTTPError as error:
            raise Unavailable(f"{place} cannot be fetched ({error}). Check the address.") from error
        yield path


def file_hash(path: Path) -> str:
    """The file's SHA-256.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput("PATH", f"{path} cannot be read ({error.strerror}).") from error
