"""A plan for a person: one screen, every figure with its sum, nothing cut on a narrow one."""

import io

import pytest
from rich.console import Console

from cli.plan_text import render_plan
from cli.plan_wording import chances_words
from compass.core import chance, duration, latency
from compass.planning import Chances, Plan, SearchSpace, Wishes, make_plan, specify, verify_plan

REQUESTS = {
    "chatbot": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300),
    "code": Wishes(use_case="code_generation_detailed", user_count=500, accuracy_priority="high"),
    "impossible": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=1),
    "budget": Wishes(use_case="document_analysis_rag", user_count=2000, budget_usd_per_month=9000),
    "job": Wishes(use_case="summarization_short", batch_items=2_000_000, prompt_tokens=3000),
    "in flight": Wishes(concurrent_requests=50, preferred_models=("Llama-3.3-70B",), context_tokens=2048),
    "owned": Wishes(user_count=500, preferred_gpu_types=("RTX-4090",)),
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
@pytest.mark.parametrize(("width", "lines"), [(120, 40), (100, 52)])
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
    assert f"TTFT {latency(best.ttft_p95_ms)}" in text
    assert f"holds with {chance(best.slo_probability)}" in text
    assert best.evidence.nearest is not None and best.evidence.nearest in text
    assert plan.question is not None and plan.question.text in text
    assert "…" not in text


def test_what_cannot_be_says_why_and_what_would_do(plans: dict[str, Plan]) -> None:
    text = " ".join(written(plans["impossible"], 120).split())

    assert "TTFT p95 above 1 ms even when idle" in text
    assert f"${plans['impossible'].relaxations[0].usd_per_month:,.0f} a month" in text
    assert "compass simulate" not in text


def test_of_chances_the_replicas_for_more_are_said_once() -> None:
    seen = Chances(
        draws=100, seed=1, all_targets=0.84, ttft=0.9, itl=0.9, e2e=0.9, replicas_for={"90": 2, "95": 2},
        peak_spread=0.26, length_spread=0.14,
    )  # fmt: skip

    assert chances_words(seen, 1).endswith("; 2 replicas for 95 %; no number of replicas gives 99 %")
    assert "replicas for" not in chances_words(
        seen.model_copy(update={"replicas_for": {"90": 1, "99": 1}}), 1
    )


def test_a_job_shows_hours_dollars_a_job_and_gpu_hours_in_place_of_latencies(plans: dict[str, Plan]) -> None:
    best = plans["job"].options[0]
    text = " ".join(written(plans["job"], 120).split())

    assert f"${best.usd_per_job:,.0f} a job" in text
    assert best.hours is not None and f"{duration(best.hours)} on" in text
    assert f"{best.gpu_hours:.3g} GPU-hours" in text and "in time with" in text
    assert "none: the job's end is what counts" in text
    assert "TTFT" not in text and "a month" not in text.split("Why not")[0]
    assert "run once" in text


def test_gpus_without_a_price_are_shown_without_dollars(plans: dict[str, Plan]) -> None:
    text = " ".join(written(plans["owned"], 120).split())
    assert "no listed price" in text and "$" not in text


def test_requests_in_flight_are_shown_with_the_rate_that_they_make(plans: dict[str, Plan]) -> None:
    text = " ".join(written(plans["in flight"], 120).split())
    assert "50 requests in flight ÷" in text and "ceil(50 in flight / (" in text
    assert "(gave way)" in text
