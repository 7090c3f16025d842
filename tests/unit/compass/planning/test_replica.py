"""One replica of an option is the replica that the plan searched, under the same assumptions."""

import pytest

from compass.core import NotFound
from compass.planning import Plan, SearchSpace, Wishes, as_served, replica_configuration, replica_of
from compass.planning.search import run_search
from tests.unit.compass.planning.planned_requests import REQUESTS, planned

ASSUMED = {
    "cached": Wishes(use_case="document_analysis_rag", user_count=1200, prefix_cache_hit_rate=0.5),
    "speculative": Wishes(use_case="translation", user_count=3000, speculative_speedup=2.0),
    "mxfp4": Wishes(use_case="chatbot_conversational", user_count=900, preferred_models=("gpt-oss-120b",)),
}


@pytest.fixture(scope="module")
def all_plans(search_space: SearchSpace, plans: dict[str, Plan]) -> dict[str, Plan]:
    return plans | {name: planned(search_space, wishes) for name, wishes in ASSUMED.items()}


@pytest.mark.parametrize("name", REQUESTS | ASSUMED)
def test_a_replica_is_the_candidate_that_was_searched(
    search_space: SearchSpace, all_plans: dict[str, Plan], name: str
) -> None:
    searched = {}
    for candidate in search_space.candidates:
        layout = candidate.tensor_parallel, candidate.pipeline_parallel
        weights = candidate.checkpoint.id, candidate.checkpoint.precision
        searched[(candidate.model.id, *weights, candidate.gpu.name, *layout)] = candidate.configuration

    assert all_plans[name].options
    for option in all_plans[name].options:
        layout = option.tensor_parallel, option.pipeline_parallel
        key = (option.model, option.checkpoint, option.precision, option.gpu, *layout)
        assert replica_configuration(option, search_space.catalog) == searched[key]


@pytest.mark.parametrize("name", REQUESTS | ASSUMED)
def test_a_replica_has_the_step_times_that_were_searched(
    search_space: SearchSpace, all_plans: dict[str, Plan], name: str
) -> None:
    option = all_plans[name].options[0]
    specification = as_served(all_plans[name].specification, option)
    searched = run_search(search_space, all_plans[name].specification).step_times

    profile = replica_of(option, specification, search_space.catalog, search_space.estimator)

    configuration = replica_configuration(option, search_space.catalog)
    row = next(
        row
        for row, index in enumerate(searched.index)
        if search_space.candidates[index].configuration == configuration
    )
    assert profile.decode_ms == pytest.approx(searched.profiles.decode_ms[row])
    assert profile.prefill_ms_per_token == pytest.approx(searched.profiles.prefill_ms_per_token[row])
    assert profile.kv_capacity_tokens == searched.profiles.kv_capacity_tokens[row]


def test_prefix_hits_spare_prefill_and_speculation_shortens_steps(
    search_space: SearchSpace, plans: dict[str, Plan]
) -> None:
    option, plain = plans["budget"].options[0], plans["budget"].specification
    assumed = plain.model_copy(update={"prefix_cache_hit_rate": 0.5, "speculative_speedup": 2.0})

    was, now = (
        replica_of(option, specification, search_space.catalog, search_space.estimator)
        for specification in (plain, assumed)
    )

    assert now.prefill_ms_per_token == pytest.approx(was.prefill_ms_per_token * 0.5)
    assert now.decode_ms == pytest.approx([step / 2 for step in was.decode_ms])
    assert now.kv_capacity_tokens == was.kv_capacity_tokens


def test_a_checkpoint_that_left_the_catalog_is_named(
    search_space: SearchSpace, plans: dict[str, Plan]
) -> None:
    option, catalog = plans["support"].options[0], search_space.catalog
    models = tuple(
        model.model_copy(update={"checkpoints": ()}) if model.id == option.model else model
        for model in catalog.models
    )

    with pytest.raises(NotFound, match=option.checkpoint):
        replica_configuration(option, catalog.model_copy(update={"models": models}))
