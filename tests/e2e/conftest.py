"""The chat that the browser tests share, and a tab on it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.browser import chat_server, person, started, tab


@pytest.fixture(scope="session")
def address(data_dir: Path) -> Iterator[str]:
    """The address of a chat that runs as users run it."""
    with chat_server(data_dir) as url:
        yield url


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A data directory with a database that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="compass-chat-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium for all; each test is another person to it."""
    async with started() as browser:
        yield browser


@pytest.fixture
async def page(chromium: Browser, address: str) -> AsyncIterator[Page]:
    """A new person's tab on an empty conversation."""
    async with person(chromium) as context, tab(context, address) as opened:
        yield opened
