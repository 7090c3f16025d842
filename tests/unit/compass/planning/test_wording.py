"""Parts of a plan in words, the same at every door."""

import pytest

from compass.catalog import Catalog
from compass.core import Evidence
from compass.planning import (
    Assumption,
    Specification,
    Wishes,
    assumption_words,
    evidence_words,
    field_value,
    load_words,
    specify,
    target_words,
    understood,
)


def specification(catalog: Catalog, **wishes: object) -> Specification:
    return specify(catalog, Wishes.model_validate({"use_case": "translation", **wishes}))


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"user_count": 2000}, "2,000 users"),
        ({"experience_class": "batch"}, "batch speed"),
        ({"domain_specialization": "legal"}, "field of work: legal"),
        ({"preferred_gpu_types": ("H100-SXM", "L40S")}, "only on H100-SXM or L40S"),
        ({"excluded_gpu_types": ("L4",)}, "not on L4"),
        ({"preferred_models": ("Qwen3-8B",)}, "only Qwen3-8B"),
        ({"provider": "aws"}, "prices of aws"),
        ({"pricing": "spot"}, "spot prices"),
        ({"gpu_prices": ("L40S=0.9",)}, "your prices per GPU-hour: L40S $0.90"),
        ({"budget_usd_per_month": 9000}, "at most $9,000 a month"),
        ({"availability": "n+1"}, "one spare replica"),
        ({"accuracy_priority": "high"}, "high priority on accuracy"),
        ({"cost_priority": "low"}, "low priority on cost"),
    ],
)
def test_everything_that_a_user_restricts_is_said(
    catalog: Catalog, wishes: dict[str, object], words: str
) -> None:
    assert understood(specification(catalog, **wishes)) == f"translation · {words}"


def test_a_stated_target_is_told_from_one_of_the_use_case_and_is_exact(catalog: Catalog) -> None:
    ttft, itl, _ = target_words(specification(catalog, ttft_ms=1250))

    assert ttft == "TTFT ≤ 1.25 s (you said)"
    assert itl.endswith("(use case)")


def test_the_load_is_a_sum_with_its_tokens(catalog: Catalog) -> None:
    words = load_words(specification(catalog, user_count=300, prompt_tokens=900, output_tokens=1200))

    assert "300 users × " in words and words.endswith(" · 900 → 1,200 tokens (you said)")


def test_near_and_far_evidence_are_told_apart() -> None:
    near = Evidence(kind="estimated", nearest="run-1", distance=0.2)

    assert evidence_words(near) == "estimated; the nearest measured run is near (distance 0.2)"
    assert "physics alone" in evidence_words(near.model_copy(update={"distance": 2.9}))
    assert "no measured run" in evidence_words(Evidence(kind="estimated"))


def test_a_field_and_its_value_are_plain_words() -> None:
    assumption = Assumption(field="requests_per_minute", value="0.4", why="usual")

    assert assumption_words(assumption) == "requests a minute of an active user: 0.4 (usual)"
    assert field_value("e2e_ms", "7000") == field_value("E2E", "7000 ms") == "7 s"
    assert field_value("token_spread", "25 %") == "25 %"
    assert field_value("active_share", "0.125") == "12.5 %"
    assert field_value("budget_usd_per_month", "9000") == "$9,000"
    assert field_value("use_case", "code_completion") == "code completion"
    assert field_value("user_count", "1234567") == "1,234,567"
