"""What nobody stated never stands in the way: assumed targets give way, cost a line, and sense is checked."""

import pytest

from compass.planning import Plan, SearchSpace, Wishes, make_plan, specify
from compass.planning.assumed_targets import loosened
from compass.planning.plan import warnings
from compass.planning.search import feasible_table, run_search
from compass.planning.sense import sense_checks, usual_costs
from tests.unit.compass.planning.planned_requests import known, planned

SLOW = Wishes(preferred_models=("Llama-3.3-70B",), preferred_gpu_types=("L4",), user_count=50)


def remarks(plan: Plan) -> str:
    return " ".join(plan.remarks)


def test_a_model_that_no_gpu_runs_within_usual_targets_is_planned_all_the_same(
    search_space: SearchSpace,
) -> None:
    plan = planned(search_space, SLOW)

    assert plan.options, plan.impossible
    assert "Assumed targets give way" in remarks(plan)
    changed = [entry for entry in plan.assumptions if entry.why.startswith("gave way")]
    assert changed and all("nobody asked for it" in entry.why for entry in changed)
    for entry in changed:
        assert f"{getattr(plan.specification, entry.field.replace('_ms', '_p95_ms')):g}" == entry.value


def test_a_stated_target_never_gives_way(search_space: SearchSpace) -> None:
    plan = planned(search_space, SLOW.changed(itl_ms=5, ttft_ms=100, e2e_ms=2000))

    assert plan.options == () and plan.impossible is not None
    assert (plan.specification.ttft_p95_ms, plan.specification.itl_p95_ms) == (100, 5)
    assert not any(entry.why.startswith("gave way") for entry in plan.assumptions)


def test_usual_targets_that_hold_at_a_fair_price_stay(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(use_case="chatbot_conversational", user_count=5000))
    assert (plan.specification.ttft_p95_ms, plan.specification.itl_p95_ms) == (150, 25)
    assert "give way" not in remarks(plan)


def test_what_an_assumed_target_costs_is_a_line_with_the_plan_without_it(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(user_count=60_000, preferred_gpu_types=("L40S",)))

    cost = next(cost for cost in plan.assumption_costs if cost.field == "e2e_ms")
    assert cost.sentence in plan.remarks and cost.gpus < plan.options[0].gpus
    assert f"without it {cost.gpus} GPUs and not {plan.options[0].gpus}" in cost.sentence
    free = run_search(search_space, plan.specification.model_copy(update={"e2e_p95_ms": None}))
    table = feasible_table(free, free.load)
    names = [search_space.candidates[index].name for index in table.index]
    best = plan.options[0]
    model = best.model.rsplit("/", 1)[-1]
    row = names.index(f"{model} {best.precision} on {best.tensor_parallel} × {best.gpu}")
    assert table.replicas[row] == cost.replicas < best.replicas


def test_nobody_pays_for_surety_about_targets_that_nobody_stated(search_space: SearchSpace) -> None:
    wishes = Wishes(concurrent_requests=50, preferred_models=("Llama-3.3-70B",), context_tokens=2000)
    best = planned(search_space, wishes).options[0]

    # Two to four H100, about $9,300 a month, do it in practice.
    assert (best.usd_per_month or 0) < 11_000 and best.gpus <= 4


def test_a_doubt_about_assumed_targets_says_whose_they_are_and_what_to_do(search_space: SearchSpace) -> None:
    best = planned(search_space, Wishes(user_count=500)).options[0]
    unsure = best.model_copy(update={"slo_probability": 0.6, "replicas_for": {"90": best.replicas + 1}})

    said = warnings(unsure, ["ttft_p95_ms", "itl_p95_ms"])[-1]
    assert f"with 60 % only; {best.replicas + 1} replicas would hold with 90 %" in said
    assert said.endswith("Nobody stated TTFT and ITL: state what must be held.")
    assert warnings(unsure, [])[-1] == "The balanced option holds with 60 % only."


def test_sessions_lean_on_their_routing_and_show_the_cost_of_round_robin(search_space: SearchSpace) -> None:
    wishes = Wishes(
        use_case="coding_agent", concurrent_sessions=1600, preferred_models=("Qwen3-30B-A3B",),
        preferred_gpu_types=("H100",), context_tokens=32_000,
    )  # fmt: skip
    plan = planned(search_space, wishes)

    cost = next(cost for cost in plan.assumption_costs if cost.field == "routing")
    assert cost.gpus > plan.options[0].gpus
    assert any(entry.field == "routing" for entry in plan.assumptions)
    said = planned(search_space, wishes.changed(routing="round-robin"))
    assert said.options[0].gpus > plan.options[0].gpus
    assert known(said.options[0].prefix_cache_hit_rate) < known(plan.options[0].prefix_cache_hit_rate)
    assert not any(cost.field == "routing" for cost in said.assumption_costs)


def test_loosening_never_tightens() -> None:
    assert loosened(1234.5, 1.0) == 1234.5
    assert loosened(100, 1.5) == 150
    assert loosened(10.9, 1.001) >= 10.9


def test_dropping_every_target_is_never_dearer(search_space: SearchSpace) -> None:
    held, free = (
        planned(search_space, Wishes(user_count=20_000, no_targets=dropped))
        for dropped in ((), ("ttft", "itl", "e2e"))
    )
    cheapest = [min(o.usd_per_month or 0 for o in plan.options) for plan in (held, free)]
    assert cheapest[1] <= cheapest[0]
    assert free.specification.ttft_p95_ms is None
    assert all(option.slo_probability == 1 for option in free.options)


def test_a_few_users_on_a_gpu_cost_more_than_a_seat_and_it_is_said(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(user_count=3))

    check = next(check for check in plan.sense if check.kind == "usd_per_user")
    assert plan.options[0].usd_per_month is not None
    assert check.value == pytest.approx(plan.options[0].usd_per_month / 3)
    assert check.value > check.high == usual_costs()["usd_per_user"]["high"]
    assert check.driver == "replicas" and check.sentence in plan.remarks


def test_a_usual_cost_is_no_finding(search_space: SearchSpace) -> None:
    assert planned(search_space, Wishes(user_count=5000)).sense == ()


def test_the_driver_of_a_high_cost_is_the_assumption_that_moves_it_most(search_space: SearchSpace) -> None:
    specification = specify(search_space.catalog, Wishes(user_count=40))
    option = make_plan(search_space, specification).options[0]
    dear = option.model_copy(update={"usd_per_month": 80_000.0, "replicas": 40})

    found = sense_checks(specification, dear)

    assert found[0].driver == "active_share" and "assumed" in found[0].sentence


def test_int8_is_not_offered_on_blackwell_and_the_reason_is_the_engine(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(user_count=100, preferred_gpu_types=("B200",), precision="int8"))

    assert plan.options == () and plan.impossible is not None
    assert "int8" in plan.impossible and "Blackwell" in plan.impossible
    assert {"preferred_gpu_types", "precision"} <= {change.field for change in plan.relaxations}
    assert plan.rejected[-1].kind == "gpu_not_preferred"


def test_a_format_that_is_not_published_is_the_reason(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(preferred_models=("gpt-oss-120b",), precision="fp8"))
    assert plan.impossible == "no fp8 weights of gpt-oss-120b are in the catalog; there are mxfp4"


def test_what_does_not_fit_says_by_how_much_and_not_what_was_never_asked(search_space: SearchSpace) -> None:
    wishes = Wishes(user_count=100, preferred_models=("DeepSeek-R1",), preferred_gpu_types=("L40S",))
    impossible = planned(search_space, wishes).impossible

    assert impossible is not None
    assert "does not fit in GPU memory" in impossible and "needs" in impossible


def test_owned_gpus_without_a_listed_price_are_planned_without_dollars(search_space: SearchSpace) -> None:
    plan = planned(
        search_space, Wishes(user_count=500, preferred_gpu_types=("RTX-4090",), budget_usd_per_month=100)
    )

    assert plan.options
    for option in plan.options:
        assert (option.usd_per_month, option.usd_per_hour, option.usd_per_gpu_hour) == (None, None, None)
        assert option.usd_per_million_output_tokens is None and option.score > 0
    assert any("No verified on-demand price of RTX-4090" in remark for remark in plan.remarks)
    assert not any("$" in example for group in plan.rejected for example in group.examples)
    priced = planned(search_space, Wishes(user_count=500, gpu_prices=("RTX-4090=0.40",)))
    assert priced.options[0].usd_per_month is not None


@pytest.mark.parametrize(
    ("wishes", "sizes"),
    [
        (Wishes(user_count=100, tensor_parallel=2), {2}),
        (Wishes(user_count=100, tensor_parallel=4, preferred_models=("Qwen3-32B",)), {4}),
    ],
)
def test_gpus_a_replica_are_as_said(search_space: SearchSpace, wishes: Wishes, sizes: set[int]) -> None:
    assert {option.tensor_parallel for option in planned(search_space, wishes).options} == sizes


def test_no_more_gpus_than_there_are(search_space: SearchSpace) -> None:
    plan = planned(search_space, Wishes(user_count=5000, gpu_count=2, preferred_gpu_types=("L40S",)))
    assert plan.options and all(option.gpus <= 2 for option in plan.options)


def test_models_that_always_reason_are_out_where_no_reasoning_is_wanted(search_space: SearchSpace) -> None:
    always = {model.id for model in search_space.catalog.models if model.reasoning == "always"}
    never = {model.id for model in search_space.catalog.models if model.reasoning == "no"}

    without = planned(search_space, Wishes(batch_items=10_000, reasoning=False))
    wanted = planned(search_space, Wishes(batch_items=10_000, reasoning=True))

    assert not {option.model for option in without.options} & always
    assert not {option.model for option in wanted.options} & never
