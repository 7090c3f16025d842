"""The shipped catalog, its finders, and what a wrong file gets."""

from pathlib import Path

import pytest

from compass.catalog import Catalog, WrongData, find_gpu, find_model, load_catalog, match_gpus, price_of
from compass.catalog.loader import DATA
from compass.core import NotFound


def copied(folder: Path) -> Path:
    for path in DATA.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_shipped_catalog_is_large_enough_and_dated(catalog: Catalog) -> None:
    assert len(catalog.models) >= 30
    assert len(catalog.gpus) >= 12
    assert len(catalog.use_cases) == 12 and len(catalog.classes) == 5
    assert all(price.as_of and price.source for price in catalog.prices)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("H100", "H100-SXM"), ("a100 80gb", "A100-80-SXM"), ("NVIDIA L40S", "L40S"), ("rtx 4090", "RTX-4090")],
)
def test_a_gpu_is_found_by_what_people_call_it(catalog: Catalog, said: str, meant: str) -> None:
    assert find_gpu(catalog, said).name == meant


def test_a_family_means_all_its_members(catalog: Catalog) -> None:
    assert len(match_gpus(catalog, "A100")) == 4


def test_an_unknown_name_names_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match=r"Llama-3\.1-8B-Instruct"):
        find_model(catalog, "lama3")


def test_the_cheapest_price_is_a_verified_one(catalog: Catalog) -> None:
    price = price_of(catalog, "L40S")

    assert price is not None and price.verified


def test_checkpoints_weigh_what_their_parameters_do(catalog: Catalog) -> None:
    for model in catalog.models:
        for checkpoint in model.checkpoints:
            if checkpoint.precision == "bf16":
                expected = model.parameters_b * 2e9 / 2**30
                assert checkpoint.weight_gib == pytest.approx(expected, rel=0.1), checkpoint.id


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("gpus.yaml", "memory_gib: 22.49", "memory_gib: -1", r"gpus\.yaml: L4: memory_gib"),
        ("models.yaml", "gated: true", "gated: true\n  colour: red", r"models\.yaml: .*Llama.*: colour"),
        ("prices.csv", ",on-demand,", ",sometimes,", r"prices\.csv: line \d+: pricing"),
        ("use_cases.yaml", "classes:", "classes: [", r"use_cases\.yaml: not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_entry_and_field(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    path = copied(tmp_path) / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    with pytest.raises(WrongData, match=says):
        load_catalog(tmp_path)
