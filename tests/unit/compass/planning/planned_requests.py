"""Requests that the tests of planning share."""

from compass.planning import Option, Plan, SearchSpace, Specification, Wishes, make_plan, specify
from compass.planning.plan import plan_of, within
from compass.planning.search import run_search

REQUESTS = {
    "support": Wishes(
        use_case="chatbot_conversational", user_count=5000, ttft_ms=500, latency_priority="high"
    ),
    "code": Wishes(
        use_case="code_generation_detailed", user_count=500, accuracy_priority="high", latency_priority="low"
    ),
    "summaries": Wishes(
        use_case="summarization_short", experience_class="batch", user_count=2000, cost_priority="high"
    ),
    "budget": Wishes(
        use_case="document_analysis_rag",
        user_count=2000,
        budget_usd_per_month=9000,
        excluded_gpu_types=("H100",),
    ),
    "n+1": Wishes(use_case="chatbot_conversational", user_count=40_000, availability="n+1"),
    "odd hardware": Wishes(
        use_case="translation", user_count=4000, preferred_gpu_types=("RTX-4090", "L40S", "MI300X")
    ),
    "batch at night": Wishes(use_case="content_generation", experience_class="batch", requests_per_second=40),
    "long context": Wishes(
        use_case="long_document_summarization",
        user_count=3000,
        prompt_tokens=60_000,
        output_tokens=800,
        ttft_ms=15_000,
    ),
    "tiny": Wishes(use_case="code_completion", user_count=3),
    "huge": Wishes(use_case="chatbot_conversational", user_count=3_000_000),
    "own prices": Wishes(
        use_case="summarization_short", user_count=9000, gpu_prices=("H100=1.10", "L40S=0.90")
    ),
    "rate and p99": Wishes(
        use_case="chatbot_conversational", requests_per_second=60, peak_factor=2.5, percentile="p99"
    ),
    "one cloud": Wishes(use_case="research_legal_analysis", user_count=20_000, provider="aws"),
    "one model": Wishes(
        use_case="chatbot_conversational", user_count=2000, preferred_models=("Llama-3.1-8B",)
    ),
}
JOBS = ("summaries", "batch at night")
"""Of REQUESTS those that are batch jobs."""
SERVICES = tuple(name for name in REQUESTS if name not in JOBS)


def known(value: float | None) -> float:
    """A figure that must be there."""
    assert value is not None
    return value


def planned_at(space: SearchSpace, specification: Specification) -> Plan:
    """Return the plan of a specification at its own targets: assumed ones do not give way again."""
    return plan_of(within(run_search(space, specification)))


def planned(space: SearchSpace, wishes: Wishes) -> Plan:
    """Return the plan of some wishes, not simulated."""
    return make_plan(space, specify(space.catalog, wishes))


def configuration_key(option: Option) -> tuple[str, str, str, int]:
    """Return what tells configurations apart."""
    return option.checkpoint, option.precision, option.gpu, option.tensor_parallel
