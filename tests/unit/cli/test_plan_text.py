"""A plan for a person: one screen, every figure with its sum, nothing cut on a narrow one."""

import io

import pytest
from rich.console import Console

from cli.plan_text import render_plan
from cli.plan_wording import figure, milliseconds, near, odds
from compass.core import Evidence, Interval
from compass.planning import Chances, Plan, SearchSpace, Wishes, make_plan, percent, specify, verify_plan

REQUESTS = {
    "chatbot": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300),
    "code": Wishes(use_case="code_generation_detailed", user_count=500, accuracy_priority="high"),
    "impossible": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=1),
    "budget": Wishes(use_case="document_analysis_rag", user_count=2000, budget_usd_per_month=9000),
}


@pytest.fixture(scope="module")
def plans(search_space: SearchSpace) -> dict[str, Plan]:
    return {
        name: verify_plan(search_space, make_plan(search_space, specify(search_space.catalog, wishes)))
        for name, wishes in REQUESTS.items()
    }


def written(plan: Plan, width: int) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(render_plan(plan, "offline engine"))
    return file.getvalue()


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize(("width", "lines"), [(120, 43), (100, 53)])
def test_it_fits_one_screen(plans: dict[str, Plan], name: str, width: int, lines: int) -> None:
    text = written(plans[name], width)

    assert len(text.splitlines()) <= lines
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_reason_the_interval_the_evidence_and_the_sums_are_there(
    plans: dict[str, Plan], width: int
) -> None:
    plan = plans["chatbot"]
    text = " ".join(written(plan, width).split())
    best = plan.options[0]

    assert f"ceil({plan.specification.peak_requests_per_second:.4g} /" in text
    assert " ".join(best.cost_arithmetic.split()) in text and best.price_source in text
    assert f"TTFT {figure(best.ttft_p95_ms)}" in text
    assert f"holds with {percent(best.slo_probability)}" in text
    assert best.evidence.nearest is not None and best.evidence.nearest in text
    assert plan.question is not None and plan.question.text in text
    assert "…" not in text


def test_what_cannot_be_says_why_and_what_would_do(plans: dict[str, Plan]) -> None:
    text = " ".join(written(plans["impossible"], 120).split())

    assert "TTFT p95 above 1 ms even when idle" in text
    assert f"${plans['impossible'].relaxations[0].usd_per_month:,.0f} a month" in text
    assert "compass simulate" not in text


def test_figures_share_a_unit_and_claim_no_more_than_is_known() -> None:
    assert figure(Interval(value=47.13, low=25.66, high=86.5)) == "47 ms [26–86]"
    assert figure(Interval(value=1912, low=933, high=3906)) == "1.9 s [0.93–3.9]"
    assert (milliseconds(5.508), milliseconds(118.4), milliseconds(25_000)) == ("5.5 ms", "118 ms", "25 s")
    assert (percent(1.0), percent(0.8), percent(0.001)) == ("> 99 %", "80 %", "< 1 %")


def test_near_and_far_are_told_apart() -> None:
    near_by = Evidence(kind="estimated", nearest="run-1", distance=0.2)

    assert "is near" in near(near_by)
    assert "physics alone" in near(near_by.model_copy(update={"distance": 2.9}))
    assert "no measured run" in near(Evidence(kind="estimated"))


def test_of_chances_the_replicas_for_more_are_said_once() -> None:
    seen = Chances(
        draws=100, seed=1, all_targets=0.84, ttft=0.9, itl=0.9, e2e=0.9, replicas_for={"90": 2, "95": 2},
        peak_spread=0.26, length_spread=0.14,
    )  # fmt: skip

    assert odds(seen, 1).endswith("; 2 replicas for 95 %; no number of replicas gives 99 %")
    assert "replicas for" not in odds(seen.model_copy(update={"replicas_for": {"90": 1, "99": 1}}), 1)
