from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.capacity import (
    Drafting,
    FloatArray,
    cache_left,
    coefficients_of,
    efficiency_of,
    load_constants,
    memory_of,
    shapes_of,
    verification_ratio,
)
from compass.capacity.constants import load_generations
from compass.catalog import load_catalog
from tests.unit.compass.capacity.conftest import default_server

LOADS = np.array([[1.0, 8.0, 64.0, 512.0]])
names = st.deferred(lambda: st.sampled_from([model.id for model in load_catalog().models]))


def drafting(tokens: float, parameters: float = 0.0, passes: float | None = None) -> Drafting:
    """Drafts by a head of so many parameters in one layer, without work of the CPU; 4 KB of cache a token."""
    values = {"tokens": tokens, "passes": tokens if passes is None else passes}
    if parameters:
        values |= {"layers": 1.0, "read_parameters": parameters, "stored_parameters": parameters}
        values["kv_bytes_per_token"] = 4096.0
    return Drafting(**{name: np.array([[values.get(name, 0.0)]]) for name in Drafting.__dataclass_fields__})


def ratio_of(model: str, how: Drafting, context: float = 1000.0, data_parallel: int = 1) -> FloatArray:
    config = default_server(model, "H200", "fp8", 8 // data_parallel)
    configs = [replace(config, data_parallel=data_parallel)]
    counted, constants = shapes_of(configs), load_constants()
    base = coefficients_of(
        configs, counted, memory_of(counted), constants, efficiency_of(configs, load_generations())
    )
    result: FloatArray = verification_ratio(base, constants, counted, LOADS, context, how)[0]
    return result


@given(model=names, tokens=st.integers(1, 8))
def test_a_step_with_more_drafts_never_takes_less_time(model: str, tokens: int) -> None:
    fewer, more = (ratio_of(model, drafting(float(count), 4e8)) for count in (tokens, tokens + 1))
    assert (fewer > 1.0).all() and (more > fewer).all()
    # It never takes longer than the same tokens drafted and verified one at a time.
    assert (fewer < 2.0 * (tokens + 1)).all()


def test_nothing_drafted_costs_nothing() -> None:
    assert (ratio_of("Qwen/Qwen3-32B", drafting(0.0)) == 1.0).all()


def test_verifying_three_drafts_of_one_request_is_nearly_free_for_a_dense_model() -> None:
    # Weights are read once; the arithmetic of three more tokens on eight H200 is below 5 % of that.
    assert 1.0 < ratio_of("meta-llama/Llama-3.3-70B-Instruct", drafting(3.0, passes=0.0))[0] < 1.05


def test_a_mixture_reads_more_experts_for_them() -> None:
    mixture = ratio_of("Qwen/Qwen3-235B-A22B", drafting(3.0, passes=0.0))
    dense = ratio_of("meta-llama/Llama-3.3-70B-Instruct", drafting(3.0, passes=0.0))
    # Of 128 experts, eight tokens touch 40 % and their drafts more; 64 tokens touch nearly all anyway.
    assert mixture[1] > 1.1 * dense[1] and mixture[2] < mixture[1]


def test_latent_attention_computes_for_every_draft_where_its_heads_are_not_divided() -> None:
    # 128 heads over a latent vector: 240 FLOP a byte and token, what an H200 computes as it reads one.
    whole, divided = (
        ratio_of("deepseek-ai/DeepSeek-R1", drafting(3.0, passes=0.0), 5e4, ranks)[2] for ranks in (8, 1)
    )
    assert whole > 1.5 > divided


def test_a_drafter_takes_its_weights_and_its_layer_off_the_cache() -> None:
    configs = [default_server("meta-llama/Llama-3.1-8B-Instruct", "H100-SXM", "bf16")]
    counted = shapes_of(configs)
    memory = memory_of(counted)
    free = memory.kv_capacity_tokens[0] * 131072
    # 32 layers of 4,096 bytes a token, one more with the head: 32/33 of what its 0.8 GB leave.
    left = cache_left(counted, memory, drafting(3.0, 4e8))[0]
    assert left == pytest.approx((1 - 8e8 / free) * 32 / 33)
