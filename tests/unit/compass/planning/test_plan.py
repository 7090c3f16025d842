"""Plans done again by hand: sums, ledger, views, stated wishes, and what more of something may do."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.planning import Option, Plan, SearchSpace, Wishes, differences, recheck
from compass.planning.quality import quality_of
from tests.unit.compass.planning.planned_requests import REQUESTS, SERVICES, configuration_key, known, planned

each = pytest.mark.parametrize("name", REQUESTS)
services = pytest.mark.parametrize("name", SERVICES)


@services
def test_demand_is_users_times_what_they_do(
    search_space: SearchSpace, plans: dict[str, Plan], name: str
) -> None:
    specification, wishes = plans[name].specification, REQUESTS[name]

    if wishes.requests_per_second:
        peak = wishes.requests_per_second * (wishes.peak_factor or 1)
    else:
        use_cases = {entry.name: entry.workload for entry in search_space.catalog.use_cases}
        load = use_cases[specification.use_case]
        assert specification.user_count is not None
        peak = specification.user_count * load.active * load.per_minute / 60 * load.peak
    assert specification.peak_requests_per_second == pytest.approx(peak)
    assert f"{peak:.3g}" in specification.load_arithmetic or wishes.requests_per_second


@services
def test_the_sums_of_every_option_can_be_done_again(plans: dict[str, Plan], name: str) -> None:
    specification = plans[name].specification
    peak, spare = specification.peak_requests_per_second, int(specification.availability == "n+1")

    assert plans[name].options
    for option in plans[name].options:
        capacity = option.capacity_requests_per_second
        assert option.replicas == max(1, math.ceil(peak / (capacity * 0.8) - 1e-3)) + spare
        assert option.replica_arithmetic.startswith("ceil(")
        assert option.replica_arithmetic.endswith(f"= {option.replicas}")
        assert option.utilization == pytest.approx(peak / option.replicas / capacity, rel=0.01)
        assert (
            option.gpus
            == option.replicas * option.tensor_parallel * option.pipeline_parallel
            <= option.gpus_billed
        )
        assert option.gpus_billed == option.gpus or "whole machines" in option.cost_arithmetic
        assert option.usd_per_hour == pytest.approx(
            option.gpus_billed * known(option.usd_per_gpu_hour), rel=1e-4
        )
        assert option.usd_per_month == pytest.approx(known(option.usd_per_hour) * 730, rel=1e-4)
        assert f"${option.usd_per_month:,.0f}" in option.cost_arithmetic


@services
def test_predictions_lie_within_their_intervals_and_their_targets(plans: dict[str, Plan], name: str) -> None:
    specification = plans[name].specification

    for option in plans[name].options:
        for target, seen in (
            (specification.ttft_p95_ms, option.ttft_p95_ms),
            (specification.itl_p95_ms, option.itl_p95_ms),
            (specification.e2e_p95_ms, option.e2e_p95_ms),
        ):
            assert seen.low <= seen.value <= seen.high
            assert seen.value <= known(target) * 1.01


@services
def test_the_price_of_tokens_adds_up_to_the_bill(plans: dict[str, Plan], name: str) -> None:
    specification = plans[name].specification
    mean = specification.mean_requests_per_second

    for option in plans[name].options:
        paid_a_request = (
            specification.prompt_tokens * known(option.usd_per_million_input_tokens)
            + known(option.output_tokens) * known(option.usd_per_million_output_tokens)
        ) / 1e6
        assert mean * 730 * 3600 * paid_a_request == pytest.approx(option.usd_per_month, rel=0.02)
        full = option.capacity_requests_per_second * option.replicas
        assert option.usd_per_million_output_tokens_full_load == pytest.approx(
            known(option.usd_per_million_output_tokens) * mean / full, rel=0.02
        )


@each
def test_the_ledger_holds_every_configuration_once_with_true_margins(
    plans: dict[str, Plan], name: str
) -> None:
    plan = plans[name]

    assert sum(entry.count for entry in plan.rejected) + len(plan.options) == plan.considered
    assert len({entry.reason for entry in plan.rejected}) == len(plan.rejected)
    for entry in plan.rejected:
        for example in entry.examples:
            if entry.kind in ("ttft", "itl", "e2e"):
                value, target = figures(r"([\d,.]+ m?s) > ([\d,.]+ m?s)$", example)
                assert in_ms(value) >= in_ms(target) and target in entry.reason
            if entry.kind == "memory":
                needed, usable = figures(r"needs ([\d.]+) GiB a GPU, has ([\d.]+)$", example)
                assert float(needed) >= float(usable)


def figures(pattern: str, example: str) -> tuple[str, str]:
    seen = re.search(pattern, example)
    assert seen, example
    return seen[1], seen[2]


def in_ms(time: str) -> float:
    figure, unit = time.split()
    return float(figure.replace(",", "")) * (1000 if unit == "s" else 1)


@each
def test_each_view_is_won_once_and_the_extremes_are_extreme(plans: dict[str, Plan], name: str) -> None:
    options = plans[name].options
    winners = {view: option for option in options for view in option.views}

    assert set(winners) == {"balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest"}
    assert options[0] is winners["balanced"]
    if plans[name].specification.stated >= {"ttft_ms", "itl_ms", "e2e_ms"}:
        likeliest = max(option.slo_probability for option in plans[name].pareto_front + options)
        assert all(option.slo_probability >= min(0.79, likeliest) for option in winners.values())
    # Surety counts for stated targets alone: what is sure of every target is sure of those too.
    sure = [option for option in options if option.slo_probability >= 0.8] or [options[0]]
    assert known(winners["lowest_cost"].usd_per_month) <= min(known(o.usd_per_month) for o in sure)
    assert winners["simplest"].gpus <= min(option.gpus for option in sure)


def test_wishes_are_obeyed(plans: dict[str, Plan]) -> None:
    assert all(not option.gpu.startswith("H100") for option in plans["budget"].options)
    assert all(known(option.usd_per_month) <= 9000 for option in plans["budget"].options)
    assert {option.model for option in plans["one model"].options} == {"meta-llama/Llama-3.1-8B-Instruct"}
    assert all(option.price_source.startswith("aws ") for option in plans["one cloud"].options)
    own = [option for option in plans["own prices"].options if option.gpu.startswith(("H100", "L40S"))]
    assert own and all(option.price_source == "your price" for option in own)


def test_a_what_if_changes_one_thing_and_keeps_the_rest(
    search_space: SearchSpace, plans: dict[str, Plan]
) -> None:
    base = plans["support"]

    changed_plan = planned(search_space, base.specification.wishes.changed(preferred_gpu_types=("H200",)))

    assert changed_plan.specification.ttft_p95_ms == 500
    assert changed_plan.specification.user_count == 5000
    assert {option.gpu for option in changed_plan.options} == {"H200"}
    assert "preferred_gpu_types" in {entry.field for entry in differences(base, changed_plan)}


def test_a_plan_checked_again_is_still_right(search_space: SearchSpace, plans: dict[str, Plan]) -> None:
    _, moved = recheck(plans["summaries"], search_space)

    assert moved == ()


@settings(max_examples=6)
@given(users=st.integers(50, 50_000), factor=st.floats(1.1, 5))
def test_more_users_never_need_less(search_space: SearchSpace, users: int, factor: float) -> None:
    few = Wishes(use_case="content_generation", user_count=users)
    many = few.changed(user_count=math.ceil(users * factor))

    assert cheapest(search_space, many) >= cheapest(search_space, few) * 0.999


@settings(max_examples=6)
@given(ttft=st.floats(120, 400), factor=st.floats(1.05, 3))
def test_a_looser_target_never_costs_more(search_space: SearchSpace, ttft: float, factor: float) -> None:
    strict = Wishes(use_case="chatbot_conversational", user_count=4000, ttft_ms=ttft)
    loose = strict.changed(ttft_ms=ttft * factor)

    assert cheapest(search_space, loose) <= cheapest(search_space, strict) * 1.001


def cheapest(space: SearchSpace, wishes: Wishes) -> float:
    return min((known(o.usd_per_month) for o in planned(space, wishes).options), default=math.inf)


def test_an_unrelated_gpu_never_moves_a_score(search_space: SearchSpace, plans: dict[str, Plan]) -> None:
    base = plans["batch at night"]
    shown = {option.gpu for option in base.options}
    unrelated = next(gpu.name for gpu in search_space.catalog.gpus if gpu.name not in shown)

    without = planned(search_space, REQUESTS["batch at night"].changed(excluded_gpu_types=(unrelated,)))

    before = {configuration_key(option): option.score for option in base.options}
    after = {configuration_key(option): option.score for option in without.options}
    assert all(after[key] == score for key, score in before.items() if key in after)


def test_a_missing_score_is_inferred_and_said(search_space: SearchSpace) -> None:
    model = next(model for model in search_space.catalog.models if model.name == "SmolLM3-3B")

    quality = quality_of(model, "chatbot_conversational")

    assert quality.value is not None and 0 < quality.value < 100
    assert "not published" in quality.note


def test_prefix_hits_and_speculation_are_stated_assumptions_that_raise_capacity(
    search_space: SearchSpace,
) -> None:
    wishes = Wishes(use_case="document_analysis_rag", requests_per_second=20, preferred_models=("Qwen3-8B",))

    plain = capacities(planned(search_space, wishes))
    cached = planned(search_space, wishes.changed(prefix_cache_hit_rate=0.5))
    faster = planned(search_space, wishes.changed(speculative_speedup=1.8))

    both = [(plain[key], value) for key, value in capacities(cached).items() if key in plain]
    assert both and all(now > was for was, now in both)
    both = [(plain[key], value) for key, value in capacities(faster).items() if key in plain]
    assert both and all(now >= was for was, now in both)
    said = {entry.field: entry.why for plan in (cached, faster) for entry in plan.assumptions}
    assert "not measured" in said["prefix_cache_hit_rate"] and "not measured" in said["speculative_speedup"]


def capacities(plan: Plan) -> dict[tuple[str, str, str, int], float]:
    options: tuple[Option, ...] = (*plan.options, *plan.pareto_front)
    return {configuration_key(option): option.capacity_requests_per_second for option in options}
