"""Plans that the tests of planning share, made once."""

import pytest

from compass.planning import Plan, SearchSpace, verify_plan
from tests.unit.compass.planning.planned_requests import REQUESTS, planned


@pytest.fixture(scope="session")
def plans(search_space: SearchSpace) -> dict[str, Plan]:
    """A plan of each of REQUESTS, its options simulated."""
    return {
        name: verify_plan(search_space, planned(search_space, wishes)) for name, wishes in REQUESTS.items()
    }
