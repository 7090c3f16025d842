"""Plans checked by hand: arithmetic, ledger, views, relaxations, tipping points, what-if."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.catalog import load_catalog
from compass.planning import Field, Option, Plan, Wishes, differences, make_plan, recheck, specify
from compass.planning.quality import quality_of
from tests.shipped import shipped_field

CATALOG = load_catalog()

REQUESTS = {
    "chatbot": Wishes(
        use_case="chatbot_conversational", user_count=5000, ttft_ms=500, latency_priority="high"
    ),
    "code": Wishes(use_case="code_generation_detailed", user_count=500, accuracy_priority="high"),
    "batch": Wishes(
        use_case="summarization_short", experience_class="batch", user_count=2000, cost_priority="high"
    ),
    "completion": Wishes(use_case="code_completion", user_count=200),
    "rag": Wishes(use_case="document_analysis_rag", user_count=1200, excluded_gpu_types=("H100",)),
    "translation": Wishes(use_case="translation", user_count=300, budget_usd_per_month=3000),
    "legal": Wishes(use_case="research_legal_analysis", user_count=400),
    "long": Wishes(use_case="long_document_summarization", user_count=800, availability="n+1"),
    "content": Wishes(use_case="content_generation", user_count=3000),
    "rate": Wishes(use_case="chatbot_conversational", requests_per_second=120, percentile="p99"),
    "one model": Wishes(
        use_case="chatbot_conversational", user_count=2000, preferred_models=("Llama-3.1-8B",)
    ),
    "one cloud": Wishes(use_case="chatbot_conversational", user_count=2000, provider="aws"),
    "own price": Wishes(use_case="chatbot_conversational", user_count=9000, gpu_prices=("H100=1.10",)),
}


@pytest.fixture(scope="module")
def space() -> Field:
    return shipped_field()


@pytest.fixture(scope="module")
def plans(space: Field) -> dict[str, Plan]:
    return {name: make_plan(space, specify(CATALOG, wishes)) for name, wishes in REQUESTS.items()}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_arithmetic_adds_up(plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]
    spare = 1 if plan.specification.availability == "n+1" else 0

    assert plan.options
    for option in plan.options:
        assert option.gpus == option.replicas * option.tensor_parallel <= option.gpus_billed
        assert option.usd_per_month == pytest.approx(
            option.gpus_billed * option.usd_per_gpu_hour * 730, abs=0.01
        )
        carried = option.capacity_requests_per_second * (option.replicas - spare) * 0.8
        assert carried >= plan.specification.peak_requests_per_second * 0.999
        for figure in (option.ttft_p95_ms, option.itl_p95_ms, option.e2e_p95_ms):
            assert figure.low <= figure.value <= figure.high
        assert option.ttft_p95_ms.value <= plan.specification.ttft_p95_ms * 1.01
        assert option.itl_p95_ms.value <= plan.specification.itl_p95_ms * 1.01
        assert option.e2e_p95_ms.value <= plan.specification.e2e_p95_ms * 1.01


@pytest.mark.parametrize("name", REQUESTS)
def test_every_configuration_is_an_option_or_in_the_ledger(plans: dict[str, Plan], name: str) -> None:
    plan = plans[name]

    assert sum(entry.count for entry in plan.rejected) + len(plan.options) == plan.considered


@pytest.mark.parametrize("name", REQUESTS)
def test_each_view_is_won_once_and_the_extremes_are_extreme(plans: dict[str, Plan], name: str) -> None:
    options = plans[name].options
    winners = {view: option for option in options for view in option.views}

    assert set(winners) == {"balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest"}
    assert options[0] is winners["balanced"]
    assert winners["lowest_cost"].usd_per_month == min(option.usd_per_month for option in options)
    assert winners["simplest"].gpus == min(option.gpus for option in options)


def test_wishes_are_obeyed(plans: dict[str, Plan]) -> None:
    assert all(not option.gpu.startswith("H100") for option in plans["rag"].options)
    assert all(option.usd_per_month <= 3000 for option in plans["translation"].options)
    assert {option.model for option in plans["one model"].options} == {"meta-llama/Llama-3.1-8B-Instruct"}
    assert all(option.price_source.startswith("aws ") for option in plans["one cloud"].options)
    own = [option for option in plans["own price"].options if option.gpu.startswith("H100")]
    assert own and all(option.price_source == "your price" for option in own)


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=1),
        Wishes(use_case="chatbot_conversational", user_count=5000, budget_usd_per_month=1),
        Wishes(
            use_case="chatbot_conversational", preferred_models=("Kimi-K2.5",), preferred_gpu_types=("L4",)
        ),
    ],
)
def test_the_impossible_is_refused_with_the_nearest_that_would_work(space: Field, wishes: Wishes) -> None:
    plan = make_plan(space, specify(CATALOG, wishes))

    assert plan.options == ()
    assert plan.impossible and "come closest and fail" in plan.impossible
    assert plan.relaxations and all(entry.usd_per_month > 0 for entry in plan.relaxations)


def test_a_relaxation_really_works(space: Field) -> None:
    wishes = Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=1)
    relaxed = make_plan(space, specify(CATALOG, wishes)).relaxations[0]

    again = make_plan(space, specify(CATALOG, Wishes(**{**vars(wishes), "ttft_ms": float(relaxed.value)})))

    assert relaxed.field == "ttft_p95_ms"
    assert again.options


def test_above_the_load_that_is_named_a_replica_more_is_needed(space: Field) -> None:
    wishes = Wishes(use_case="chatbot_conversational", requests_per_second=120, preferred_gpu_types=("L40S",))
    plan = make_plan(space, specify(CATALOG, wishes))
    option = plan.options[0]
    point = next(point for point in plan.tipping_points if point.kind == "next_replica")

    for factor, replicas in ((0.999, option.replicas), (1.01, option.replicas + 1)):
        rate = point.threshold * factor
        other = make_plan(space, specify(CATALOG, Wishes(**{**vars(wishes), "requests_per_second": rate})))
        same = [
            o
            for o in other.options
            if (o.checkpoint, o.tensor_parallel) == (option.checkpoint, option.tensor_parallel)
        ]
        if same:
            assert same[0].replicas == replicas


def test_a_what_if_changes_one_thing_and_keeps_the_rest(space: Field, plans: dict[str, Plan]) -> None:
    base = plans["chatbot"]
    said = base.specification.wishes

    changed = make_plan(space, specify(CATALOG, Wishes(**{**vars(said), "preferred_gpu_types": ("H200",)})))

    assert changed.specification.ttft_p95_ms == 500
    assert changed.specification.user_count == 5000
    assert {option.gpu for option in changed.options} == {"H200"}
    assert "preferred_gpu_types" in {entry.field for entry in differences(base, changed)}


def test_a_plan_checked_again_is_still_right(space: Field, plans: dict[str, Plan]) -> None:
    _, found = recheck(plans["batch"], space)

    assert found == ()


@settings(max_examples=6)
@given(users=st.integers(50, 50_000), factor=st.floats(1.1, 5))
def test_more_users_never_need_less(users: int, factor: float) -> None:
    space = shipped_field()
    less = make_plan(space, specify(CATALOG, Wishes(use_case="content_generation", user_count=users)))
    more = make_plan(
        space, specify(CATALOG, Wishes(use_case="content_generation", user_count=math.ceil(users * factor)))
    )

    assert cheapest(more) >= cheapest(less) * 0.999


@settings(max_examples=6)
@given(ttft=st.floats(120, 400), factor=st.floats(1.05, 3))
def test_a_looser_target_never_costs_more(ttft: float, factor: float) -> None:
    space = shipped_field()
    wishes = {"use_case": "chatbot_conversational", "user_count": 4000}
    strict = make_plan(space, specify(CATALOG, Wishes(**wishes, ttft_ms=ttft)))
    loose = make_plan(space, specify(CATALOG, Wishes(**wishes, ttft_ms=ttft * factor)))

    assert cheapest(loose) <= cheapest(strict) * 1.001


def test_an_unrelated_gpu_never_moves_a_score(space: Field, plans: dict[str, Plan]) -> None:
    base = plans["content"]
    unrelated = next(
        gpu.name for gpu in CATALOG.gpus if gpu.name not in {option.gpu for option in base.options}
    )

    without = make_plan(
        space, specify(CATALOG, Wishes(**{**vars(REQUESTS["content"]), "excluded_gpu_types": (unrelated,)}))
    )

    before = {(o.checkpoint, o.gpu, o.tensor_parallel): o.score for o in base.options}
    after = {(o.checkpoint, o.gpu, o.tensor_parallel): o.score for o in without.options}
    assert all(after[key] == score for key, score in before.items() if key in after)


def test_a_missing_score_is_inferred_and_said() -> None:
    model = next(model for model in CATALOG.models if model.name == "SmolLM3-3B")

    quality = quality_of(model, "chatbot_conversational")

    assert quality.value is not None and 0 < quality.value < 100
    assert "not published" in quality.note


def cheapest(plan: Plan) -> float:
    return min((option.usd_per_month for option in plan.options), default=math.inf)


def test_prefix_hits_and_speculation_are_stated_assumptions_that_help_what_they_should(space: Field) -> None:
    wishes = Wishes(use_case="document_analysis_rag", requests_per_second=20, preferred_models=("Qwen3-8B",))
    plain = by_key(make_plan(space, specify(CATALOG, wishes)))
    cached = make_plan(space, specify(CATALOG, wishes.changed(prefix_cache_hit_rate=0.5)))
    faster = make_plan(space, specify(CATALOG, wishes.changed(speculative_speedup=1.8)))

    same = [(plain[key], option) for key, option in by_key(cached).items() if key in plain]
    assert same and all(
        now.capacity_requests_per_second > was.capacity_requests_per_second for was, now in same
    )
    same = [(plain[key], option) for key, option in by_key(faster).items() if key in plain]
    assert same and all(
        now.capacity_requests_per_second >= was.capacity_requests_per_second for was, now in same
    )
    said = {entry.field: entry.why for plan in (cached, faster) for entry in plan.assumptions}
    assert "not measured" in said["prefix_cache_hit_rate"] and "not measured" in said["speculative_speedup"]


def by_key(plan: Plan) -> dict[tuple[str, str, int], Option]:
    return {
        (option.checkpoint, option.gpu, option.tensor_parallel): option
        for option in (*plan.options, *plan.pareto_front)
    }
