"""Plans for requests in flight and for batch jobs, their sums done again by hand."""

import math

import pytest

from compass.planning import Option, Plan, SearchSpace, Wishes, make_plan, specify, start_seconds, verify_plan
from compass.planning.loaded_replicas import in_flight_table
from compass.planning.search import run_search, workload_of
from compass.traffic import open_load
from tests.unit.compass.planning.planned_requests import known, planned

TOKENS_A_DAY = Wishes(tokens_per_second=500e6 / 86_400, experience_class="batch", model_parameters_b=7)
DOCUMENTS = Wishes(
    use_case="summarization_short", batch_items=2_000_000, prompt_tokens=3000, deadline_hours=10,
    cost_priority="high",
)  # fmt: skip
FIFTY = Wishes(concurrent_requests=50, preferred_models=("Llama 3.3 70B",), context_tokens=2048)


@pytest.fixture(scope="module")
def documents(search_space: SearchSpace) -> Plan:
    return verify_plan(search_space, planned(search_space, DOCUMENTS))


def test_half_a_billion_tokens_a_day_take_a_few_gpus(search_space: SearchSpace) -> None:
    plan = planned(search_space, TOKENS_A_DAY)

    assert plan.options[0].gpus <= 4
    assert all(option.gpus <= 16 for option in plan.options)
    assert plan.question is None
    assert all(
        "8B" in option.model or "7B" in option.model or "8b" in option.model for option in plan.options
    )


def test_a_job_of_minutes_pays_an_hour_and_ends_at_a_small_gpu(search_space: SearchSpace) -> None:
    wishes = Wishes(
        use_case="summarization_short", experience_class="batch", user_count=2000, cost_priority="high",
        preferred_models=("Qwen2.5-7B",),
    )  # fmt: skip
    plan = planned(search_space, wishes)

    best = plan.options[0]
    assert known(best.hours) < 1 and best.usd_per_job == pytest.approx(best.usd_per_gpu_hour, rel=5e-3)
    assert known(best.usd_per_gpu_hour) < 1 and best.gpus == 1
    assert "1 h (the smallest rental; start" in best.cost_arithmetic
    assert any(entry.field == "smallest_rental" for entry in plan.assumptions)


def test_a_job_s_hours_and_dollars_can_be_done_again(documents: Plan, search_space: SearchSpace) -> None:
    assert documents.options
    for option in documents.options:
        per_hour = option.capacity_requests_per_second * 3600
        hours = known(option.hours)
        assert hours == pytest.approx(2_000_000 / (per_hour * option.replicas), rel=2e-3)
        assert hours <= 10
        assert option.gpu_hours == pytest.approx(hours * option.gpus, rel=2e-3)
        assert option.usd_per_gpu_hour is not None and option.usd_per_job is not None
        model = next(m for m in search_space.catalog.models if m.id == option.model)
        weights = next(c.weight_gib for c in model.checkpoints if c.id == option.checkpoint)
        paid = max(1.0, hours + start_seconds(weights) / 3600)
        rented = paid * option.gpus_billed * option.usd_per_gpu_hour
        assert option.usd_per_job == pytest.approx(rented, rel=2e-3, abs=0.01)
        # Run once: the month's bill is that of the job.
        assert option.usd_per_month == pytest.approx(option.usd_per_job, abs=0.01)
        assert option.usd_per_job_on_demand == option.usd_per_job
        assert "a job" in option.cost_arithmetic


def test_a_job_has_so_many_replicas_that_it_is_surely_in_time(documents: Plan) -> None:
    for option in documents.options:
        least = math.ceil(2_000_000 / (option.capacity_requests_per_second * 36_000) - 1e-3)
        assert option.replicas >= least
        assert option.slo_probability >= 0.79


def test_a_simulated_job_is_done_when_the_plan_says(documents: Plan) -> None:
    best = documents.options[0]

    assert best.simulated is not None and best.simulated.hours is not None and best.hours is not None
    assert best.simulated.hours == pytest.approx(best.hours, rel=0.15)
    assert best.simulated.holds and best.chances is not None
    assert best.chances.all_targets > 0.5


def test_the_cheapest_job_is_ranked_by_its_own_dollars(documents: Plan) -> None:
    cheapest = next(option for option in documents.options if "lowest_cost" in option.views)
    assert cheapest.usd_per_job == min(option.usd_per_job or 0 for option in documents.options)


def test_a_nightly_job_costs_its_runs_a_month(search_space: SearchSpace) -> None:
    nightly = planned(search_space, DOCUMENTS.changed(jobs_per_month=30)).options[0]

    assert nightly.usd_per_job is not None and nightly.usd_per_month is not None
    assert nightly.usd_per_month == pytest.approx(30 * nightly.usd_per_job, rel=1e-3)
    assert "× 30 jobs" in nightly.cost_arithmetic


def test_spot_prices_change_the_price_and_not_the_hours(search_space: SearchSpace) -> None:
    wishes = DOCUMENTS.changed(preferred_models=("Llama-3.1-8B",), preferred_gpu_types=("L4",))
    demand, spot = planned(search_space, wishes), planned(search_space, wishes.changed(pricing="spot"))

    assert demand.options[0].hours == spot.options[0].hours
    assert spot.options[0].usd_per_job == spot.options[0].usd_per_job_spot
    assert spot.options[0].usd_per_job == pytest.approx(demand.options[0].usd_per_job_spot, abs=0.01)


def test_a_longer_window_takes_fewer_gpus_and_the_same_gpu_hours(search_space: SearchSpace) -> None:
    one = DOCUMENTS.changed(preferred_models=("Llama-3.1-8B",), preferred_gpu_types=("H100-SXM",))
    night, week = (planned(search_space, one.changed(deadline_hours=hours)) for hours in (10, 100))

    same = next(o for o in week.options if same_engine(o, night.options[0]))
    assert same.gpus < night.options[0].gpus
    assert same.gpu_hours == pytest.approx(night.options[0].gpu_hours, rel=1e-2)


def same_engine(one: Option, other: Option) -> bool:
    return (one.checkpoint, one.gpu, one.tensor_parallel) == (
        other.checkpoint,
        other.gpu,
        other.tensor_parallel,
    )


def test_too_few_gpus_for_the_window_say_so_and_offer_a_later_one(search_space: SearchSpace) -> None:
    few = DOCUMENTS.changed(gpu_count=2, preferred_gpu_types=("L40S",))
    plan = planned(search_space, few)

    assert plan.options == () and plan.impossible is not None
    assert "takes more than 2 GPUs" in plan.impossible
    assert "deadline_hours" in {change.field for change in plan.relaxations}


def test_requests_in_flight_obey_littles_law(search_space: SearchSpace) -> None:
    plan = planned(search_space, FIFTY)

    assert plan.options
    for option in plan.options:
        assert option.requests_per_second is not None
        assert option.concurrency_per_replica == pytest.approx(50 / option.replicas, rel=0.05)
        mean_s = 50 / option.requests_per_second
        # The mean of an answer is no longer than its 95th percentile.
        assert 0.4 * option.e2e_p95_ms.value / 1000 < mean_s < option.e2e_p95_ms.value / 1000
    assert plan.specification.peak_requests_per_second == plan.options[0].requests_per_second
    assert "50 requests in flight ÷" in plan.specification.load_arithmetic


def test_requests_in_flight_and_their_rate_are_two_sides_of_one_table(search_space: SearchSpace) -> None:
    search = run_search(search_space, specify(search_space.catalog, FIFTY))
    assert search.in_flight is not None
    rows = search.with_capacity[:20]
    profiles = search.step_times.profiles.take(search.rows[rows])
    work = workload_of(search.specification)

    table = in_flight_table(profiles, search.capacity.rate_per_s[rows], work)
    half = table.most / 2
    rates = table.rate_at(half, search.place[search.rows[rows]] * 0 + range(len(rows)))

    assert open_load(profiles, rates[:, None], work).concurrency[:, 0] == pytest.approx(half, rel=0.05)


def test_a_closed_loop_is_simulated_with_that_many_in_flight(search_space: SearchSpace) -> None:
    wishes = Wishes(concurrent_requests=16, preferred_models=("Qwen3-32B",), preferred_gpu_types=("H100",))
    plan = verify_plan(search_space, planned(search_space, wishes))

    best = plan.options[0]
    assert best.simulated is not None and best.chances is not None
    assert best.simulated.holds
    assert best.simulated.itl_ms <= best.itl_p95_ms.value * 1.1
    assert best.chances.all_targets > 0.5


def test_more_in_flight_needs_no_fewer_gpus(search_space: SearchSpace) -> None:
    one = Wishes(preferred_models=("Qwen3-32B",), preferred_gpu_types=("H100-SXM",), itl_ms=30, ttft_ms=500)
    counts = [
        planned(search_space, one.changed(concurrent_requests=n, e2e_ms=20_000)).options[0].gpus
        for n in (4, 40, 400)
    ]
    assert counts == sorted(counts) and counts[0] < counts[-1]


def test_the_question_about_requests_in_flight_is_asked_where_it_decides(search_space: SearchSpace) -> None:
    plan = planned(search_space, FIFTY)

    assert plan.question is not None and "50" in plan.question.text
    fewer = plan.question.answers[0]
    told = planned(search_space, plan.specification.wishes.changed(concurrent_requests=int(fewer.value)))
    assert (fewer.field, fewer.value) == ("concurrent_requests", "10")
    assert told.options


def test_five_thousand_output_tokens_a_second_fit_a_few_h200(search_space: SearchSpace) -> None:
    wishes = Wishes(
        output_tokens_per_second=5000, preferred_models=("gpt-oss-120b",), preferred_gpu_types=("H200",)
    )
    plan = planned(search_space, wishes)

    # 5,000 ÷ 256 tokens an answer = 19.53 requests/s.
    assert plan.specification.peak_requests_per_second == pytest.approx(19.53, abs=0.01)
    assert all(option.gpu == "H200" and option.gpus <= 8 for option in plan.options)


def test_twenty_requests_a_second_fit_a_few_h100(search_space: SearchSpace) -> None:
    wishes = Wishes(requests_per_second=20, preferred_models=("Qwen3-32B",), preferred_gpu_types=("H100",))
    plan = planned(search_space, wishes)
    assert plan.options and plan.options[0].gpus <= 8


def test_reasoning_and_long_prompts_are_possible_with_assumed_targets(search_space: SearchSpace) -> None:
    thinking = planned(search_space, Wishes(thinking_tokens=8000, user_count=100))
    long = planned(search_space, Wishes(prompt_tokens=128_000, user_count=20))

    assert thinking.options and long.options
    assert all(option.e2e_p95_ms.value > 7000 for option in thinking.options)


def test_the_kv_cache_holds_the_context_that_was_said(search_space: SearchSpace) -> None:
    one = Wishes(user_count=5, preferred_models=("Llama-3.1-8B",), preferred_gpu_types=("L4",))
    short, whole = planned(search_space, one), planned(search_space, one.changed(context_tokens=131_072))

    assert min(o.gpus for o in short.options) < min(o.gpus for o in whole.options)
    beyond = planned(search_space, one.changed(context_tokens=400_000))
    assert beyond.impossible is not None and "longer than the model's context" in beyond.impossible


def test_a_stored_plan_of_before_still_loads(search_space: SearchSpace) -> None:
    document = planned(search_space, Wishes(use_case="translation", user_count=50)).model_dump(mode="json")
    new = {"load_form", "thinking_tokens", "context_tokens", "jobs_per_month", "gpu_count", "reasoning"}
    for field in new:
        document["specification"].pop(field)
    for option in document["options"]:
        for field in ("requests_per_second", "hours", "gpu_hours", "usd_per_job"):
            option.pop(field)
    for field in ("sense", "assumption_costs"):
        document.pop(field)

    stored = Plan.model_validate(document)

    assert stored.specification.load_form == "rate"
    assert make_plan(search_space, stored.specification).options[0].gpu == stored.options[0].gpu


def test_a_model_without_a_prefix_cache_computes_every_turn_anew(search_space: SearchSpace) -> None:
    wishes = Wishes(
        use_case="coding_agent", concurrent_sessions=30, context_tokens=60_000,
        preferred_models=("Qwen3-Next-80B",), preferred_gpu_types=("H100",),
    )  # fmt: skip
    plan = planned(search_space, wishes)

    assert plan.options[0].prefix_cache_hit_rate == 0
    assert any("leaves the prefix cache off" in remark for remark in plan.remarks)


def test_speculation_by_itself_never_carries_less(search_space: SearchSpace) -> None:
    plain, drafting = (
        planned(search_space, Wishes(user_count=3000, preferred_models=("Llama-3.1-8B",), speculation=how))
        for how in ("off", "auto")
    )

    assert known(drafting.options[0].usd_per_month) <= known(plain.options[0].usd_per_month)
    assert any(option.speculation for option in drafting.options)
    assert not any(option.speculation for option in plain.options)


def test_a_cache_in_fp8_holds_twice_as_much(search_space: SearchSpace) -> None:
    wishes = Wishes(
        concurrent_requests=64, prompt_tokens=16_000, preferred_models=("Qwen3-32B",),
        preferred_gpu_types=("H100-SXM",),
    )  # fmt: skip
    plain, half = (planned(search_space, wishes.changed(kv_cache=kind)) for kind in ("bf16", "fp8"))

    assert {option.kv_cache for option in half.options} == {"fp8"}
    assert known(half.options[0].usd_per_month) <= known(plain.options[0].usd_per_month)
