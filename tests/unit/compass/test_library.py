"""The library's door: what `import compass` offers, without a database."""

import pytest

import compass


@pytest.fixture(scope="module")
def planner() -> compass.Compass:
    return compass.open()


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in compass.__all__:
        assert getattr(compass, name) is not None
    assert set(compass.__all__) <= set(dir(compass))


def test_a_plan_by_keywords_is_the_plan_of_the_same_wishes(planner: compass.Compass) -> None:
    wishes = compass.Wishes(use_case="chatbot_conversational", user_count=500)

    assert planner.plan(use_case="chatbot_conversational", user_count=500) == planner.plan(wishes)


def test_a_closed_loop_obeys_littles_law(planner: compass.Compass) -> None:
    seen = planner.estimate(
        "Qwen3-8B", "H100-SXM", precision="fp8", concurrency=16, prompt_tokens=512, output_tokens=256
    )

    assert seen.requests_per_second * seen.e2e_ms.value / 1000 == pytest.approx(16)
    assert seen.output_tokens_per_second == pytest.approx(256 * seen.requests_per_second)
    assert seen.itl_ms.low < seen.itl_ms.value < seen.itl_ms.high


def test_a_capacity_holds_its_targets_and_the_next_load_breaks_one(planner: compass.Compass) -> None:
    highest = planner.capacity(
        "Qwen3-8B", "L40S", precision="fp8", prompt_tokens=512, output_tokens=256,
        ttft_ms=500, itl_ms=30, e2e_ms=10_000,
    )  # fmt: skip

    assert highest.requests_per_second > 0
    assert highest.ttft_ms <= 500 and highest.itl_ms <= 30 and highest.e2e_ms <= 10_000
    assert highest.breaks_first in ("ttft", "itl", "e2e", "memory", "saturation")


def test_memory_adds_up_and_says_whether_a_model_fits(planner: compass.Compass) -> None:
    small = planner.memory("Qwen3-8B", "H100-SXM", precision="bf16")
    large = planner.memory("Llama-3.3-70B", "L4", precision="bf16")

    assert 15 < small.weights_gib < 17
    assert small.fits and small.kv_cache_tokens > 0
    assert not large.fits and large.kv_cache_tokens == 0


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda c: c.plan(users=5), compass.InvalidInput, "users: No field called"),
        (lambda c: c.plan(user_count=-5), compass.InvalidInput, "user_count"),
        (lambda c: c.plan(user_count="many"), compass.InvalidInput, "user_count"),
        (lambda c: c.find_model("no-such-model"), compass.NotFound, "no-such-model"),
        (lambda c: c.memory("Qwen3-8B", "H100-SXM", precision="fp4"), compass.InvalidInput, "precision"),
        (lambda c: c.memory("Qwen3-8B", "H100-SXM"), compass.InvalidInput, "name one of them"),
        (
            lambda c: c.memory("Qwen3-8B", "H100-SXM", precision="fp8", tensor_parallel=3),
            compass.InvalidInput,
            "tensor_parallel",
        ),
        (
            lambda c: c.estimate(
                "Llama-3.3-70B", "L4", precision="bf16", concurrency=1, prompt_tokens=9, output_tokens=9
            ),
            compass.InvalidInput,
            "does not fit",
        ),
    ],
)
def test_bad_input_is_a_sentence(planner: compass.Compass, call, error: type[Exception], said: str) -> None:  # type: ignore[no-untyped-def]  # lambdas of many shapes
    with pytest.raises(error, match=said):
        call(planner)
