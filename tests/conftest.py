"""What tests share: one toolbox over a database of their own."""

from collections.abc import AsyncIterator

import pytest

from tools.toolbox import Toolbox, open_toolbox


@pytest.fixture(scope="session")
async def toolbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Toolbox]:
    """The real services over an embedded database in a temporary folder; nobody approves."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COMPASS_DATA_DIR", str(tmp_path_factory.mktemp("compass-data")))
        environment.delenv("COMPASS_DATABASE_URL", raising=False)
        async with open_toolbox() as box:
            yield box
