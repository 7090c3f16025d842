"""Named alternatives side by side, at the same load."""

from collections.abc import Callable
from typing import Any

import pytest

from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.comparison import Comparison, Side, compare_alternatives
from compass.planning import HOURS_PER_MONTH, Wishes

Compare = Callable[..., Comparison]


@pytest.fixture(scope="module")
def compare() -> Compare:
    catalog, estimator = load_catalog(), Estimator.for_plans()

    def made(*sides: Side, **wishes: Any) -> Comparison:
        return compare_alternatives(catalog, estimator, Wishes(**wishes), sides)

    return made


def test_two_gpus_carry_the_same_rate_with_as_many_as_each_needs(compare: Compare) -> None:
    made = compare(Side(gpu="H100"), Side(gpu="L40S"), preferred_models=["Qwen3-32B"], requests_per_second=20)
    h100, l40s = made.plans

    assert "20 requests/s" in made.load
    assert h100.holds and l40s.holds and h100.gpus and l40s.gpus and h100.gpus < l40s.gpus
    for plan in made.plans:
        # 20 requests of 256 tokens each second, at four fifths of what the side carries.
        assert plan.output_tokens_per_second and plan.output_tokens_per_second.value == 20 * 256
        assert plan.limit_requests_per_second and plan.limit_requests_per_second * 0.8 >= 20 * 0.99
    assert h100.ttft_ms and l40s.ttft_ms and h100.ttft_ms.value < l40s.ttft_ms.value
    ttft = next(one for one in made.differences if one.kind == "ttft")
    assert (ttft.better, ttft.worse) == (h100.label, l40s.label)
    assert (ttft.value, ttft.other) == (h100.ttft_ms.value, l40s.ttft_ms.value)


def test_without_a_load_each_side_is_shown_at_its_own_full_load(compare: Compare) -> None:
    made = compare(Side(gpu="H200"), Side(gpu="H100"), preferred_models=["Llama-3.3-70B"])

    assert "no load was stated" in made.load
    assert not {"ttft", "itl"} & {one.kind for one in made.differences}, "the loads are not the same"
    for plan in made.plans:
        tokens = plan.output_tokens_per_second
        assert tokens and plan.usd_per_month and plan.gpus and plan.output_tokens_per_second_per_gpu
        assert plan.output_tokens_per_second_per_gpu == pytest.approx(tokens.value / plan.gpus, rel=0.01)
        million = plan.usd_per_month / (tokens.value * HOURS_PER_MONTH * 3600) * 1e6
        assert plan.usd_per_million_output_tokens == pytest.approx(million, rel=0.01)


def test_a_side_has_its_own_count_model_and_price(compare: Compare) -> None:
    made = compare(
        Side(gpu="L40S", gpu_count=2, usd_per_gpu_hour=1.0),
        Side(gpu="H100", gpu_count=1, usd_per_month=900),
        preferred_models=["Qwen3-32B"],
        concurrent_requests=8,
    )
    two, one = made.plans

    assert (two.gpus, one.gpus) == (2, 1)
    assert (two.usd_per_month, one.usd_per_month) == (2 * HOURS_PER_MONTH, 900)
    assert two.price_source == one.price_source == "your price"


def test_sides_that_differ_in_their_engine_alone_are_said_not_to_be_modelled(compare: Compare) -> None:
    made = compare(
        Side(engine="TGI"),
        Side(engine="TensorRT-LLM"),
        preferred_models=["Mixtral-8x7B"],
        preferred_gpu_types=["A100"],
        gpu_count=2,
        requests_per_second=2.5,
    )

    assert made.differences == ()
    assert "TGI and TensorRT-LLM" in made.remarks[0] and "not modelled" in made.remarks[0]
    assert len({plan.label for plan in made.plans}) == 2


def test_a_side_that_does_not_fit_is_the_first_difference(compare: Compare) -> None:
    made = compare(Side(gpu="L4", gpu_count=1), Side(gpu="H100", gpu_count=1), preferred_models=["Qwen3-32B"])

    assert made.differences[0].kind == "fits"
    assert made.differences[0].worse == "1 × L4"


def test_gpus_of_the_wishes_are_sides_where_none_are_named(compare: Compare) -> None:
    made = compare(preferred_gpu_types=["H100", "L40S"], preferred_models=["Llama-3.1-8B"])

    assert [plan.gpu for plan in made.plans] == ["H100-SXM", "L40S"]


def test_one_side_is_no_comparison(compare: Compare) -> None:
    assert compare(preferred_gpu_types=["H100"]).question


def test_a_gpu_of_which_nothing_is_known_stays_beside_the_other(compare: Compare) -> None:
    made = compare(Side(gpu="M3 Ultra"), Side(gpu="L40S"), preferred_models=["Llama-3.1-8B"])

    assert not made.plans[0].fits and "M3 Ultra" in made.plans[0].why
    assert made.plans[1].fits
    assert made.document()["goal"] == "compare"


def test_sides_are_held_to_the_same_targets(compare: Compare) -> None:
    # The usual 150 ms to the first token hold on an H100 at some load, on an L40S at none.
    made = compare(
        Side(gpu="H100"), Side(gpu="L40S"), preferred_models=["Qwen3-32B"], requests_per_second=20.0,
        prompt_tokens=1000, output_tokens=200,
    )  # fmt: skip
    large, small = made.plans

    assert large.limit_targets == small.limit_targets == ()
    assert large.gpus and small.gpus and large.gpus < small.gpus
    assert any("usual targets" in remark for remark in made.remarks)


def test_models_on_one_gpu_that_is_there_are_compared_on_as_many_of_it(compare: Compare) -> None:
    made = compare(
        Side(model="8b"), Side(model="32b"), Side(model="72b"), preferred_gpu_types=["A100-80-SXM"]
    )

    assert [plan.gpus for plan in made.plans] == [1, 1, 1]
    # 72 billion parameters in 16 bits are 134 GiB; a GPU of 80 GiB holds them in 4 bits alone.
    assert made.plans[2].fits and made.plans[2].precision == "int4"
    assert made.plans[0].label == "Qwen3-8B"
    assert "1 × A100-80-SXM" in made.load


def test_a_remark_of_several_sides_stands_once_with_their_names(compare: Compare) -> None:
    made = compare(
        Side(model="8b"), Side(model="32b"), Side(model="72b"), preferred_gpu_types=["A100-80-SXM"]
    )

    assert len({remark.split(": ", 1)[-1] for remark in made.remarks}) == len(made.remarks)
