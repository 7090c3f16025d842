"""Names that people use, and what the catalog makes of them."""

from collections.abc import Callable

import pytest

from compass.catalog import (
    Catalog,
    find_gpu,
    find_model,
    find_provider,
    find_use_case,
    match_gpus,
    match_models,
    price_of,
)
from compass.core import NotFound


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("H100", "H100-SXM"),
        ("A100", "A100-80-SXM"),
        ("A100 80GB", "A100-80-SXM"),
        ("A100-40GB", "A100-40-SXM"),
        ("nvidia l40s", "L40S"),
        ("rtx4090", "RTX-4090"),
        ("h100 pcie", "H100-PCIe"),
        ("NVIDIA-H100-80GB-HBM3", "H100-SXM"),
        ("Gaudi 3", "Gaudi3"),
    ],
)
def test_a_gpu_by_the_names_people_use(catalog: Catalog, said: str, means: str) -> None:
    assert find_gpu(catalog, said).name == means


def test_a_family_matches_its_members_and_no_look_alike(catalog: Catalog) -> None:
    assert {gpu.name for gpu in match_gpus(catalog, "h100")} == {"H100-SXM", "H100-PCIe", "H100-NVL"}
    assert [gpu.name for gpu in match_gpus(catalog, "A10")] == ["A10"]
    assert {gpu.name for gpu in match_gpus(catalog, "A100 80GB")} == {"A100-80-SXM", "A100-80-PCIe"}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("llama 3.1 8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("LLAMA3.1-8B", "meta-llama/Llama-3.1-8B-Instruct"),
        ("llama 3 8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("phi4", "microsoft/phi-4"),
        ("gemma3 27b", "google/gemma-3-27b-it"),
        ("Mistral 7B", "mistralai/Mistral-7B-Instruct-v0.3"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "meta-llama/Llama-3.1-8B-Instruct"),
        ("DeepSeek R1", "deepseek-ai/DeepSeek-R1"),
    ],
)
def test_a_model_by_the_names_people_use(catalog: Catalog, said: str, means: str) -> None:
    assert find_model(catalog, said).id == means


def test_a_model_family_matches_its_members(catalog: Catalog) -> None:
    families = {model.family.split()[0] for model in match_models(catalog, "llama")}
    assert families == {"Llama"}
    assert len(match_models(catalog, "llama 70b")) == 2
    assert len(match_models(catalog, "llama 3")) == 4


@pytest.mark.parametrize("said", ["", "  ", "-", "nvidia", "8", "the gpu"])
def test_a_name_that_says_nothing_matches_nothing(catalog: Catalog, said: str) -> None:
    assert match_gpus(catalog, said) == []


@pytest.mark.parametrize(
    ("look_up", "said", "nearest"),
    [
        (find_gpu, "H1000X", "H100"),
        (find_model, "lama3", "Llama-3.1-8B-Instruct"),
        (find_use_case, "chatbots", "chatbot_conversational"),
        (find_provider, "lamda", "lambda"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    catalog: Catalog, look_up: Callable[[Catalog, str], object], said: str, nearest: str
) -> None:
    with pytest.raises(NotFound) as error:
        look_up(catalog, said)
    assert f'"{said}"' in str(error.value)
    assert nearest in str(error.value)


@pytest.mark.parametrize("said", ["Code Completion", "code_completion", "code-completion"])
def test_a_use_case_by_name_or_title(catalog: Catalog, said: str) -> None:
    assert find_use_case(catalog, said).name == "code_completion"


@pytest.mark.parametrize(("said", "means"), [("AWS", "aws"), ("Google Cloud", "gcp"), ("Lambda", "lambda")])
def test_a_provider_by_the_names_people_use(catalog: Catalog, said: str, means: str) -> None:
    assert find_provider(catalog, said) == means


def test_the_price_that_counts_is_the_cheapest_verified_newest_one(catalog: Catalog) -> None:
    price = price_of(catalog, "H100-SXM")
    assert price is not None and price.verified
    rivals = [p for p in catalog.prices if p.gpu == "H100-SXM" and p.pricing == "on-demand" and p.verified]
    assert price.usd_per_gpu_hour <= max(p.usd_per_gpu_hour for p in rivals)
    ours = price_of(catalog, "H100-SXM", provider="aws")
    assert ours is not None and ours.provider == "aws"
    newest = max(
        p.as_of
        for p in rivals
        if p.provider == "aws" and p.instance == ours.instance and p.region == ours.region
    )
    assert ours.as_of == newest


def test_no_price_is_none_and_not_zero(catalog: Catalog) -> None:
    assert price_of(catalog, "H100-SXM", provider="nobody") is None
