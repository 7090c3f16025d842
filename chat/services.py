"""What the answers of this process stand on: opened while the first page loads, and again after a failure."""

import asyncio
import gc
import importlib
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from agent.environment import default_model, nobody_answers
from tools.errors import CompassError

if TYPE_CHECKING:
    # At run time they are imported in `open_early`: the page is there before them.
    from tools.store import Store
    from tools.toolbox import Toolbox

log = logging.getLogger(__name__)


class Services:
    """The toolbox of this process, opened early, or at the next need after a failure."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.box: Toolbox | None = None
        self.lock = asyncio.Lock()
        self.starting: asyncio.Task[None] | None = None
        self.client: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to import what answers and to open what it stands on."""
        self.starting = asyncio.create_task(self.open_early())
        self.client = asyncio.create_task(self.import_client())

    async def started(self) -> None:
        """Until everything is imported; whether the toolbox could be opened is seen when it is used."""
        if self.starting is not None:
            await asyncio.shield(self.starting)

    async def open_early(self) -> None:
        """Import in one thread, one package after the other, while PostgreSQL starts and the fit is made."""
        try:
            await imported("tools.toolbox")
            opening = asyncio.create_task(self.opened())
            await imported("chat.answering")
            await opening
        finally:
            gc.enable()
            # What is there now stays: collections need not look at it again.
            gc.freeze()

    async def import_client(self) -> None:
        """What only a language model needs, once everything else is there."""
        await self.started()
        model = default_model()
        if model.startswith("ollama:") and not await asyncio.to_thread(nobody_answers, model):
            await imported("agent.ollama_choice")
            await imported("pydantic_ai.providers.ollama")

    async def opened(self) -> None:
        """Open the toolbox; a failure is told to the visitors, not here."""
        try:
            await self.toolbox()
        except CompassError as error:
            log.warning("%s", error)

    async def toolbox(self) -> "Toolbox":
        """The open toolbox.

        Raises:
            Unavailable: the database does not answer.
        """
        async with self.lock:
            if self.box is not None:
                return self.box
            opening = (await imported("tools.toolbox")).open_toolbox()
            box: Toolbox = await self.stack.enter_async_context(opening)
            self.box = box
            return box

    async def store(self) -> "Store":
        """The open database.

        Raises:
            Unavailable: it does not answer.
        """
        return (await self.toolbox()).store

    async def close(self) -> None:
        """Close what is open; the next call opens it again."""
        async with self.lock:
            self.box = None
            stack, self.stack = self.stack, AsyncExitStack()
            await stack.aclose()


async def imported(name: str) -> Any:
    """A module; while it is imported, the event loop serves the page."""
    return await asyncio.to_thread(importlib.import_module, name)


services = Services()
