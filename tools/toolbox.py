"""What the tools stand on, opened once by a door and handed to each call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from compass.benchmarks import ensure_shipped
from compass.capacity import Estimator
from compass.catalog import Catalog, load_catalog
from compass.planning import SearchSpace
from compass.serving import ApprovalRequest, Approver, Progress, Target, open_targets
from compass.store import Store, open_store


async def nobody(request: ApprovalRequest) -> bool:
    """The approver of a door at which no person sits: always no."""
    return False


def silent(message: str) -> None:
    """The progress of a door that shows none."""


@dataclass(frozen=True)
class Toolbox:
    """Services that a tool may use. `dataclasses.replace(box, approver=...)` gives a door its own."""

    catalog: Catalog
    store: Store
    estimator: Estimator
    targets: dict[str, Target]
    search_space: SearchSpace
    """Every configuration of the catalog under the estimator; what planning searches."""
    approver: Approver = nobody
    progress: Progress = silent


@asynccontextmanager
async def open_toolbox(approver: Approver = nobody, progress: Progress = silent) -> AsyncIterator[Toolbox]:
    """Open the store, load the shipped runs when they are not there yet, and join the services.

    Raises:
        Unavailable: the database cannot be started or reached.
    """
    async with open_store(progress) as store:
        await ensure_shipped(store)
        catalog = load_catalog()
        estimator = await Estimator.from_store(store, catalog)
        # In a thread: a chat serves its page meanwhile.
        search_space = await asyncio.to_thread(SearchSpace, catalog, estimator)
        yield Toolbox(
            catalog, store, estimator, open_targets(store, catalog), search_space, approver, progress
        )
