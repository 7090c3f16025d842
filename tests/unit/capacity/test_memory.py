import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.capacity.conftest import configuration
from tools.capacity import Configuration
from tools.capacity.memory import memory
from tools.capacity.shapes import shapes
from tools.catalog import Model, load_catalog, parameters_of


@pytest.mark.parametrize("model", load_catalog().models, ids=lambda model: model.name)
def test_counted_parameters_come_close_to_the_published_size(model: Model) -> None:
    counted = parameters_of(model.architecture).total_b
    assert counted == pytest.approx(model.parameters_b, rel=0.1)  # a vision encoder is not counted


@pytest.mark.parametrize("model", load_catalog().models, ids=lambda model: model.name)
def test_computed_weights_agree_with_the_catalogs_checkpoints(model: Model) -> None:
    for checkpoint in model.checkpoints:
        config = configuration(model.id, "B300", checkpoint.precision)
        assert memory(shapes([config])).weights_gib[0] == pytest.approx(checkpoint.weight_gib, rel=0.2)


def test_llama_8b_in_bf16_leaves_half_of_an_a100_40_for_the_cache() -> None:
    found = memory(shapes([configuration("Llama-3.1-8B-Instruct", "A100-40-SXM", "bf16")]))
    assert found.weights_gib[0] == pytest.approx(15.0, abs=0.3)
    assert found.kv_bytes_per_token[0] == 131072
    assert 120_000 < found.kv_capacity_tokens[0] < 170_000


def test_a_cache_is_replicated_where_kv_heads_run_out_and_mla_has_one() -> None:
    qwen = [configuration("Qwen3-235B-A22B", "H200", tensor_parallel=tp) for tp in (4, 8)]
    kimi = [configuration("Kimi-K2.5", "B300", "nvfp4", tensor_parallel=tp) for tp in (4, 8)]
    four, eight, k4, k8 = memory(shapes([*qwen, *kimi])).kv_bytes_per_token
    assert eight == 2 * four
    assert k8 == 2 * k4


def test_a_model_that_does_not_fit_says_so() -> None:
    found = memory(shapes([configuration("Llama-3.3-70B-Instruct", "L4", "bf16")]))
    assert not found.fits[0]
    assert found.kv_capacity_tokens[0] == 0


@given(tp=st.sampled_from([1, 2, 4, 8]), index=st.integers(0, len(load_catalog().models) - 1))
def test_more_gpus_never_hold_fewer_tokens(tp: int, index: int) -> None:
    model = load_catalog().models[index]

    def tokens(gpus: int) -> float:
        config: Configuration = configuration(model.id, "H200", "fp8", gpus)
        return float(memory(shapes([config])).kv_capacity_tokens[0])

    assert tokens(2 * tp) >= tokens(tp) * (1 - 1e-9)
    assert np.isfinite(tokens(tp))
