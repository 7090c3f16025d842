"""Forward-only, numbered migrations, run once by whoever comes first."""

from pathlib import Path

from psycopg import AsyncConnection

from compass.core import Conflict

FOLDER = Path(__file__).parent / "migrations"
# Any constant of ours: it keeps two processes from migrating at once.
LOCK = 0x434F4D50


def migrations() -> dict[int, str]:
    """Number → SQL of every shipped migration."""
    return {int(path.name[:4]): path.read_text() for path in sorted(FOLDER.glob("[0-9]*.sql"))}


async def migrate(connection: AsyncConnection) -> None:
    """Bring the schema up to this program's version, all or nothing.

    Raises:
        Conflict: the database was migrated by a newer Compass.
    """
    known = migrations()
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations "
            "(number int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await (await connection.execute("SELECT number FROM schema_migrations")).fetchall()
        done = {int(row[0]) for row in rows}
        if newer := done - known.keys():
            raise Conflict(
                f"The database has schema version {max(newer)}, this Compass knows {max(known)}. "
                "Update Compass, or point COMPASS_DATABASE_URL at another database."
            )
        for number in sorted(known.keys() - done):
            await connection.execute(known[number].encode())
            await connection.execute("INSERT INTO schema_migrations (number) VALUES (%s)", [number])
