"""What tests share: a real PostgreSQL in a folder of its own, and an open toolbox."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from compass.capacity import Estimator
from compass.catalog import Catalog, load_catalog
from compass.planning import SearchSpace
from compass.store import Store, open_store
from tools.toolbox import Toolbox, open_toolbox

# No test judges this machine's speed.
settings.register_profile("compass", deadline=None)
settings.load_profile("compass")


@pytest.fixture(scope="session", autouse=True)
def without_a_language_model() -> Iterator[None]:
    """No test talks to a model, or to a database, that happens to be on this machine."""
    for name in ("COMPASS_DATABASE_URL", "OLLAMA_BASE_URL", "COMPASS_PASSWORD"):
        os.environ.pop(name, None)
    os.environ["COMPASS_MODEL"] = "offline"
    yield


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """A data directory of this test run.

    Not pytest's own: PostgreSQL refuses to run as root, and its stand-in user cannot enter a private folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="compass-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def own_data_dir(data_dir: Path) -> Iterator[Path]:
    """The same folder, also for what this process opens."""
    before = os.environ.get("COMPASS_DATA_DIR")
    os.environ["COMPASS_DATA_DIR"] = str(data_dir)
    yield data_dir
    if before is None:
        os.environ.pop("COMPASS_DATA_DIR")
    else:
        os.environ["COMPASS_DATA_DIR"] = before


@pytest.fixture(scope="session")
def search_space() -> SearchSpace:
    """The candidates of the shipped catalog under the shipped estimator; planning changes nothing of them."""
    return SearchSpace(load_catalog(), Estimator.for_plans())


@pytest.fixture(scope="session")
async def toolbox(own_data_dir: Path) -> AsyncIterator[Toolbox]:
    """Everything that a tool may use, opened once."""
    async with open_toolbox() as box:
        yield box


@pytest.fixture(scope="session")
async def store(own_data_dir: Path) -> AsyncIterator[Store]:
    """A store; tests make their own documents and remove nobody else's."""
    async with open_store() as opened:
        yield opened


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The shipped catalog."""
    return load_catalog()
