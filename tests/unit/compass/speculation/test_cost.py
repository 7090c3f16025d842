import numpy as np
import pytest

from compass.capacity import FloatArray, closed_loop_profile
from compass.planning.step_profiles import closed_loop_profiles
from compass.speculation import (
    SpeculationChoice,
    latency_by_concurrency,
    pays_up_to,
    speculated,
    speculated_profile,
    speculation_for,
    speedups,
)
from compass.traffic import ProfileBatch
from tests.unit.compass.speculation.conftest import model_named, replica

CONTEXT = 1150.0
LOADS = np.array([1.0, 16.0, 64.0, 256.0, 1024.0])


def choice_of(model: str, method: str = "auto", draft_tokens: int | None = None) -> SpeculationChoice:
    found = speculation_for(model_named(model), "chatbot_conversational", method, draft_tokens)
    assert found is not None
    return found


def test_one_request_gains_nearly_what_is_accepted_over_what_drafting_adds() -> None:
    batch, choice = replica("Qwen3-32B", "bf16", "H100-SXM", 2), choice_of("Qwen3-32B")
    gain = speedups(batch, [choice], CONTEXT, np.array([1.0]))[0, 0]
    # A step of 32 B parameters on two H100 takes 12 ms; three passes of 0.8 B and the CPU, 1.5 to 2 ms.
    assert choice.accepted_tokens / 1.25 < gain < choice.accepted_tokens / 1.05


def test_a_dense_model_loses_where_steps_are_bound_by_compute() -> None:
    batch, choice = replica("Qwen3-32B", "bf16", "H100-SXM", 2), choice_of("Qwen3-32B")
    gains = speedups(batch, [choice], CONTEXT, LOADS)[0]
    assert (np.diff(gains) < 0).all() and gains[-1] < 1
    (limit,) = pays_up_to(batch, [choice], CONTEXT)
    assert limit is not None and 64 < limit < 256
    at = speedups(batch, [choice], CONTEXT, np.array([limit]))[0, 0]
    assert at == pytest.approx(1.0, abs=0.02)


def test_a_mixture_dips_while_drafts_touch_more_experts_and_gains_once_all_are_read() -> None:
    batch, choice = replica("Qwen3-235B-A22B", "fp8", "H100-SXM", 8), choice_of("Qwen3-235B-A22B")
    few, dip, many = speedups(batch, [choice], CONTEXT, np.array([1.0, 4.0, 64.0]))[0]
    assert dip < few and dip < many


def test_verification_reads_the_cache_once() -> None:
    """At a long context and one request, most of a step is the cache: it costs no more with drafts."""
    batch, choice = replica("Llama-3.1-8B-Instruct", "bf16", "H100-SXM"), choice_of("Llama-3.1-8B-Instruct")
    short, long = (speedups(batch, [choice], context, np.array([16.0]))[0, 0] for context in (1e3, 1e5))
    assert long > short


def test_ngrams_cost_no_passes() -> None:
    batch = replica("Llama-3.1-8B-Instruct", "bf16", "H100-SXM")
    ngram, head = (choice_of("Llama-3.1-8B-Instruct", method, 3) for method in ("ngram", "eagle3"))
    one = np.array([1.0])
    overhead = [
        choice.accepted_tokens / speedups(batch, [choice], CONTEXT, one)[0, 0] for choice in (ngram, head)
    ]
    assert overhead[0] < overhead[1]


def test_profiles_are_per_token_and_give_up_cache_to_the_drafter() -> None:
    batch, choice = replica("Llama-3.1-8B-Instruct", "bf16", "H100-SXM"), choice_of("Llama-3.1-8B-Instruct")
    profiles = closed_loop_profiles(batch, batch.cache_tokens(1000.0, 300.0), 1000.0, 300.0)
    changed = speculated(profiles, batch, [choice], CONTEXT)
    gains = speedups(batch, [choice], CONTEXT, profiles.batch)[0]

    def token_ms(some: ProfileBatch) -> FloatArray:
        result: FloatArray = (some.decode_ms + some.kv_ms_per_token[:, None] * some.batch * CONTEXT)[0]
        return result

    assert token_ms(changed) == pytest.approx(token_ms(profiles) / gains, rel=0.03)
    # 0.43 B parameters in 16 bits are 0.8 of 56 GiB of cache, one layer beside 32 takes 1/33 of the rest.
    assert changed.kv_capacity_tokens[0] / profiles.kv_capacity_tokens[0] == pytest.approx(0.956, abs=0.005)
    assert 1.0 < changed.prefill_ms_per_token[0] / profiles.prefill_ms_per_token[0] < 1.1


def test_without_a_choice_nothing_changes() -> None:
    batch = replica("phi-4", "bf16", "H100-SXM")
    profiles = closed_loop_profiles(batch, batch.cache_tokens(1000.0, 300.0), 1000.0, 300.0)
    assert speculated(profiles, batch, [None], CONTEXT) is profiles
    assert speedups(batch, [None], CONTEXT, LOADS) == pytest.approx(1.0)
    assert pays_up_to(batch, [None], CONTEXT) == (None,)


def test_one_profile_and_its_picture() -> None:
    batch, choice = replica("gpt-oss-120b", "mxfp4", "H100-SXM", 2), choice_of("gpt-oss-120b")
    profile = closed_loop_profile(batch, 1000.0, 300.0)
    assert speculated_profile(profile, batch, None, CONTEXT) is profile
    shown = latency_by_concurrency(batch, profile, choice, CONTEXT)
    assert shown.concurrency[0] == 1 and len(shown.with_ms) == len(shown.concurrency)
    assert shown.with_ms[0] < shown.without_ms[0]
    curves = (shown.best_ms, shown.with_ms, shown.worst_ms)
    assert all(best <= ms <= worst for best, ms, worst in zip(*curves, strict=True))
