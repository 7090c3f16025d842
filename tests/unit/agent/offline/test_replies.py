"""What the offline engine says of plans for batch jobs, of plans without prices and without targets."""

from agent.offline.replies import options, plans, reasons
from compass.catalog import Catalog
from compass.planning import Plan, SearchSpace, Wishes, make_plan, specify


def planned(space: SearchSpace, **wishes: object) -> Plan:
    return make_plan(space, specify(space.catalog, Wishes().changed(**wishes)))


def test_a_job_is_told_in_hours_and_dollars_a_job(search_space: SearchSpace) -> None:
    plan = planned(search_space, batch_items=2_000_000, prompt_tokens=3000)
    best = plan.options[0]

    text = plans.recommended(plan)

    assert f"${best.usd_per_job:,.0f} a job" in text and "GPU-hours" in text and "in time with" in text
    assert "| a job | time | spot |" in text
    assert "TTFT" not in text
    assert "a job" in reasons.recalled(best) and "a year" not in reasons.recalled(best)


def test_owned_gpus_are_told_without_dollars(search_space: SearchSpace) -> None:
    plan = planned(search_space, user_count=300, preferred_gpu_types=("RTX-4090",))

    text = plans.recommended(plan) + reasons.explained(plan) + reasons.recalled(plan.options[0])

    assert "no listed price" in text and "$" not in text
    assert options.dearer_or_cheaper(plan.options[0], plan.options[-1]) == "no listed price"


def test_a_target_that_is_none_is_called_so(catalog: Catalog) -> None:
    text = plans.targets(specify(catalog, Wishes(user_count=300, no_targets=("itl",))))
    assert "no ITL target" in text and "TTFT ≤ 150 ms" in text
