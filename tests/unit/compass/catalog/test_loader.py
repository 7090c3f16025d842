"""The shipped data, and files that are wrong."""

import shutil
from pathlib import Path

import pytest

from compass.catalog import Catalog, WrongData, load_catalog, load_price_overrides, parameters_of
from compass.catalog.loader import DATA
from compass.core import NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalog's data files to spoil."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_enough_to_choose_from(catalog: Catalog) -> None:
    assert len(catalog.models) >= 30
    assert len(catalog.gpus) >= 12
    assert len(catalog.use_cases) == 12
    assert len(catalog.classes) == 5
    assert len(catalog.demonstrations) == 3


def test_every_figure_has_a_source_and_every_price_a_date(catalog: Catalog) -> None:
    assert all(gpu.source for gpu in catalog.gpus)
    assert all(score.source and score.measured_by for model in catalog.models for score in model.scores)
    assert all(price.source and price.as_of[:3] == "202" for price in catalog.prices)


def test_dimensions_make_the_published_number_of_parameters(catalog: Catalog) -> None:
    for model in catalog.models:
        counted = parameters_of(model.architecture).total_b
        # A vision encoder is not part of the dimensions: 0.4 B at Gemma and Mistral, 1 B at Llama 4.
        missing = 1.0 if "image" in model.modalities else 0.0
        assert model.parameters_b * 0.985 - missing <= counted <= model.parameters_b * 1.015, model.id


def test_dimensions_make_the_size_of_the_weights(catalog: Catalog) -> None:
    for model in catalog.models:
        vision = int(max(0.0, model.parameters_b - parameters_of(model.architecture).total_b) * 1e9)
        counted = parameters_of(model.architecture, vision)
        for checkpoint in model.checkpoints:
            assert checkpoint.weight_gib == pytest.approx(
                counted.weight_gib(checkpoint.precision), rel=0.1
            ), checkpoint.id


def test_figures_of_gpus_are_plausible(catalog: Catalog) -> None:
    for gpu in catalog.gpus:
        tflops = gpu.dense_tflops
        # fp8 runs at twice the rate of bf16, but for Gaudi 3, whose matrix engine runs both at one.
        ratio = 1.0 if gpu.name == "Gaudi3" else 2.0
        assert tflops.fp8 is None or tflops.fp8 / tflops.bf16 == pytest.approx(ratio, rel=0.05), gpu.name
        assert 20 <= gpu.memory_gib <= 300, gpu.name
        # The compute that a byte of memory traffic can feed lies within an order of magnitude everywhere.
        assert 60 <= tflops.bf16 * 1000 / gpu.memory_bandwidth_gb_s <= 700, gpu.name


def test_targets_lie_inside_what_their_use_case_allows_or_the_file_says_otherwise(catalog: Catalog) -> None:
    for use_case in catalog.use_cases:
        low, high = use_case.target_range["ttft_ms"]
        assert low <= use_case.targets.ttft_ms <= high
        assert use_case.experience_class in {entry.name for entry in catalog.classes}


def test_names_are_unambiguous(catalog: Catalog) -> None:
    checkpoints = [checkpoint.id for model in catalog.models for checkpoint in model.checkpoints]
    assert len(checkpoints) == len(set(checkpoints))
    assert {price.gpu for price in catalog.prices} <= {gpu.name for gpu in catalog.gpus}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("gpus.yaml", "memory_gib: 22.49", "memory_gib: -1", r"gpus\.yaml: L4: memory_gib: .*greater than 0"),
        ("gpus.yaml", "vendor: nvidia", "vendor: acme", r"gpus\.yaml: L4: vendor: "),
        ("gpus.yaml", "name: A10G", "name: L4", r"gpus\.yaml: L4: name: appears twice"),
        (
            "models.yaml",
            "layers: 32, ",
            "",
            r"models\.yaml: meta-llama/.*: architecture\.layers: Field required",
        ),
        ("models.yaml", "family:", "familiy:", r"models\.yaml: meta-llama/.*: famil"),
        ("models.yaml", "- id:", "- [", r"models\.yaml: not YAML"),
        (
            "use_cases.yaml",
            "active: 0.2",
            "active: 20",
            r"use_cases\.yaml: chatbot_conversational: workload\.active",
        ),
        ("use_cases.yaml", "experience_class: conversational", "experience_class: slow", "slow is no class"),
        ("use_cases.yaml", "demonstrations:", "demos:", r"use_cases\.yaml: demonstrations: must hold a list"),
        ("prices.csv", "2.7447", "cheap", r"prices\.csv: line \d+: usd_per_gpu_hour"),
        ("prices.csv", "21.9576", "99", r"prices\.csv: line \d+: usd_per_instance_hour: is not that"),
        ("prices.csv", "A100-40-SXM,aws", "A1000,aws", r"prices\.csv: aws .*: gpu: A1000 is not"),
    ],
)
def test_a_wrong_file_is_refused_with_file_entry_and_field(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    spoil(folder / file, old, new)
    with pytest.raises(WrongData, match=said):
        load_catalog(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "gpus.yaml").unlink()
    with pytest.raises(WrongData, match=r"gpus\.yaml: cannot be read"):
        load_catalog(folder)


@pytest.mark.parametrize("name", ["own.yaml", "own.csv"])
def test_own_prices_from_a_file_count_for_the_family(catalog: Catalog, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(
        "H100: $2.20\nL4: 0.5\n" if name.endswith("yaml") else "gpu,usd_per_gpu_hour\nh100,2.20\nL4,0.5\n"
    )

    prices = load_price_overrides(catalog, path)

    assert prices == {"H100-SXM": 2.2, "H100-PCIe": 2.2, "H100-NVL": 2.2, "L4": 0.5}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("own.yaml", "H100: free", r"own\.yaml: H100: usd_per_gpu_hour"),
        ("own.yaml", "H100: -1", r"own\.yaml: H100: usd_per_gpu_hour"),
        ("own.yaml", "B5000: 1", r'own\.yaml: B5000: gpu: No GPU called "B5000"'),
        ("own.yaml", "- H100", r"own\.yaml: must hold"),
        ("own.yaml", "{}", r"own\.yaml: holds no price"),
        ("own.csv", "gpu,price\nH100,2", r"own\.csv: line 1: usd_per_gpu_hour: is missing"),
        ("own.csv", "gpu,usd_per_gpu_hour\nL4,0.5\nL40S,nan", r"own\.csv: line 3: usd_per_gpu_hour"),
    ],
)
def test_wrong_own_prices_are_refused(
    catalog: Catalog, tmp_path: Path, name: str, text: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises((WrongData, NotFound), match=said):
        load_price_overrides(catalog, path)
