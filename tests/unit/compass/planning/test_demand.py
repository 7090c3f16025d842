"""What was said, what is assumed, and what cannot be."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.catalog import Catalog, load_catalog
from compass.core import InvalidInput, NotFound
from compass.planning import Specification, Wishes, specify
from tests.unit.compass.planning.planned_requests import known

USE_CASES = [entry.name for entry in load_catalog().use_cases]
CLASSES = [entry.name for entry in load_catalog().classes]


def assumed(wish: Specification, field: str) -> str:
    """Value and reason of an assumption."""
    found = next(entry for entry in wish.assumptions if entry.field == field)
    return f"{found.value}: {found.why}"


def test_five_thousand_chatters_make_thirteen_requests_a_second(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="chatbot_conversational", user_count=5000, ttft_ms=300))

    assert wish.peak_requests_per_second == pytest.approx(5000 * 0.2 * 0.4 / 60 * 2.0)
    assert wish.mean_requests_per_second == pytest.approx(5000 * 0.2 * 0.4 / 60)
    assert (
        wish.load_arithmetic
        == "13.3 requests/s at peak = 5,000 users × 20 % active × 0.4 a minute ÷ 60 × 2 peak"
    )
    assert (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms) == (300, 25, 7000)
    assert (wish.prompt_tokens, wish.output_tokens) == (512, 256)
    assert wish.stated == {"use_case", "ttft_ms", "user_count"}


@pytest.mark.parametrize("use_case", USE_CASES)
def test_unsaid_targets_are_those_of_the_use_case(catalog: Catalog, use_case: str) -> None:
    usual = next(entry for entry in catalog.use_cases if entry.name == use_case)

    wish = specify(catalog, Wishes(use_case=use_case, user_count=100))

    assert (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms) == tuple(usual.targets.model_dump().values())
    assert wish.experience_class == usual.experience_class
    assert "target of" in assumed(wish, "ttft_ms")


def test_everything_unsaid_is_listed(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes())
    assert {entry.field for entry in wish.assumptions} == {
        "use_case", "ttft_ms", "itl_ms", "e2e_ms", "prompt_tokens", "output_tokens", "user_count",
        "active_share", "requests_per_minute", "peak_factor", "arrivals", "percentile",
    }  # fmt: skip
    assert wish.stated == set()


def test_a_wish_outside_of_the_usual_range_is_kept_and_remarked(catalog: Catalog) -> None:
    inside = specify(catalog, Wishes(use_case="chatbot_conversational", ttft_ms=300))
    stricter = specify(catalog, Wishes(use_case="chatbot_conversational", ttft_ms=50))
    looser = specify(catalog, Wishes(use_case="chatbot_conversational", e2e_ms=60_000))

    assert inside.remarks == ()
    assert stricter.ttft_p95_ms == 50
    assert stricter.remarks == ("TTFT of 50 ms is stricter than is usual for chatbot (100 ms to 500 ms).",)
    assert looser.remarks == ("E2E of 60 s is looser than is usual for chatbot (3.94 s to 13.3 s).",)


def test_a_looser_class_moves_targets_and_says_so(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="summarization_short", experience_class="Batch"))

    assert (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms) == (2000, 45, 20_000)
    assert wish.experience_class == "batch"
    assert "limit of the class batch; usual for summaries of short texts: 600" in assumed(wish, "ttft_ms")
    assert "target of" in assumed(wish, "e2e_ms")


@pytest.mark.parametrize("use_case", USE_CASES)
@pytest.mark.parametrize("wanted", CLASSES)
def test_a_class_never_moves_targets_against_its_direction(
    catalog: Catalog, use_case: str, wanted: str
) -> None:
    limits = {entry.name: entry.ttft_ms for entry in catalog.classes}
    own = next(entry for entry in catalog.use_cases if entry.name == use_case).experience_class
    usual = specify(catalog, Wishes(use_case=use_case))

    wish = specify(catalog, Wishes(use_case=use_case, experience_class=wanted))

    ttft, itl = known(wish.ttft_p95_ms), known(wish.itl_p95_ms)
    usual_ttft, usual_itl = known(usual.ttft_p95_ms), known(usual.itl_p95_ms)
    if limits[wanted] >= limits[own]:
        assert ttft >= usual_ttft and itl >= usual_itl
    if limits[wanted] <= limits[own]:
        assert ttft <= usual_ttft and itl <= usual_itl


def test_a_stated_number_wins_over_a_class(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="translation", experience_class="batch", ttft_ms=700))
    assert (wish.ttft_p95_ms, wish.itl_p95_ms) == (700, 45)


def test_contradicting_targets_are_named(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="chatbot_conversational", ttft_ms=400, e2e_ms=300))
    assert any("less than its first token's 400 ms" in remark for remark in wish.remarks)
    wish = specify(catalog, Wishes(use_case="chatbot_conversational", output_tokens=2000, e2e_ms=7000))
    assert any("take 50 s" in remark and "the stricter one" in remark for remark in wish.remarks)


def test_an_assumed_end_follows_from_the_stated_length_of_an_answer(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="chatbot_conversational", output_tokens=2000))

    assert wish.e2e_p95_ms == 150 + 25 * 1999
    assert "2,000 tokens at the ITL target" in assumed(wish, "e2e_ms")
    assert not any("stricter" in remark for remark in wish.remarks)


def test_an_assumed_end_gives_way_to_a_stated_first_token(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="chatbot_conversational", ttft_ms=10_000))
    assert wish.e2e_p95_ms == 10_000 + 25 * 255


def test_a_stated_rate_replaces_the_arithmetic_of_users(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="translation", requests_per_second=12, user_count=500))
    assert (wish.peak_requests_per_second, wish.mean_requests_per_second) == (12, 12)
    assert wish.load_arithmetic == "12 requests/s as stated"
    assert any("500 users do not change it" in remark for remark in wish.remarks)
    twice = specify(catalog, Wishes(requests_per_second=12, peak_factor=2))
    assert (twice.peak_requests_per_second, twice.mean_requests_per_second) == (24, 12)


@pytest.mark.parametrize(
    "field",
    [
        "user_count", "ttft_ms", "itl_ms", "e2e_ms", "prompt_tokens", "output_tokens", "requests_per_second",
        "active_share", "requests_per_minute", "peak_factor", "budget_usd_per_month",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [0, -3, 10**15])
def test_a_number_that_cannot_be_is_refused_by_name(catalog: Catalog, field: str, value: float) -> None:
    changes: dict[str, Any] = {field: value}
    with pytest.raises(InvalidInput, match=f"^{field}: ") as error:
        specify(catalog, Wishes(**changes))
    assert error.value.field == field


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused(catalog: Catalog, value: float) -> None:
    with pytest.raises(InvalidInput, match=r"^ttft_ms: "):
        specify(catalog, Wishes(ttft_ms=value))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"active_share": 1.5}, "active_share: 1.5 is more than 1"),
        ({"peak_factor": 0.5}, "peak_factor: the peak cannot be below the mean"),
        ({"prefix_cache_hit_rate": 1.0}, "prefix_cache_hit_rate: must be at least 0 and below 1"),
        ({"gpu_prices": ("H100",)}, 'gpu_prices: "H100" is not NAME=DOLLARS'),
        ({"gpu_prices": ("H100=-2",)}, 'gpu_prices: "H100=-2" is not NAME=DOLLARS'),
        (
            {"preferred_gpu_types": ("L4",), "excluded_gpu_types": ("L4",)},
            "excluded_gpu_types: excludes every preferred GPU",
        ),
    ],
)
def test_wrong_wishes_are_refused_in_a_sentence(catalog: Catalog, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        specify(catalog, Wishes(**changes))
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    "changes",
    [
        {"use_case": "poetry"},
        {"experience_class": "sluggish"},
        {"preferred_gpu_types": ("H1000X",)},
        {"preferred_models": ("lama",)},
        {"provider": "nimbus"},
        {"gpu_prices": ("Z9=1",)},
    ],
)
def test_unknown_names_are_refused(catalog: Catalog, changes: dict[str, Any]) -> None:
    with pytest.raises(NotFound, match=r"No .* called"):
        specify(catalog, Wishes(**changes))


def test_names_become_those_of_the_catalog(catalog: Catalog) -> None:
    wish = specify(
        catalog,
        Wishes(
            preferred_gpu_types=("h100", "l40s"),
            excluded_gpu_types=("H100 PCIe",),
            preferred_models=("phi4",),
            provider="Google Cloud",
            gpu_prices=("a100 80gb=$1.80",),
        ),
    )
    assert wish.preferred_gpu_types == ("H100-SXM", "H100-NVL", "L40S")
    assert wish.excluded_gpu_types == ("H100-PCIe",)
    assert wish.preferred_models == ("microsoft/phi-4",)
    assert wish.provider == "gcp"
    assert wish.gpu_prices == {"A100-80-SXM": 1.8, "A100-80-PCIe": 1.8}


MAYBE_MS = st.none() | st.floats(1, 100_000)
WISHES = st.builds(
    Wishes,
    use_case=st.none() | st.sampled_from(USE_CASES),
    experience_class=st.none() | st.sampled_from(CLASSES),
    user_count=st.none() | st.integers(1, 10**8),
    ttft_ms=MAYBE_MS,
    itl_ms=MAYBE_MS,
    e2e_ms=MAYBE_MS,
    percentile=st.none() | st.sampled_from(("p50", "p95", "p99")),
    prompt_tokens=st.none() | st.integers(1, 200_000),
    output_tokens=st.none() | st.integers(1, 20_000),
    active_share=st.none() | st.floats(0.01, 1),
    peak_factor=st.none() | st.floats(1, 20),
    requests_per_second=st.none() | st.floats(0.01, 10_000),
)


@given(WISHES)
def test_every_stated_number_stands_and_every_other_is_assumed(wishes: Wishes) -> None:
    wish = specify(load_catalog(), wishes)

    said = (wishes.ttft_ms, wishes.itl_ms, wishes.e2e_ms, wishes.prompt_tokens, wishes.output_tokens)
    took = (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms, wish.prompt_tokens, wish.output_tokens)
    assert all(mine == took_it for mine, took_it in zip(said, took, strict=True) if mine is not None)
    assert not set(wish.stated) & {entry.field for entry in wish.assumptions}
    assert wish.peak_requests_per_second >= wish.mean_requests_per_second > 0


@given(WISHES)
def test_the_wishes_of_a_specification_make_it_again(wishes: Wishes) -> None:
    catalog = load_catalog()
    wish = specify(catalog, wishes)
    again = specify(catalog, wish.wishes)
    assert again.model_dump() == wish.model_dump()


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_more_users_are_more_load(some: int, others: int) -> None:
    fewer, more = sorted((some, others))
    loads = [
        specify(load_catalog(), Wishes(user_count=users)).peak_requests_per_second for users in (fewer, more)
    ]
    assert loads[0] <= loads[1]


def test_a_specification_says_itself_briefly(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="translation", output_tokens=9000, ttft_ms=1))
    assert len(wish.brief()) < 4 * 1500
    assert all(remark in wish.brief() for remark in wish.remarks)
