"""Runs in the database: written once, read by filter."""

from collections.abc import Iterable, Sequence
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from compass.benchmarks.runs import COLUMNS, SHIPPED_SOURCE, Run, content_hash, shipped_runs
from compass.core import EvidenceKind
from compass.store import Store

READ: LiteralString = """
    SELECT label, model, gpu, precision, engine_version, gpus, tensor_parallel, data_parallel,
           expert_parallel, prompt_tokens, output_tokens, concurrency, request_rate,
           ttft_ms, itl_ms, e2e_ms, measured,
           sources.evidence, sources.name AS source
    FROM runs JOIN sources ON sources.id = runs.source_id
    WHERE sources.state <> 'excluded' AND flags = '{}'
      AND (%(evidence)s::text[] IS NULL OR sources.evidence = ANY(%(evidence)s))
      AND (%(sources)s::text[] IS NULL OR sources.name = ANY(%(sources)s))
      AND NOT sources.name = ANY(%(exclude)s)
      AND (NOT %(for_planning)s OR sources.state = 'pinned'
           OR NOT EXISTS (SELECT FROM sources WHERE state = 'pinned'))
    ORDER BY runs.id
"""


async def ensure_shipped(store: Store) -> None:
    """Load the shipped runs where they are missing or from an older package; one cheap query otherwise."""
    fingerprint = content_hash(shipped_runs())
    async with store.connection() as connection:
        query = "SELECT content_hash FROM sources WHERE name = %s"
        row = await (await connection.execute(query, [SHIPPED_SOURCE])).fetchone()
        if row is not None and row[0] == fingerprint:
            return
        await connection.execute("DELETE FROM sources WHERE name = %s", [SHIPPED_SOURCE])
        await write_runs(connection, SHIPPED_SOURCE, "measured", fingerprint, shipped_runs())


async def write_runs(
    connection: AsyncConnection[TupleRow],
    source: str,
    evidence: EvidenceKind,
    fingerprint: str,
    runs: Iterable[Run],
) -> None:
    """Add runs under a source, in the transaction of the caller; runs that are there stay as they are."""
    cursor = await connection.execute(
        "INSERT INTO sources (name, evidence, content_hash) VALUES (%s, %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET content_hash = excluded.content_hash, loaded_at = now() "
        "RETURNING id",
        [source, evidence, fingerprint],
    )
    row = await cursor.fetchone()
    assert row is not None
    await connection.execute("CREATE TEMPORARY TABLE incoming (LIKE runs INCLUDING DEFAULTS) ON COMMIT DROP")
    await connection.execute("ALTER TABLE incoming DROP COLUMN id")
    names = ", ".join(("source_id", "natural_key", *COLUMNS))
    copy = f"COPY incoming ({names}) FROM STDIN"
    async with connection.cursor() as writer, writer.copy(copy.encode()) as stream:
        for run in runs:
            await stream.write_row((row[0], run.natural_key, *(column(run, name) for name in COLUMNS)))
    into = f"INSERT INTO runs ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING"
    await connection.execute(into.encode())


def column(run: Run, name: str) -> object:
    """A field as the database takes it."""
    value = getattr(run, name)
    return list(value) if isinstance(value, tuple) else value


REPEATS = "repeats an earlier row in every figure"


async def flag_repeats(connection: AsyncConnection[TupleRow], source: str) -> list[str]:
    """Flag rows of a source that repeat an earlier row in every figure, and return their labels.

    Two runs of one configuration that measured different latencies are two runs.
    """
    same = ", ".join(name for name in COLUMNS if name not in {"label", "flags"})
    query = f"""
        UPDATE runs SET flags = array_append(flags, %s) FROM (
            SELECT runs.id, row_number() OVER (PARTITION BY {same} ORDER BY runs.id) AS place
            FROM runs JOIN sources ON sources.id = source_id WHERE sources.name = %s
        ) AS numbered
        WHERE numbered.id = runs.id AND place > 1 RETURNING runs.id, label
    """
    rows = await (await connection.execute(query.encode(), [REPEATS, source])).fetchall()
    return [label for _, label in sorted(rows)]


async def fetch_runs(
    store: Store,
    *,
    evidence: Sequence[EvidenceKind] | None = None,
    sources: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    for_planning: bool = False,
) -> list[Run]:
    """Unflagged runs of the sources in use; `sources` alone where given, without `exclude`.

    `for_planning`: of the pinned sources alone, where any is pinned.
    """
    parameters = {
        "evidence": list(evidence) if evidence else None,
        "sources": list(sources) if sources else None,
        "exclude": list(exclude),
        "for_planning": for_planning,
    }
    async with store.connection() as connection, connection.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(READ, parameters)
        return await cursor.fetchall()
