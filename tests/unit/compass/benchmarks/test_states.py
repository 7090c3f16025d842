"""Sources that a user pins or excludes."""

import pytest

from cli.benchmarks import set_state
from compass.benchmarks import SHIPPED_SOURCE, ensure_shipped, fetch_runs, shipped_runs, write_runs
from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.core import CompassError, InvalidInput
from compass.store import Store


async def load_own(store: Store) -> None:
    await ensure_shipped(store)
    async with store.connection() as connection:
        await connection.execute("DELETE FROM sources WHERE name <> %s", [SHIPPED_SOURCE])
        await write_runs(connection, "own", "simulated", "x", shipped_runs()[:20])


async def test_a_pinned_source_is_planned_with_alone_and_looked_up_with_the_others(store: Store) -> None:
    await load_own(store)
    assert {run.source for run in await fetch_runs(store, for_planning=True)} == {SHIPPED_SOURCE, "own"}

    await set_state(store, "own", "pinned")
    try:
        assert {run.source for run in await fetch_runs(store, for_planning=True)} == {"own"}
        assert {run.source for run in await fetch_runs(store)} == {SHIPPED_SOURCE, "own"}
        assert set((await Estimator.from_store(store, load_catalog())).runs.kinds) == {"simulated"}
    finally:
        await set_state(store, "own", "used")


async def test_without_any_source_in_use_planning_says_what_to_do(store: Store) -> None:
    await load_own(store)
    for source in ("own", SHIPPED_SOURCE):
        await set_state(store, source, "excluded")
    try:
        with pytest.raises(InvalidInput, match="compass benchmarks use"):
            await Estimator.from_store(store, load_catalog())
    finally:
        for source in ("own", SHIPPED_SOURCE):
            await set_state(store, source, "used")


async def test_a_misspelt_source_names_the_nearest(store: Store) -> None:
    await load_own(store)
    with pytest.raises(CompassError, match="own"):
        await set_state(store, "owm", "pinned")
