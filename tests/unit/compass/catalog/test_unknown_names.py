"""What is said of names that the catalog lacks."""

import pytest

from compass.catalog import find_gpu, find_model, load_catalog
from compass.core import NotFound


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RTX A6000", "L40S"),
        ("A40", "L40"),
        ("V100", "A30"),
        ("H800", "H100-SXM"),
        ("RTX 3090", "RTX-4090"),
        ("T4", "L4"),
    ],
)
def test_a_gpu_that_is_heard_of_is_named_with_the_nearest_known(name: str, nearest: str) -> None:
    with pytest.raises(NotFound) as told:
        find_gpu(load_catalog(), name)

    assert f'No GPU called "{name}"' in str(told.value)
    assert nearest in str(told.value)
    assert "GB/s" in str(told.value)


def test_a_gpu_that_nobody_heard_of_is_asked_about() -> None:
    with pytest.raises(NotFound, match="name one that is near it in memory and bandwidth"):
        find_gpu(load_catalog(), "Z9000")


def test_a_model_that_is_not_known_can_be_given_by_its_config() -> None:
    with pytest.raises(NotFound, match=r"or by its config\.json"):
        find_model(load_catalog(), "glm-5.2")
