"""Capacity answers against figures worked out by hand."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.core import InvalidInput
from compass.deployment_capacity import CapacityAnswer, deployment_capacity
from compass.planning import Wishes

GIB = 2**30
Ask = Callable[..., CapacityAnswer]


@pytest.fixture(scope="module")
def ask() -> Ask:
    catalog, estimator = load_catalog(), Estimator.for_plans()

    def answer(*asked: str, **wishes: Any) -> CapacityAnswer:
        return deployment_capacity(catalog, estimator, Wishes(**wishes), asked)

    return answer


def test_tokens_a_second_of_qwen3_32b_on_two_l40s(ask: Ask) -> None:
    answer = ask(
        "throughput",
        preferred_models=["Qwen3-32B"],
        preferred_gpu_types=["L40S"],
        gpu_count=2,
        concurrent_requests=16,
    )
    best = answer.best

    assert answer.verdict == "yes" and best and best.at_load
    assert (best.precision, best.tensor_parallel, best.replicas) == ("fp8", 2, 1)
    # 32.8 billion parameters in 8 bits, embeddings in 16: about 32 GiB, half of it on each GPU.
    assert best.memory_gib.weights == pytest.approx(16.0, abs=0.5)
    # 2 (K and V) × 64 layers × 8 heads × 128 × 2 bytes = 256 KiB a token, half of it on each GPU.
    assert best.kv_cache_tokens == pytest.approx(best.memory_gib.kv_cache * GIB / (128 * 1024), rel=0.005)
    assert best.max_concurrent_requests == best.kv_cache_tokens // (512 + 256)
    # A step reads 16 GiB of weights and the cache of 16 × 640 tokens at 864 GB/s: no more than 747 a second.
    least_ms = (16 * GIB + 16 * 640 * 128 * 1024) / 864e9 * 1000
    bound = 16 / least_ms * 1000
    assert bound / 2 < best.at_load.output_tokens_per_second < bound
    assert best.at_load.itl_ms.low < best.at_load.itl_ms.value < best.at_load.itl_ms.high


def test_sixteen_bits_leave_little_room_on_two_l40s(ask: Ask) -> None:
    answer = ask(preferred_models=["Qwen3-32B"], preferred_gpu_types=["L40S"], gpu_count=2)
    sixteen = [one for one in answer.arrangements if one.precision == "bf16"]

    # (45.0 − 0.5) × 0.9 = 40.0 GiB may be used; 65.5 GB are 61 GiB, 30.5 on each of two GPUs.
    two = next(one for one in sixteen if one.tensor_parallel == 2)
    one = next(one for one in sixteen if one.tensor_parallel == 1)
    assert two.fits and 5 < two.memory_gib.kv_cache < 9
    assert not one.fits and one.kv_cache_tokens == 0 and one.at_load is None


def test_gpt_oss_120b_fits_on_one_pro_6000_for_twenty_users(ask: Ask) -> None:
    answer = ask(
        "fits",
        preferred_models=["gpt-oss-120b"],
        preferred_gpu_types=["RTX PRO 6000"],
        gpu_count=1,
        user_count=20,
    )
    best = answer.best

    assert answer.verdict == "yes" and best and answer.load
    assert answer.load.form == "users"
    memory = best.memory_gib
    assert memory.weights + memory.runtime + memory.kv_cache + memory.free == pytest.approx(
        memory.total_per_gpu, abs=0.2
    )
    # 36 layers × 8 heads × 64 × 2 × 2 bytes = 72 KiB a token; half of the layers keep 128 tokens alone.
    assert best.kv_cache_tokens == pytest.approx(memory.kv_cache * GIB / (72 * 1024), rel=0.005)
    of_request = 36 * 1024 * (768 + 128)
    assert best.max_concurrent_requests == pytest.approx(memory.kv_cache * GIB / of_request, rel=0.01)
    assert "GiB of weights" in answer.why and "20 users" in answer.why


def test_longest_context_of_llama_70b_on_two_h100(ask: Ask) -> None:
    answer = ask(
        "max_context",
        preferred_models=["Llama-3.3-70B"],
        preferred_gpu_types=["H100"],
        gpu_count=2,
        precision="fp8",
    )
    best = answer.best

    assert best and answer.verdict == "yes"
    # 2 × 80 layers × 8 heads × 128 × 2 bytes = 320 KiB a token, half on each GPU: beyond the model's window.
    cache = best.memory_gib.kv_cache * GIB / (160 * 1024)
    assert best.kv_cache_tokens == pytest.approx(cache, rel=0.005)
    assert best.max_context_tokens == 131_072 < best.kv_cache_tokens
    assert best.context_bound == "model"
    assert {one.precision for one in answer.arrangements} == {"fp8"}


def test_a_job_takes_its_items_over_the_rate_of_full_load(ask: Ask) -> None:
    answer = ask(
        "duration",
        model_parameters_b=8,
        preferred_gpu_types=["L40S"],
        gpu_count=2,
        batch_items=3_000_000,
        deadline_hours=10,
        prompt_tokens=300,
        output_tokens=20,
    )
    best = answer.best

    assert best and best.job and best.full_load
    assert best.job.hours == pytest.approx(3e6 / best.full_load.requests_per_second / 3600, rel=0.01)
    assert best.job.gpu_hours == pytest.approx(2 * best.job.hours, rel=0.01)
    assert answer.verdict == ("yes" if best.job.hours <= 10 else "no")
    assert not answer.best.limit.targets  # type: ignore[union-attr]  # it fits


def test_a_window_without_a_number_of_requests_tells_how_many_are_done_in_it(ask: Ask) -> None:
    answer = ask(preferred_models=["Qwen3-32B"], preferred_gpu_types=["L40S"], gpu_count=2, deadline_hours=10)
    best = answer.best

    assert best and best.job and best.full_load
    assert best.job.items == pytest.approx(best.full_load.requests_per_second * 36_000, rel=0.01)
    assert best.job.hours == pytest.approx(10, rel=0.01)


def test_memory_that_leaves_less_than_its_doubt_is_said_to_be_tight(ask: Ask) -> None:
    answer = ask(preferred_models=["gpt-oss-120b"], preferred_gpu_types=["H100"], gpu_count=1)

    # 66 GiB of weights and 3 of runtime: 4 % of it is 2.8 GiB, more than the 2 to 3 GiB that are left.
    assert answer.best and answer.best.kv_cache_tokens_interval.low == 0
    assert any(remark.startswith("Memory is tight") for remark in answer.remarks)


def test_what_nobody_stated_never_turns_a_yes_into_a_no(ask: Ask) -> None:
    answer = ask(preferred_models=["Qwen3-32B"], preferred_gpu_types=["L40S"], gpu_count=2, precision="bf16")

    assert answer.verdict == "yes"
    # In 16 bits a token takes longer than the 25 ms that are usual for a chatbot.
    assert answer.best and answer.best.at_load and answer.best.at_load.itl_ms.value > 25
    assert answer.best.limit and not answer.best.limit.targets
    assert any("even with one request at a time" in remark for remark in answer.remarks)


def test_stated_targets_do(ask: Ask) -> None:
    wishes = {"preferred_models": ["Qwen3-32B"], "preferred_gpu_types": ["L40S"], "gpu_count": 2}
    slow = ask(**wishes, concurrent_requests=64, itl_ms=40)
    never = ask(**wishes, concurrent_requests=64, itl_ms=1)

    assert slow.verdict == "partly" and "ITL" in slow.why
    assert slow.best and slow.best.limit and 1 < slow.best.limit.concurrent_requests < 64
    assert slow.best.limit.breaks == "ITL" and slow.best.limit.targets[0].stated
    assert never.verdict == "no"


def test_more_requests_than_the_cache_holds_are_partly_served(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Qwen3-32B"],
        preferred_gpu_types=["L40S"],
        gpu_count=2,
        context_tokens=32_768,
        concurrent_requests=50,
    )

    assert answer.verdict == "partly"
    assert answer.best and 1 <= answer.best.max_concurrent_requests < 50
    assert f"{answer.best.max_concurrent_requests:,} requests of 32,768 tokens" in answer.why


def test_a_rate_beyond_what_it_carries_is_a_no_with_the_most_it_carries(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Qwen3-32B"], preferred_gpu_types=["L40S"], gpu_count=2, requests_per_second=500
    )

    assert answer.verdict == "no" and "is the most it carries, not 500" in answer.why
    enough = next(help_ for help_ in answer.helps if help_.kind == "more_gpus")
    count = 2 + int(enough.change.split(" ")[0])
    assert enough.usd_per_month_more and enough.usd_per_month_more > 0
    wishes = {"preferred_models": ["Qwen3-32B"], "preferred_gpu_types": ["L40S"], "requests_per_second": 500}
    assert ask(**wishes, gpu_count=count).verdict == "yes"
    assert ask(**wishes, gpu_count=count // 2).verdict == "no"


def test_a_model_that_does_not_fit_is_told_what_would(ask: Ask) -> None:
    answer = ask(preferred_models=["DeepSeek-R1"], preferred_gpu_types=["H100"], gpu_count=8)

    # 642 GiB of fp8 weights on 8 GPUs: 80 on each, where 0.9 × 79 may be used.
    assert answer.verdict == "no" and answer.best and not answer.best.fits
    assert answer.best.memory_gib.weights == pytest.approx(80, abs=2)
    assert [help_.change for help_ in answer.helps if help_.kind == "more_gpus"] == ["16 × H100-SXM"]
    assert not answer.curve and answer.bottleneck is None


@pytest.mark.parametrize(
    ("asked", "figure"),
    [("throughput", "output tokens/s"), ("concurrency", "requests at once"), ("latency", "whole answer")],
)
def test_what_would_help_improves_what_was_asked(ask: Ask, asked: str, figure: str) -> None:
    answer = ask(asked, preferred_models=["Qwen3-32B"], preferred_gpu_types=["L40S"], gpu_count=2)

    assert 1 <= len(answer.helps) <= 3
    for help_ in answer.helps:
        assert figure in help_.effect
        after, before = re.findall(r"[\d,.]+", help_.effect.replace("s for a", " for a"))[:2]
        is_better = float(after.replace(",", "")) > float(before.replace(",", ""))
        assert is_better == (asked != "latency"), help_


def test_nothing_would_help_where_the_models_own_window_is_reached(ask: Ask) -> None:
    answer = ask(
        "max_context", preferred_models=["Llama-3.3-70B"], preferred_gpu_types=["H100"], gpu_count=2,
        precision="fp8",
    )  # fmt: skip

    assert answer.best and answer.best.context_bound == "model"
    assert answer.helps == ()


def test_a_load_that_the_usual_targets_hold_for_prefers_the_way_that_keeps_them(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["A10G"], gpu_count=4, concurrent_requests=12
    )
    best = answer.best

    assert best and best.limit and best.limit.targets
    assert best.limit.concurrent_requests >= 12
    assert answer.choice


def test_a_model_of_another_version_is_said_to_stand_for_the_named_one(ask: Ask) -> None:
    wishes = {"preferred_gpu_types": ["L40S"], "gpu_count": 1}
    other, same = (
        ask(**wishes, preferred_models=["Llama 3 8B"]),
        ask(**wishes, preferred_models=["Llama 3.1 8B"]),
    )

    assert other.model == same.model == "meta-llama/Llama-3.1-8B-Instruct"
    assert [one.why for one in other.assumptions if one.field == "model"] == ["stands for Llama 3 8B"]
    assert not [one for one in same.assumptions if one.field == "model"]


def test_replicas_over_two_machines_are_a_pipeline_or_share_their_experts(ask: Ask) -> None:
    answer = ask(
        "concurrency",
        preferred_models=["DeepSeek-R1"],
        preferred_gpu_types=["H100"],
        gpu_count=16,
        context_tokens=131_072,
    )
    ranks, pipeline = (one for one in answer.arrangements if one.fits)

    assert (pipeline.tensor_parallel, pipeline.pipeline_parallel, pipeline.replicas) == (8, 2, 1)
    # MLA keeps 512 + 64 values of 2 bytes in each of 61 layers, copied to the GPUs of a stage.
    of_token = (512 + 64) * 2 * 61 / 2
    room = pipeline.memory_gib.kv_cache * GIB / of_token
    assert pipeline.kv_cache_tokens == pytest.approx(room, rel=0.005)
    assert pipeline.max_concurrent_requests == pipeline.kv_cache_tokens // 131_072
    # Sixteen ranks with a cache of their own hold 149 thousand tokens each: one request.
    assert (ranks.tensor_parallel, ranks.data_parallel, ranks.gpus_used) == (1, 16, 16)
    assert ranks.max_concurrent_requests == 16 and ranks.max_context_tokens < 163_840
    # Experts of 653 billion parameters are divided; each rank has its attention (11.4 GB), dense and shared
    # layers (3.7), embedding and output (3.7 in 16 bits).
    assert ranks.memory_gib.weights == pytest.approx((653e9 / 16 + 18.8e9) / GIB, abs=1)
    assert any("several machines" in remark for remark in answer.remarks)


def test_the_fewest_gpus_are_taken_where_nobody_said_how_many(ask: Ask) -> None:
    answer = ask(preferred_models=["Llama-3.3-70B"], preferred_gpu_types=["L40S"], precision="bf16")

    # 131 GiB of weights: four GPUs of 40 GiB.
    assert answer.gpu_count == 4
    assert any(one.field == "gpu_count" and one.value == "4" for one in answer.assumptions)


def test_a_gpu_outside_the_catalog_answers_with_a_doubt_and_without_a_price(ask: Ask) -> None:
    answer = ask(preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["RTX A6000"], gpu_count=2)

    assert answer.gpu == "RTX-A6000" and answer.verdict == "yes"
    assert answer.best and answer.best.usd_per_month is None
    assert "RTX-A6000 is not in Compass's catalog" in answer.remarks[0]


@pytest.mark.parametrize("name", ["M3 Ultra", "TPU v5e"])
def test_a_gpu_of_which_nothing_is_known_is_asked_about(ask: Ask, name: str) -> None:
    answer = ask(preferred_models=["Llama-3.1-8B"], preferred_gpu_types=[name])

    assert answer.verdict is None and not answer.arrangements
    assert answer.question and name in answer.question


def test_a_size_that_fits_in_four_bits_alone_is_a_yes_in_four_bits(ask: Ask) -> None:
    answer = ask(model_parameters_b=7, preferred_gpu_types=["RTX 3060"], gpu_count=1)

    # 14.5 GB in 16 bits are more than 12 GiB.
    assert answer.verdict == "yes" and answer.best and answer.best.precision != "bf16"
    assert any(one.field == "model" for one in answer.assumptions)


def test_a_generation_that_the_table_does_not_know_is_a_doubt(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["MI100"], gpu_count=1, precision="int4"
    )

    assert answer.verdict == "yes"
    assert any("No source says whether vLLM starts int4" in remark for remark in answer.remarks)


def test_all_gpus_work_where_they_can(ask: Ask) -> None:
    answer = ask("arrangement", preferred_models=["Qwen3-32B"], preferred_gpu_types=["RTX 3090"], gpu_count=3)

    assert answer.best and answer.best.gpus_idle == 0


def test_volta_is_said_to_be_too_old(ask: Ask) -> None:
    answer = ask(model_parameters_b=7, preferred_gpu_types=["V100"], gpu_count=4)

    assert answer.gpu == "V100-16-SXM"
    assert any("16 and 32 GiB" in one.why for one in answer.assumptions)
    assert any("compute capability 7.5" in remark for remark in answer.remarks)


def test_a_format_that_the_engine_does_not_start_there_is_the_reason(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["B200"], gpu_count=1, precision="int8"
    )

    assert answer.verdict == "no" and "vLLM does not start int8" in answer.why
    assert any(help_.kind == "format" for help_ in answer.helps)


def test_weights_in_eight_bits_on_ampere_are_weights_alone(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Llama-3.3-70B"], preferred_gpu_types=["A100"], gpu_count=2, precision="fp8"
    )

    assert answer.verdict == "yes"
    assert any("computes in 16 bits" in remark for remark in answer.remarks)


def test_a_model_of_unknown_size_is_asked_about_and_one_with_a_size_is_guessed(ask: Ask) -> None:
    unknown = ask(preferred_models=["Zebra"], preferred_gpu_types=["H100"], gpu_count=1)
    guessed = ask(preferred_models=["Zebra-13B"], preferred_gpu_types=["H100"], gpu_count=1)

    assert unknown.question and "Zebra" in unknown.question
    assert guessed.verdict == "yes"
    assert any("estimated from the size in its name" in remark for remark in guessed.remarks)


def test_without_a_model_some_that_fit_are_suggested(ask: Ask) -> None:
    answer = ask(preferred_gpu_types=["RTX-4090"], gpu_count=2)

    assert answer.verdict == "yes" and len(answer.suggestions) > 2
    assert answer.model == answer.suggestions[0].model
    scores = [one.quality for one in answer.suggestions if one.quality is not None]
    assert scores == sorted(scores, reverse=True)


def test_without_hardware_it_asks_for_it(ask: Ask) -> None:
    answer = ask(preferred_models=["Llama-3.1-8B"])

    assert answer.question and "Which GPUs" in answer.question


def test_a_tensor_parallel_size_needs_as_many_gpus(ask: Ask) -> None:
    with pytest.raises(InvalidInput, match="tensor_parallel"):
        ask(preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["H100"], gpu_count=3, tensor_parallel=4)


def test_a_prefix_cache_shortens_the_first_token_alone(ask: Ask) -> None:
    wishes = {
        "preferred_models": ["Qwen3-32B"],
        "preferred_gpu_types": ["L40S"],
        "gpu_count": 2,
        "concurrent_requests": 8,
        "prompt_tokens": 8000,
        "precision": "fp8",
        "tensor_parallel": 2,
    }
    plain, cached = ask(**wishes).best, ask(**wishes, prefix_cache_hit_rate=0.9).best

    assert plain and cached and plain.at_load and cached.at_load
    assert cached.at_load.ttft_ms.value < 0.5 * plain.at_load.ttft_ms.value
    assert cached.kv_cache_tokens == plain.kv_cache_tokens


def test_latency_rises_with_load_and_tokens_a_second_too(ask: Ask) -> None:
    curve = ask(preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["L40S"], gpu_count=1).curve

    for before, after in pairwise(curve):
        assert after.itl_ms.value >= before.itl_ms.value
        assert after.output_tokens_per_second >= before.output_tokens_per_second
        # Little's law.
        assert after.requests_per_second * after.e2e_ms.value / 1000 == pytest.approx(
            after.concurrent_requests, rel=0.01
        )


def test_sessions_and_reasoning_are_said_to_be_left_out(ask: Ask) -> None:
    answer = ask(
        preferred_models=["Qwen3-32B"],
        preferred_gpu_types=["H200"],
        gpu_count=2,
        concurrent_sessions=33,
        context_tokens=40_000,
        reasoning=True,
    )

    assert answer.best and answer.best.max_concurrent_requests > 0
    assert any(remark.startswith("Sessions") for remark in answer.remarks)
    assert any(remark.startswith("Reasoning") for remark in answer.remarks)


def test_the_document_has_the_names_that_programs_read(ask: Ask) -> None:
    document = ask(preferred_models=["Llama-3.1-8B"], preferred_gpu_types=["L4"], gpu_count=1).document()
    arrangement = document["arrangements"][0]

    assert document["goal"] == "capacity"
    assert document.keys() >= {
        "model", "gpu", "gpu_count", "verdict", "why", "best", "unread", "assumptions", "question",
    }  # fmt: skip
    assert arrangement.keys() >= {
        "tensor_parallel", "pipeline_parallel", "replicas", "precision", "fits", "kv_cache_tokens",
        "max_context_tokens", "max_concurrent_requests", "evidence", "usd_per_month",
    }  # fmt: skip
    assert arrangement["memory_gib"].keys() >= {"weights", "runtime", "kv_cache", "total_per_gpu"}
    assert arrangement["at_load"].keys() >= {
        "concurrent_requests", "requests_per_second", "output_tokens_per_second", "ttft_ms", "itl_ms",
        "e2e_ms",
    }  # fmt: skip
    assert arrangement["at_load"]["ttft_ms"].keys() == {"value", "low", "high"}
    assert arrangement["limit"].keys() >= {"requests_per_second", "concurrent_requests", "breaks"}
    assert document["best"] == arrangement


def test_a_tensor_parallel_size_that_does_not_divide_the_heads_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidInput, match="do not divide the 64 attention heads"):
        ask(
            preferred_models=("Llama-3.3-70B",), preferred_gpu_types=("H100",), gpu_count=3,
            tensor_parallel=3,
        )  # fmt: skip
