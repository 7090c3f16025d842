"""The settings form, read."""

import pytest

from agent.turn_state import Place
from chat.settings import ANY, read
from compass.catalog import Catalog
from compass.core import CompassError
from compass.planning import Wishes


def test_an_untouched_form_adds_nothing(catalog: Catalog) -> None:
    assert read({}, catalog).wishes == Wishes()
    assert read({}, catalog).sentence() == ""
    assert read({"provider": ANY, "target": "local", "gpu_prices": " , "}, catalog).sentence() == ""


def test_what_is_set_holds_as_typed_values_and_is_told(catalog: Catalog) -> None:
    values = {
        "provider": "aws",
        "gpu_prices": "H100-SXM=2.20, L40S=0.95",
        "target": "kubernetes",
        "namespace": "team",
    }

    settings = read(values, catalog)

    assert settings.wishes == Wishes(provider="aws", gpu_prices=("H100-SXM=2.20", "L40S=0.95"))
    assert settings.place == Place(target="kubernetes", namespace="team")
    assert settings.sentence() == (
        "prices of aws, your GPU prices H100-SXM=2.20, L40S=0.95 (US dollars an hour), "
        "deployments to kubernetes, namespace team"
    )


@pytest.mark.parametrize(
    "values",
    [
        {"gpu_prices": "H100-SXM"},
        {"gpu_prices": "H100-SXM=cheap"},
        {"gpu_prices": "H100-SXM=-1"},
        {"gpu_prices": "H100-SXM=²"},
        {"gpu_prices": "NoSuchGpu9=2"},
        {"namespace": "Not A Namespace"},
        {"namespace": "x" * 64},
    ],
)
def test_what_cannot_be_gets_a_sentence(catalog: Catalog, values: dict[str, str]) -> None:
    with pytest.raises(CompassError, match=r"\w+ \w+"):
        read(values, catalog)
