"""One replica of an option is the replica that the plan searched, under the same assumptions."""

import pytest

from compass.core import NotFound
from compass.planning import Field, Wishes, make_plan, replica_configuration, replica_of, specify
from compass.planning.search import search
from tests.shipped import shipped_field

REQUESTS = {
    "chatbot": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300),
    "code": Wishes(use_case="code_generation_detailed", user_count=500, accuracy_priority="high"),
    "batch": Wishes(use_case="summarization_short", experience_class="batch", user_count=2000),
    "completion": Wishes(use_case="code_completion", user_count=200),
    "RAG": Wishes(use_case="document_analysis_rag", user_count=1200, budget_usd_per_month=9000),
    "long": Wishes(use_case="long_document_summarization", user_count=800, availability="n+1"),
    "p99": Wishes(use_case="chatbot_conversational", requests_per_second=120, percentile="p99"),
    "mxfp4": Wishes(use_case="chatbot_conversational", user_count=900, preferred_models=("gpt-oss-120b",)),
    "one GPU": Wishes(use_case="chatbot_conversational", user_count=900, preferred_gpu_types=("L4",)),
    "one cloud": Wishes(use_case="research_legal_analysis", user_count=400, provider="aws"),
    "cached": Wishes(use_case="document_analysis_rag", user_count=1200, prefix_cache_hit_rate=0.5),
    "speculative": Wishes(use_case="translation", user_count=3000, speculative_speedup=2.0),
}


@pytest.fixture(scope="module")
def space() -> Field:
    return shipped_field()


@pytest.mark.parametrize("name", REQUESTS)
def test_a_replica_is_the_candidate_that_was_searched(space: Field, name: str) -> None:
    plan = make_plan(space, specify(space.catalog, REQUESTS[name]))
    searched = {
        (c.model.id, c.checkpoint.id, c.checkpoint.precision, c.gpu.name, c.tensor_parallel): c.configuration
        for c in space.candidates
    }

    assert plan.options
    for option in plan.options:
        planned = (option.model, option.checkpoint, option.precision, option.gpu, option.tensor_parallel)
        assert replica_configuration(option, space.catalog) == searched[planned]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_replica_has_the_step_times_that_were_searched(space: Field, name: str) -> None:
    specification = specify(space.catalog, REQUESTS[name])
    option = make_plan(space, specification).options[0]
    searched = search(space, specification).pace

    profile = replica_of(option, specification, space.catalog, space.estimator)

    row = next(
        row
        for row, index in enumerate(searched.index)
        if space.candidates[index].configuration == replica_configuration(option, space.catalog)
    )
    assert profile.decode_ms == pytest.approx(searched.profiles.decode_ms[row])
    assert profile.prefill_ms_per_token == pytest.approx(searched.profiles.prefill_ms_per_token[row])
    assert profile.kv_capacity_tokens == searched.profiles.kv_capacity_tokens[row]


def test_prefix_hits_spare_prefill_and_speculation_shortens_steps(space: Field) -> None:
    plain = specify(space.catalog, REQUESTS["RAG"])
    option = make_plan(space, plain).options[0]
    assumed = plain.model_copy(update={"prefix_cache_hit_rate": 0.5, "speculative_speedup": 2.0})

    was, now = (replica_of(option, wish, space.catalog, space.estimator) for wish in (plain, assumed))

    assert now.prefill_ms_per_token == pytest.approx(was.prefill_ms_per_token * 0.5)
    assert now.decode_ms == pytest.approx([step / 2 for step in was.decode_ms])
    assert now.kv_capacity_tokens == was.kv_capacity_tokens


def test_a_checkpoint_that_left_the_catalog_is_named(space: Field) -> None:
    option = make_plan(space, specify(space.catalog, REQUESTS["chatbot"])).options[0]
    models = tuple(
        model.model_copy(update={"checkpoints": ()}) if model.id == option.model else model
        for model in space.catalog.models
    )

    with pytest.raises(NotFound, match=option.checkpoint):
        replica_configuration(option, space.catalog.model_copy(update={"models": models}))
