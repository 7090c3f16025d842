"""Models and GPUs that the catalog lacks are planned with, and what is not known of them is said."""

import pytest

from compass.catalog import Catalog, model_of
from compass.core import InvalidInput, NotFound
from compass.manifests import render
from compass.manifests.recipe import Recipe
from compass.planning import SearchSpace, Wishes, specify, verify_plan
from tests.unit.compass.planning.planned_requests import planned


def test_a_model_of_known_dimensions_is_planned_without_a_score(search_space: SearchSpace) -> None:
    wishes = Wishes(user_count=25, preferred_models=("Qwen3-Coder-30B",))
    plan = verify_plan(search_space, planned(search_space, wishes))

    assert plan.options and {option.model for option in plan.options} == {"Qwen3-Coder-30B"}
    assert all(option.quality is None for option in plan.options)
    assert all(option.simulated is not None for option in plan.options)
    assumed = next(entry for entry in plan.assumptions if entry.field == "model")
    assert assumed.why.startswith("dimensions from its published configuration; not in the catalog")
    assert "30.5B parameters, 3.3B of them active" in assumed.why
    assert any("no score and no weights of it are known by name" in remark for remark in plan.remarks)
    assert {option.precision for option in plan.options} <= {"bf16", "fp8"}


def test_only_what_was_named_is_searched(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(preferred_models=("grok-1",), preferred_gpu_types=("H100",)))

    assert plan.options[0].gpu.startswith("H100") and plan.options[0].gpus >= 4
    assert plan.considered < len(search_space.candidates) / 10
    everywhere = search_space.for_names(("grok-1",), (), None)
    assert everywhere is search_space.for_names(("grok-1",), (), None), "kept for the next request"
    assert search_space.for_names(("Qwen/Qwen3-8B",), (), None) is search_space


def test_a_gpu_of_a_data_sheet_is_planned_in_gpus_without_dollars(search_space: SearchSpace) -> None:
    wishes = Wishes(requests_per_second=0.1, model_parameters_b=7, preferred_gpu_types=("T4",))
    plan = planned(search_space, wishes)

    assert plan.options and {option.gpu for option in plan.options} == {"T4"}
    assert plan.options[0].usd_per_month is None
    assert any("T4 is not in Compass's catalog: 15 GiB and 320 GB/s" in remark for remark in plan.remarks)
    priced = planned(search_space, wishes.changed(gpu_prices=("T4=0.35",)))
    assert priced.options[0].usd_per_gpu_hour == 0.35


def test_a_version_of_a_data_sheet_is_assumed(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(preferred_gpu_types=("V100",)))

    assert wish.preferred_gpu_types[0].startswith("V100-16")
    assert any(entry.field == "gpu" and "16 and 32 GiB" in entry.why for entry in wish.assumptions)


def test_a_minor_version_that_stands_for_another_is_assumed(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(preferred_models=("llama-3-8b",)))

    assert wish.preferred_models == ("meta-llama/Llama-3.1-8B-Instruct",)
    assumed = next(entry for entry in wish.assumptions if entry.field == "model")
    assert assumed.why == "stands for llama-3-8b, which is not in the catalog"
    exact = specify(catalog, Wishes(preferred_models=("Llama-3.1-8B",)))
    assert not any(entry.field == "model" for entry in exact.assumptions)


def test_a_size_beside_an_unknown_name_is_planned_and_no_size_is_not(
    search_space: SearchSpace, catalog: Catalog
) -> None:
    plan = planned(search_space, Wishes(preferred_models=("acme",), model_parameters_b=13))
    assert plan.options[0].model == "acme-13b"
    assert model_of(catalog, "acme-13b").parameters_b == 13

    with pytest.raises(NotFound, match=r"by its size in the name .* or by its config\.json"):
        specify(catalog, Wishes(preferred_models=("acme",)))


def test_a_four_bit_format_is_planned_where_it_is_named(search_space: SearchSpace) -> None:
    wishes = Wishes(preferred_models=("Qwen3-Coder-30B",), precision="int4", preferred_gpu_types=("L4",))
    assert planned(search_space, wishes).options[0].precision == "int4"


def test_weights_known_by_name_can_be_rendered_and_others_say_why_not(
    search_space: SearchSpace, catalog: Catalog
) -> None:
    wishes = Wishes(user_count=20, preferred_models=("Qwen/Qwen3-Coder-30B-A3B-Instruct",), precision="bf16")
    recipe = Recipe(option_id="option-1", name="coder")
    plan = planned(search_space, wishes)
    rendered = render(recipe, plan.options[0], plan.specification, catalog)
    assert any("Qwen/Qwen3-Coder-30B-A3B-Instruct" in manifest.yaml for manifest in rendered.manifests)

    plan = planned(search_space, wishes.changed(precision="fp8"))
    with pytest.raises(InvalidInput, match=r"no weights of .* in fp8 are known by name"):
        render(recipe, plan.options[0], plan.specification, catalog)
