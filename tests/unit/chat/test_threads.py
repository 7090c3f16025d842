"""Conversations in PostgreSQL."""

import base64
import json
from uuid import uuid4

import pytest
from chainlit.step import StepDict
from chainlit.types import Pagination, ThreadFilter

from chat.cards import Chart
from chat.charts import figure
from chat.threads import Threads, content_url, ilike_pattern
from compass.store import Store


@pytest.fixture
def threads(store: Store, monkeypatch: pytest.MonkeyPatch) -> Threads:
    async def opened() -> Store:
        return store

    return Threads(opened)


async def listed(threads: Threads, owner: str, first: int = 10, **more: str) -> list[str]:
    cursor = more.pop("cursor", None)
    page = await threads.list_threads(
        Pagination(first=first, cursor=cursor), ThreadFilter(userId=owner, **more)
    )
    return [thread["id"] for thread in page.data]


def name() -> str:
    return uuid4().hex


async def test_the_list_is_somebody_s_own_newest_first_and_by_pages(threads: Threads) -> None:
    owner, ids = name(), [name() for _ in range(3)]
    for identifier in ids:
        await threads.update_thread(identifier, name="a need", user_id=owner)
    await threads.update_thread(name(), name="a need", user_id=name())

    assert await listed(threads, owner) == ids[::-1]
    assert await listed(threads, owner, first=2) == [ids[2], ids[1]]
    assert await listed(threads, owner, first=2, cursor=ids[1]) == [ids[0]]
    assert await threads.get_thread_author(ids[0]) == owner


async def test_a_search_takes_its_signs_as_letters(threads: Threads) -> None:
    owner, cheap, percent = name(), name(), name()
    await threads.update_thread(cheap, name="cheap batch", user_id=owner)
    await threads.update_thread(percent, name="40% active", user_id=owner)

    assert await listed(threads, owner, search="CHEAP") == [cheap]
    assert await listed(threads, owner, search="0%") == [percent]
    assert ilike_pattern("a_b%\\") == r"%a\_b\%\\%"


async def test_parts_are_kept_changed_and_forgotten_with_their_conversation(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainlit.data.utils.context", type("C", (), {"session": None}))
    identifier, part = name(), name()
    step: StepDict = {"id": part, "threadId": identifier, "output": "zero \0 byte", "createdAt": "2026"}
    await threads.create_step(step)
    await threads.update_thread(identifier, name="a\0 need\n in lines", user_id="ann")
    await threads.update_step({**step, "output": "changed"})
    empty = json.dumps(figure("Empty", {"title": "x"}, {"title": "y"}))
    drawn = Chart(id=name(), thread_id=identifier, name="chart", content=empty, mime="application/json")
    await threads.create_element(drawn)

    thread = await threads.get_thread(identifier)
    assert thread and thread["name"] == "a need in lines"
    assert [kept["output"] for kept in thread["steps"]] == ["changed"]
    assert [kept["url"] for kept in thread["elements"] or []] == [content_url(drawn)]
    assert json.loads(base64.b64decode(str(content_url(drawn)).split(",")[1]))["data"] == []

    await threads.delete_thread(identifier)
    await threads.update_thread(identifier, metadata={"left": "behind"})
    assert await threads.get_thread(identifier) is None
