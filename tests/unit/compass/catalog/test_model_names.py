"""What the names of models mean: one answer, whoever asks."""

from dataclasses import replace

import pytest

from agent.intent.names import names
from agent.mentioned_names import names_in
from compass.benchmarks import ImportOptions, shipped_runs
from compass.benchmarks.importers.import_options import model_of
from compass.capacity import configuration_of
from compass.catalog import Catalog, find_model, match_models, resolve, resolve_gpu, stem
from compass.catalog.known_models import known_models
from compass.core import NotFound
from compass.estimates import parse_row
from tools.lookup_benchmarks import known_models as measured_models

ROW = {"gpu": "H100-SXM", "prompt_tokens": "512", "output_tokens": "256", "concurrency": "1"}
SAID = {
    "Qwen3-32B-AWQ": "Qwen/Qwen3-32B",
    "Qwen/Qwen3-32B-AWQ": "Qwen/Qwen3-32B",
    "qwen3 32b awq": "Qwen/Qwen3-32B",
    "Qwen3-235B-A22B-Instruct-2507-FP8": "Qwen/Qwen3-235B-A22B",
    "qwen3 30b": "Qwen/Qwen3-30B-A3B",
    "llama 3 70b": "meta-llama/Llama-3.3-70B-Instruct",
    "llama-3-70b": "meta-llama/Llama-3.3-70B-Instruct",
    "meta-llama/Meta-Llama-3-8B-Instruct": "meta-llama/Llama-3.1-8B-Instruct",
    "llama3.1 8b": "meta-llama/Llama-3.1-8B-Instruct",
    "RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a16": "meta-llama/Llama-3.1-8B-Instruct",
    "gpt oss 120b": "openai/gpt-oss-120b",
    "Mistral-Small-24B": "mistralai/Mistral-Small-24B-Instruct-2501",
    "mistralai/Mistral-7B-v0.3": "mistralai/Mistral-7B-Instruct-v0.3",
    "phi4": "microsoft/phi-4",
    "deepseek-v3-0324": "deepseek-ai/DeepSeek-V3",
}


@pytest.fixture(scope="module")
def names_of_the_catalog(catalog: Catalog) -> list[str]:
    """Names of models, checkpoints and measured runs, and what people and files make of them."""
    models = {name for model in catalog.models for name in (model.id, model.name)}
    checkpoints = {checkpoint.id for model in catalog.models for checkpoint in model.checkpoints}
    return sorted(models | checkpoints | {run.model for run in shipped_runs()} | SAID.keys())


def answers(catalog: Catalog, name: str) -> dict[str, str]:
    """The model of the catalog that each caller takes a name for."""
    run = shipped_runs()[0]
    _, mentioned = names_in(f"why not {name}?", catalog)
    wished = [one.meant[0] for one in names(f"a chatbot with {name.lower()}") if one.kind == "model"]
    return {
        "find": find_model(catalog, name).id,
        "file": parse_row(ROW | {"model": name}, catalog).resolved.name,
        "evidence": configuration_of(replace(run, model=name), catalog).model,
        "importer": find_model(catalog, model_of(ImportOptions(), name)).id,
        "plan": max(match_models(catalog, name), key=lambda model: model.release).id,
        "question": " ".join(find_model(catalog, one).id for one in mentioned),
        "request": " ".join(find_model(catalog, one).id for one in wished),
    }


def test_all_who_ask_for_a_model_of_the_catalog_get_the_same(
    catalog: Catalog, names_of_the_catalog: list[str]
) -> None:
    meant = {name: resolve(catalog, name) for name in names_of_the_catalog}

    assert {found.known for found in meant.values()} == {"catalog"}
    assert {name: meant[name].name for name in SAID} == SAID
    assert {
        name: others
        for name, found in meant.items()
        if set((others := answers(catalog, name)).values()) != {found.name}
    } == {}


def test_runs_are_looked_up_by_the_model_that_their_names_mean(catalog: Catalog) -> None:
    runs = [replace(shipped_runs()[0], model=name) for name in SAID]

    for name, model in SAID.items():
        same = {other for other, meant in SAID.items() if meant == model}
        assert same <= measured_models(catalog, runs, name)


def test_models_outside_of_the_catalog_are_known_to_files_and_unknown_to_plans(catalog: Catalog) -> None:
    run = shipped_runs()[0]
    for name in known_models():
        assert resolve(catalog, name).known == "known", name
        assert parse_row(ROW | {"model": name}, catalog).resolved.known == "known"
        assert model_of(ImportOptions(), name) == name
        assert match_models(catalog, name) == []
        with pytest.raises(NotFound):
            configuration_of(replace(run, model=name), catalog)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b"),
        ("nvidia/Llama-3.1-8B-Instruct-FP8", "llama-3.1-8b"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "qwen2.5-7b"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"),
        ("deepseek-ai/DeepSeek-V2.5", "deepseek-v2.5"),
    ],
)
def test_a_name_without_its_format_is_the_model(name: str, own: str) -> None:
    assert stem(name) == own


def test_a_version_that_is_not_in_the_catalog_is_not_another_one(catalog: Catalog) -> None:
    found = resolve(catalog, "deepseek-ai/DeepSeek-V2.5")

    assert (found.known, found.parameters_b) == ("known", 236)


def test_an_unknown_model_is_guessed_from_its_size(catalog: Catalog) -> None:
    dense, mixture = resolve(catalog, "acme/Foo-13B-Instruct"), resolve(catalog, "acme/Foo-30B-A3B")

    assert (dense.known, dense.parameters_b) == ("guessed", 13.0)
    assert mixture.architecture.experts and mixture.active_parameters_b == 3.0


def test_gpus_outside_the_catalog_are_known_to_files(catalog: Catalog) -> None:
    assert resolve_gpu(catalog, "RTX-3090").memory_gib == 24.0
    with pytest.raises(NotFound, match="H100-SXM"):
        resolve_gpu(catalog, "H1000")
