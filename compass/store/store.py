"""The PostgreSQL store: a connection pool, and documents by short ids."""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import BaseModel, ValidationError

from compass.core import Conflict, InvalidInput, Unavailable, unknown
from compass.store.embedded import embedded_server
from compass.store.migrate import migrate

URL_VARIABLE = "COMPASS_DATABASE_URL"

T = TypeVar("T", bound=BaseModel)
Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]


class Store:
    """Documents in PostgreSQL; other folders use `connection` for tables of their own."""

    def __init__(self, pool: Pool, where: str) -> None:
        self.pool = pool
        self.where = where

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """A connection in a transaction that is committed when the block ends well.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            async with self.pool.connection() as connection:
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise Unavailable(f"{self.where} does not answer ({first_line(error)}). Try again.") from error

    async def put(self, prefix: str, body: T) -> str:
        """Store a new document under a fresh id such as "plan-7f3a", written into its `<kind>_id`."""
        for length in (2, 2, 2, 3, 4, 6):
            identifier = f"{prefix}-{secrets.token_hex(length)}"
            if await self._insert(identifier, prefix, with_id(body, identifier)):
                return identifier
        raise Conflict("No free id was found. Try again.")

    async def put_as(self, identifier: str, body: BaseModel) -> None:
        """Store a document under a given id, in place of the one that is there."""
        async with self.connection() as connection:
            await connection.execute(
                "INSERT INTO documents (id, kind, body) VALUES (%s, %s, %s) "
                "ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated_at = now()",
                [identifier, identifier.split("-")[0], Jsonb(body.model_dump(mode="json"))],
            )

    async def get(self, identifier: str, kind: type[T]) -> T:
        """The document with this id.

        Raises:
            NotFound: names the nearest known ids.
            Conflict: it was written by a Compass that this one does not understand.
        """
        async with self.connection() as connection:
            query = "SELECT body FROM documents WHERE id = %s"
            row = await (await connection.execute(query, [identifier])).fetchone()
        prefix = identifier.split("-")[0]
        if row is None:
            raise unknown(prefix or "document", identifier, await self.ids(prefix) or await self.ids())
        try:
            return kind.model_validate(row[0])
        except ValidationError as error:
            raise Conflict(
                f"{identifier} was stored by another version of Compass. Make it again."
            ) from error

    async def ids(self, prefix: str = "") -> list[str]:
        """Ids of a kind, newest first; of all kinds for an empty prefix."""
        query: LiteralString = (
            "SELECT id FROM documents WHERE %s IN ('', kind) ORDER BY created_at DESC, id LIMIT 500"
        )
        async with self.connection() as connection:
            return [row[0] for row in await (await connection.execute(query, [prefix])).fetchall()]

    async def newest(self, prefix: str, kind: type[T], like: Mapping[str, Any]) -> T | None:
        """The newest document of a kind that contains these values, as `@>` of PostgreSQL's jsonb says.

        Raises:
            Conflict: it was written by a Compass that this one does not understand.
        """
        query: LiteralString = (
            "SELECT id FROM documents WHERE kind = %s AND body @> %s ORDER BY created_at DESC, id LIMIT 1"
        )
        async with self.connection() as connection:
            row = await (await connection.execute(query, [prefix, Jsonb(dict(like))])).fetchone()
        return await self.get(row[0], kind) if row else None

    async def delete(self, identifier: str) -> None:
        """Forget a document; forgetting twice is no error."""
        async with self.connection() as connection:
            await connection.execute("DELETE FROM documents WHERE id = %s", [identifier])

    async def _insert(self, identifier: str, kind: str, body: BaseModel) -> bool:
        query = "INSERT INTO documents (id, kind, body) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
        async with self.connection() as connection:
            cursor = await connection.execute(query, [identifier, kind, Jsonb(body.model_dump(mode="json"))])
            return cursor.rowcount == 1


def with_id(body: T, identifier: str) -> T:
    """The document with its id in its `<kind>_id` field, where it has one."""
    names = [name for name in type(body).model_fields if name.endswith("_id")]
    own = [name for name in names if name.startswith(identifier.split("-")[0])]
    return body.model_copy(update={own[0]: identifier}) if own else body


@asynccontextmanager
async def open_store(progress: Callable[[str], None] = lambda message: None) -> AsyncIterator[Store]:
    """Open the database, start the embedded one where no other is named, and migrate it.

    Raises:
        InvalidInput: COMPASS_DATABASE_URL is no connection string.
        Unavailable: the database does not start or does not answer.
        Conflict: the database belongs to a newer Compass.
    """
    url = os.environ.get(URL_VARIABLE)
    where = described(url) if url else "The embedded PostgreSQL"
    async with nullcontext(url) if url else embedded_server() as address:
        await first_connection(address, where)
        pool: Pool = AsyncConnectionPool(
            address, min_size=1, max_size=8, open=False, timeout=10, kwargs={"connect_timeout": 5}
        )
        async with pool:
            yield Store(pool, where)


async def first_connection(url: str, where: str) -> None:
    """Connect once without the pool, whose errors would come late, and migrate."""
    try:
        async with await AsyncConnection.connect(url, connect_timeout=5, autocommit=True) as connection:
            await migrate(connection)
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"{where} does not answer ({first_line(error)}). "
            f"Check {URL_VARIABLE}, or unset it to use the embedded server."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Unavailable(
            f"{where} refuses us ({first_line(error)}). The user must be able to make tables."
        ) from error


def described(url: str) -> str:
    """The server in words, without its password.

    Raises:
        InvalidInput: no connection string.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise InvalidInput(
            URL_VARIABLE, "is not a PostgreSQL address. Give postgresql://user:password@host:5432/database."
        ) from error
    return f"PostgreSQL at {parts.get('host', 'localhost')}:{parts.get('port', 5432)}"


def first_line(error: Exception) -> str:
    """The gist of a driver's error, which can quote the connection string at length."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (
        lines[0].rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip() if lines else type(error).__name__
    )
