"""The conversations of those who are logged in, as the page showed them, stored in our PostgreSQL."""

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, LiteralString, cast

from chainlit.data.base import BaseDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter
from chainlit.user import PersistedUser, User
from psycopg.types.json import Jsonb

from agent.history import key_of
from compass.store import Store

LONGEST_NAME = 80
THREAD: LiteralString = "SELECT id, owner, name, metadata, created_at FROM chat_threads"
KEEP: LiteralString = (
    "INSERT INTO chat_parts (id, thread_id, kind, body) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (id) DO UPDATE SET body = chat_parts.body || excluded.body"
)


class Threads(BaseDataLayer):
    """Chainlit's data layer over the store.

    Names are accounts: who knows the password is whoever they say they are, so that no table of users is
    needed.
    """

    def __init__(self, store: Callable[[], Awaitable[Store]]) -> None:
        self.store = store

    async def run(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Execute a statement and return its rows."""
        async with (await self.store()).connection() as connection:
            cursor = await connection.execute(query, values)
            return await cursor.fetchall() if cursor.description else []

    async def get_user(self, identifier: str) -> PersistedUser:
        """Return the user of this name."""
        return PersistedUser(id=identifier, identifier=identifier, createdAt=datetime.now(UTC).isoformat())

    async def create_user(self, user: User) -> PersistedUser:
        """Return the user; accounts are not stored."""
        return await self.get_user(user.identifier)

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Store a rating with the answer that it belongs to."""
        kept = {"forId": feedback.forId, "value": feedback.value, "comment": feedback.comment}
        body = Jsonb({"feedback": kept | {"id": feedback.forId}})
        await self.run("UPDATE chat_parts SET body = body || %s WHERE id = %s", body, feedback.forId)
        return feedback.forId

    async def delete_feedback(self, feedback_id: str) -> bool:
        """Delete a rating."""
        await self.run("UPDATE chat_parts SET body = body - 'feedback' WHERE id = %s", feedback_id)
        return True

    @queue_until_user_message()
    async def create_element(self, element: Element) -> None:
        """Store a card or a chart as it is now."""
        body = element.to_dict()
        if element.type != "custom":
            body["url"] = content_url(element)
        # The key of this page's copy of the content means nothing to the next.
        body["chainlitKey"] = None
        await self.run(KEEP, element.id, element.thread_id, "element", Jsonb(body))

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        """Return a stored card or chart."""
        query: LiteralString = "SELECT body FROM chat_parts WHERE thread_id = %s AND id = %s"
        rows = await self.run(query, thread_id, element_id)
        return cast(ElementDict, rows[0][0]) if rows else None

    @queue_until_user_message()
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        """Delete a card."""
        await self.run("DELETE FROM chat_parts WHERE id = %s", element_id)

    @queue_until_user_message()
    async def create_step(self, step_dict: StepDict) -> None:
        """Store a message or a tool call."""
        await self.run(KEEP, step_dict["id"], step_dict["threadId"], "step", step_json(step_dict))

    @queue_until_user_message()
    async def update_step(self, step_dict: StepDict) -> None:
        """Store the current state of a message or a tool call."""
        await self.run(KEEP, step_dict["id"], step_dict["threadId"], "step", step_json(step_dict))

    @queue_until_user_message()
    async def delete_step(self, step_id: str) -> None:
        """Delete a message."""
        await self.run("DELETE FROM chat_parts WHERE id = %s", step_id)

    async def get_thread_author(self, thread_id: str) -> str:
        """Return the name of the owner."""
        rows = await self.run("SELECT owner FROM chat_threads WHERE id = %s", thread_id)
        return str(rows[0][0]) if rows else ""

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Store changes of a conversation; its first message is its name until it gets another."""
        if name is None and user_id is None:
            # What a page leaves behind when it closes must not bring a forgotten conversation back.
            query: LiteralString = "UPDATE chat_threads SET metadata = metadata || %s WHERE id = %s"
            await self.run(query, Jsonb(metadata or {}), thread_id)
            return
        await self.run(
            "INSERT INTO chat_threads AS old (id, name, owner, metadata) "
            "VALUES (%s, %s, coalesce(%s, ''), coalesce(%s, '{}'::jsonb)) ON CONFLICT (id) DO UPDATE SET "
            "name = coalesce(excluded.name, old.name), metadata = old.metadata || excluded.metadata, "
            "owner = coalesce(nullif(excluded.owner, ''), old.owner), updated_at = now()",
            thread_id,
            " ".join(name.replace("\0", "").split())[:LONGEST_NAME] if name else None,
            user_id,
            Jsonb(metadata) if metadata else None,
        )

    async def delete_thread(self, thread_id: str) -> None:
        """Delete a conversation, with what the agent remembers of it."""
        await self.run("DELETE FROM chat_parts WHERE thread_id = %s", thread_id)
        await self.run("DELETE FROM chat_threads WHERE id = %s", thread_id)
        await self.run("DELETE FROM documents WHERE id = %s", key_of(thread_id))

    async def list_threads(
        self, pagination: Pagination, filters: ThreadFilter
    ) -> PaginatedResponse[ThreadDict]:
        """A page of somebody's conversations, newest first; a search looks into what was said."""
        rows = await self.run(
            THREAD + " AS thread WHERE owner = %s AND (%s::text IS NULL OR created_at < "
            "(SELECT created_at FROM chat_threads WHERE id = %s)) AND (%s::text IS NULL OR name ILIKE %s "
            "OR EXISTS (SELECT FROM chat_parts WHERE thread_id = thread.id AND body->>'output' ILIKE %s)) "
            "ORDER BY created_at DESC LIMIT %s",
            filters.userId,
            pagination.cursor,
            pagination.cursor,
            filters.search,
            *[ilike_pattern(filters.search)] * 2,
            pagination.first + 1,
        )
        threads = [thread_of_row(row) for row in rows[: pagination.first]]
        ends = (threads[0]["id"], threads[-1]["id"]) if threads else (None, None)
        return PaginatedResponse(PageInfo(len(rows) > pagination.first, *ends), threads)

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """A whole conversation, in the order in which it was held."""
        rows = await self.run(THREAD + " WHERE id = %s", thread_id)
        if not rows:
            return None
        thread = thread_of_row(rows[0])
        query: LiteralString = (
            "SELECT kind, body FROM chat_parts WHERE thread_id = %s ORDER BY body->>'createdAt', place"
        )
        for kind, body in await self.run(query, thread_id):
            cast(list[Any], thread["steps"] if kind == "step" else thread["elements"]).append(body)
        return thread

    async def build_debug_url(self) -> str:
        """There is none."""
        return ""

    async def close(self) -> None:
        """The store is closed by who opened it."""

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        """Favourites are switched off."""
        return []


def step_json(step: StepDict) -> Jsonb:
    """A step as PostgreSQL takes it: a pasted zero byte is no text."""
    return Jsonb({k: v.replace("\0", "") if isinstance(v, str) else v for k, v in step.items()})


def thread_of_row(row: tuple[Any, ...]) -> ThreadDict:
    """A row as Chainlit's thread, without its steps."""
    identifier, owner, name, metadata, created = row
    return ThreadDict(
        id=identifier,
        createdAt=created.isoformat(),
        name=name,
        userId=owner,
        userIdentifier=owner,
        tags=None,
        metadata=metadata,
        steps=[],
        elements=[],
    )


def content_url(element: Element) -> str | None:
    """The content as an address that holds it, so that a stored chart needs no file."""
    if element.content is None:
        return element.url
    content = element.content if isinstance(element.content, bytes) else element.content.encode()
    return f"data:{element.mime or 'text/plain'};base64,{base64.b64encode(content).decode()}"


def ilike_pattern(search: str | None) -> str:
    """A search for ILIKE, its wildcards taken as letters."""
    letters = (search or "").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{letters}%"
