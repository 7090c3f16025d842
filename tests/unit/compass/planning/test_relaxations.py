"""What cannot be says why, and every way out that it names works at the price that it names."""

import pytest

from compass.planning import RejectionKind, Relaxation, SearchSpace, Specification, Wishes
from tests.unit.compass.planning.planned_requests import planned, planned_at

IMPOSSIBLE = {
    "1 ms": Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=1),
    "$1": Wishes(use_case="chatbot_conversational", user_count=5000, budget_usd_per_month=1),
    "small budget": Wishes(
        use_case="chatbot_conversational", user_count=500_000, budget_usd_per_month=1000
    ),
    "larger than a node": Wishes(
        use_case="chatbot_conversational", preferred_models=("Kimi-K2.5",), preferred_gpu_types=("L4",)
    ),
    "all targets": Wishes(use_case="chatbot_conversational", ttft_ms=2, itl_ms=0.2, e2e_ms=20),
    "two at once": Wishes(
        use_case="chatbot_conversational", user_count=5000, ttft_ms=1, budget_usd_per_month=1
    ),
    "three at once": Wishes(
        use_case="chatbot_conversational", ttft_ms=1, budget_usd_per_month=1, preferred_gpu_types=("L4",)
    ),
    "n+1 over budget": Wishes(
        use_case="chatbot_conversational", user_count=5000, budget_usd_per_month=1000, availability="n+1"
    ),
    "too long": Wishes(use_case="document_analysis_rag", user_count=50, prompt_tokens=900_000,
                       preferred_models=("Qwen3-8B",)),
}  # fmt: skip


def relaxed(specification: Specification, change: Relaxation) -> Specification:
    """The request with the change made, as a person would make it."""
    update: dict[str, object] = {}
    for field, value in zip(change.field.split(", "), change.value.split(", "), strict=True):
        if value == "any":
            update[field] = None if field == "provider" else ()
        elif field in {"availability", "pricing"}:
            update[field] = value
        else:
            update[field] = int(value) if field == "prompt_tokens" else float(value)
    return specification.model_copy(update=update)


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_says_why_and_every_way_out_works_at_its_price(
    search_space: SearchSpace, name: str
) -> None:
    plan = planned(search_space, IMPOSSIBLE[name])

    assert plan.options == () and plan.impossible
    assert plan.relaxations
    for change in plan.relaxations:
        best = planned_at(search_space, relaxed(plan.specification, change)).options[0]
        assert best.usd_per_month == pytest.approx(change.usd_per_month, rel=1e-3), change
        assert change.option.startswith(f"{best.model.rsplit('/', 1)[-1]} {best.precision} on ")
        assert change.option.endswith((best.gpu, f"{best.gpu})"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("1 ms", "ttft"), ("$1", "budget"), ("larger than a node", "memory"), ("too long", "context")],
)
def test_the_reason_is_what_stopped_those_that_came_farthest(
    search_space: SearchSpace, name: str, kind: RejectionKind
) -> None:
    plan = planned(search_space, IMPOSSIBLE[name])

    reached = next(entry for entry in plan.rejected if entry.kind == kind)
    assert plan.impossible and reached.reason in plan.impossible
    assert f"{plan.considered:,} configurations" in plan.impossible


def test_as_few_things_are_changed_as_will_do(search_space: SearchSpace) -> None:
    changed = {
        name: {
            len(change.field.split(", ")) for change in planned(search_space, IMPOSSIBLE[name]).relaxations
        }
        for name in ("1 ms", "two at once", "three at once")
    }

    assert changed == {"1 ms": {1}, "two at once": {2}, "three at once": {2}}
