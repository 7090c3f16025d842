"""Every form of load becomes a rate, requests in flight or a job, with a sum that a person can check."""

import pytest

from compass.catalog import Catalog
from compass.core import InvalidInput
from compass.planning import Specification, Wishes, specify

DAY_S = 86_400


def assumed(wish: Specification, field: str) -> str:
    """The value of an assumption."""
    return next(entry.value for entry in wish.assumptions if entry.field == field)


def test_tokens_a_second_are_divided_by_all_tokens_of_a_request(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(tokens_per_second=7680, prompt_tokens=512, output_tokens=256))

    assert wish.load_form == "rate"
    assert wish.peak_requests_per_second == pytest.approx(7680 / (512 + 256)) == 10
    # 7,680 × 86,400 s = 663.6 million.
    rate = "7,680 tokens/s (664 million a day)"
    assert wish.load_arithmetic == f"10 requests/s = {rate} ÷ (512 + 256 a request)"


def test_output_tokens_a_second_are_divided_by_those_of_an_answer(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(output_tokens_per_second=5000, output_tokens=250))

    assert wish.peak_requests_per_second == 20
    assert wish.load_arithmetic == "20 requests/s = 5,000 output tokens/s ÷ 250 an answer"


def test_a_day_of_tokens_that_nobody_waits_for_is_a_job_a_day(catalog: Catalog) -> None:
    wish = specify(
        catalog, Wishes(tokens_per_second=500e6 / DAY_S, experience_class="batch", model_parameters_b=7)
    )

    # 500 million a day are 5,787 a second; at 768 tokens a request 651,042 requests.
    assert wish.load_form == "batch" and wish.deadline_hours == 24
    assert wish.batch_items == round(500e6 / 768)
    assert "5,787 tokens/s" in wish.load_arithmetic
    assert wish.jobs_per_month == pytest.approx(365 / 12, abs=0.01)
    assert (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms) == (None, None, None)


def test_a_job_without_a_deadline_is_done_overnight_and_once(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(batch_items=2_000_000, prompt_tokens=3000))

    assert (assumed(wish, "deadline_hours"), assumed(wish, "jobs_per_month")) == ("10", "1")
    assert wish.peak_requests_per_second == pytest.approx(2_000_000 / 36_000)
    assert wish.load_arithmetic.startswith("2,000,000 items in 10 hours = 55.6 a second")


def test_users_of_batch_work_hand_in_a_request_a_day(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(use_case="summarization_short", experience_class="batch", user_count=2000))

    assert (wish.load_form, wish.batch_items, wish.deadline_hours) == ("batch", 2000, 24)
    assert assumed(wish, "batch_items") == "2000"


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(use_case="research_legal_analysis", user_count=20),
        Wishes(use_case="summarization_short", experience_class="batch", user_count=20, active_share=0.5),
        Wishes(experience_class="batch", requests_per_second=4, ttft_ms=900),
    ],
)
def test_people_who_wait_are_no_job(catalog: Catalog, wishes: Wishes) -> None:
    assert specify(catalog, wishes).load_form == "rate"


def test_a_target_that_was_said_holds_for_a_job_too(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(batch_items=1000, itl_ms=40))
    assert (wish.ttft_p95_ms, wish.itl_p95_ms, wish.e2e_p95_ms) == (None, 40, None)


def test_concurrent_users_are_requests_in_flight_that_fill_their_context(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(concurrent_requests=50, context_tokens=2048))

    assert (wish.load_form, wish.concurrent_requests) == ("in_flight", 50)
    assert (wish.prompt_tokens, wish.output_tokens) == (2048 - 256, 256)
    assert assumed(wish, "concurrent_requests") == "50"
    assert "50 ÷ 7 = 7.14 requests/s" in wish.load_arithmetic
    assert not any(entry.field == "arrivals" for entry in wish.assumptions)


def test_sessions_open_make_turns_by_their_pauses(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(concurrent_sessions=48, use_case="coding_agent"))

    assert (wish.load_form, wish.concurrent_sessions) == ("sessions", 48)
    # 20 s for an answer and 22.4 s of pause: 48 ÷ 42.4 = 1.13 turns a second.
    assert wish.peak_requests_per_second == pytest.approx(48 / 42.432, rel=1e-3)
    assert {"shared_prompt_tokens", "session_turns", "turn_tokens", "turn_pause_seconds"} <= {
        entry.field for entry in wish.assumptions
    }


def test_a_session_fills_the_window_that_was_said(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(concurrent_sessions=33, context_tokens=50_000, use_case="coding_agent"))

    assert wish.session is not None and wish.session.prompts.max() + wish.output_tokens <= 50_000
    assert wish.prompt_tokens == round(wish.session.mean_prompt_tokens)
    assert wish.context_tokens == 50_000


def test_a_stated_mean_prompt_is_that_of_the_sessions(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(concurrent_sessions=10, prompt_tokens=20_000, use_case="coding_agent"))

    assert wish.prompt_tokens == 20_000
    assert wish.session is not None
    assert wish.session.mean_prompt_tokens == pytest.approx(20_000, rel=0.02)


def test_prompts_that_begin_alike_are_computed_once(catalog: Catalog) -> None:
    wishes = Wishes(concurrent_requests=12, shared_prompt_tokens=30_000, prompt_tokens=30_500)
    wish = specify(catalog, wishes)

    assert (wish.load_form, wish.prompt_tokens, wish.shared_prompt_tokens) == ("in_flight", 30_500, 30_000)
    # 1,875 whole blocks of 16 tokens of 30,500: 98.4 %.
    assert wish.session is not None and wish.session.best_hit_rate == pytest.approx(30_000 / 30_500)
    # 500 tokens are waited for, as in a usual chat.
    assert wish.ttft_p95_ms == 150


def test_more_shared_than_there_is_is_refused(catalog: Catalog) -> None:
    with pytest.raises(InvalidInput, match="more than the whole prompt"):
        specify(catalog, Wishes(shared_prompt_tokens=2000, prompt_tokens=1000))


def test_a_stated_hit_rate_is_not_derived(catalog: Catalog) -> None:
    wish = specify(
        catalog, Wishes(concurrent_sessions=10, use_case="coding_agent", prefix_cache_hit_rate=0.9)
    )

    assert (wish.session, wish.prefix_cache_hit_rate, wish.load_form) == (None, 0.9, "in_flight")


def test_reasoning_counts_in_the_load_and_in_the_whole_answer(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(thinking_tokens=8000, output_tokens=256))

    assert (wish.output_tokens, wish.thinking_tokens) == (8256, 8000)
    # Log-normal with a spread of its mean: p95 is 8,000 × exp(1.645 × √ln 2 − ln 2 ÷ 2) = 22,250.
    assert wish.e2e_p95_ms == pytest.approx(150 + 25 * (256 + 22_250 - 1), abs=1)


def test_the_first_token_of_a_very_long_prompt_may_take_longer(catalog: Catalog) -> None:
    usual = specify(catalog, Wishes(prompt_tokens=1024))
    long = specify(catalog, Wishes(prompt_tokens=131_072))

    # 150 ms up to twice the usual 512 tokens, then in proportion: 150 × 131,072 ÷ 1,024 = 19,200.
    assert usual.ttft_p95_ms == 150
    assert long.ttft_p95_ms == 19_000
    assert long.e2e_p95_ms == 19_000 + 25 * 255


def test_a_dropped_target_is_none_until_a_number_is_said(catalog: Catalog) -> None:
    dropped = Wishes(itl_ms=30).changed(no_targets=("itl",))
    back = dropped.changed(itl_ms=20)

    assert specify(catalog, dropped).itl_p95_ms is None
    assert specify(catalog, back).itl_p95_ms == 20
    assert Wishes(itl_ms=20).over(Wishes(no_targets=("itl", "ttft"))).no_targets == ("ttft",)


@pytest.mark.parametrize(
    ("said", "meant"), [("fp16", "bf16"), ("AWQ", "int4"), ("w8a8", "int8"), ("8-bit", "int8"), ("q2", None)]
)
def test_formats_by_what_people_call_them(catalog: Catalog, said: str, meant: str | None) -> None:
    wish = specify(catalog, Wishes(precision=said))
    assert wish.precision == meant
    assert bool(wish.remarks) == (meant is None)


def test_a_size_means_the_models_of_about_that_size(catalog: Catalog) -> None:
    parameters = {model.id: model.parameters_b for model in catalog.models}

    seven = specify(catalog, Wishes(model_parameters_b=7))
    huge = specify(catalog, Wishes(model_parameters_b=300))

    assert all(5.6 <= parameters[name] <= 8.4 for name in seven.preferred_models)
    assert len(seven.preferred_models) >= 4
    assert len(huge.preferred_models) == 1 and any("300 billion" in remark for remark in huge.remarks)


def test_an_unknown_name_beside_a_known_one_is_said_and_left_out(catalog: Catalog) -> None:
    wish = specify(catalog, Wishes(preferred_gpu_types=("Trainium2", "L4")))
    assert wish.preferred_gpu_types == ("L4",)
    assert any(remark.startswith("Trainium2 is not known") for remark in wish.remarks)
