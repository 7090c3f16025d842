from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.capacity import Configuration, memory_of, shapes_of
from compass.catalog import Catalog, Model, Precision, load_catalog, parameters_of
from tests.unit.compass.capacity.conftest import default_server


def test_counted_parameters_come_close_to_the_published_size(catalog: Catalog) -> None:
    counted = {model.id: parameters_of(model.architecture).total_b for model in catalog.models}
    published = {model.id: model.parameters_b for model in catalog.models}
    assert counted == pytest.approx(published, rel=0.1)  # a vision encoder is not counted


def test_computed_weights_agree_with_the_catalogs_checkpoints(catalog: Catalog) -> None:
    every = [(model.id, checkpoint) for model in catalog.models for checkpoint in model.checkpoints]
    configs = [default_server(model, "B300", checkpoint.precision) for model, checkpoint in every]
    published = [checkpoint.weight_gib for _, checkpoint in every]
    assert list(memory_of(shapes_of(configs)).weights_gib) == pytest.approx(published, rel=0.2)


def test_llama_8b_in_bf16_leaves_half_of_an_a100_40_for_the_cache() -> None:
    found = memory_of(shapes_of([default_server("Llama-3.1-8B-Instruct", "A100-40-SXM", "bf16")]))
    assert found.weights_gib[0] == pytest.approx(15.0, abs=0.3)
    assert found.kv_bytes_per_token[0] == 131072
    assert 120_000 < found.kv_capacity_tokens[0] < 170_000


def test_a_cache_is_replicated_where_kv_heads_run_out_and_mla_has_one() -> None:
    qwen = [default_server("Qwen3-235B-A22B", "H200", tensor_parallel=tp) for tp in (4, 8)]
    kimi = [default_server("Kimi-K2.5", "B300", "nvfp4", tensor_parallel=tp) for tp in (4, 8)]
    four, eight, k4, k8 = memory_of(shapes_of([*qwen, *kimi])).kv_bytes_per_token
    assert eight == 2 * four
    assert k8 == 2 * k4


def test_a_model_that_does_not_fit_says_so() -> None:
    found = memory_of(shapes_of([default_server("Llama-3.3-70B-Instruct", "L4", "bf16")]))
    assert not found.fits[0]
    assert found.kv_capacity_tokens[0] == 0


@given(tp=st.sampled_from([1, 2, 4, 8]), model=st.deferred(lambda: st.sampled_from(load_catalog().models)))
def test_more_gpus_never_hold_fewer_tokens(tp: int, model: Model) -> None:
    def tokens(gpus: int) -> float:
        config: Configuration = default_server(model.id, "H200", "fp8", gpus)
        return float(memory_of(shapes_of([config])).kv_capacity_tokens[0])

    assert tokens(2 * tp) >= tokens(tp) * (1 - 1e-9)
    assert np.isfinite(tokens(tp))


# Of H100 servers that said so when they started: what a step takes at most, what libraries take, and what is
# left for the cache (llm-d-planner's accuracy report; vLLM issues 21348 and 23278).
STARTED = [
    ("Llama-3.1-8B-Instruct", "bf16", 1, "0.19.0", 0.95, 1.89 + 0.25, 58.11),
    ("Llama-3.1-8B-Instruct", "bf16", 2, "0.19.0", 0.95, 1.89 + 2.07, None),
    ("Llama-3.1-8B-Instruct", "bf16", 4, "0.19.0", 0.95, 1.89 + 2.13, None),
    ("Qwen2.5-7B-Instruct", "bf16", 1, "0.19.0", 0.95, 2.21 + 0.24, 58.53),
    ("Qwen3-8B", "bf16", 1, "0.19.0", 0.95, 2.21 + 0.25, None),
    ("Qwen3-30B-A3B", "bf16", 1, "0.19.0", 0.95, 2.68 + 0.27, None),
    ("phi-4", "bf16", 1, "0.19.0", 0.95, 1.52 + 0.25, None),
    ("Qwen3-14B", "bf16", 1, "0.16.0", 0.95, 5.64 + 0.13, 41.94),
    ("Qwen3-14B", "bf16", 1, "0.17.0", 0.95, 2.23 + 0.13, 45.34),
    ("Qwen3-235B-A22B", "fp8", 4, "0.9.0", 0.9, None, 8.11),
    ("gpt-oss-120b", "mxfp4", 1, "0.10.0", 0.9, None, -2.14),
]


@pytest.mark.parametrize(("model", "precision", "tp", "release", "share", "runtime", "cache"), STARTED)
def test_memory_is_what_servers_say_when_they_start(
    model: str,
    precision: Precision,
    tp: int,
    release: str,
    share: float,
    runtime: float | None,
    cache: float | None,
) -> None:
    config = replace(
        default_server(model, "H100-SXM", precision, tp), engine_version=release, utilization=share
    )
    found = memory_of(shapes_of([config]))
    left = found.usable_gib[0] - found.weights_gib[0] - found.runtime_gib[0]

    if runtime is not None:
        assert found.runtime_gib[0] == pytest.approx(runtime, abs=0.3)
    if cache is not None:
        assert left == pytest.approx(cache, abs=1.0)


def test_cuda_graphs_are_part_of_the_share_from_0_21_on() -> None:
    config = default_server("Llama-3.1-8B-Instruct", "H100-SXM", "bf16")
    before, after, newest = memory_of(
        shapes_of([replace(config, engine_version=release) for release in ("0.20.0", "0.21.0", None)])
    ).runtime_gib

    assert before < after == newest


def test_a_server_that_takes_fewer_sequences_keeps_more_cache() -> None:
    config = default_server("gpt-oss-20b", "H100-SXM", "mxfp4")
    many, few = memory_of(shapes_of([config, replace(config, sequences=64)])).kv_capacity_tokens

    assert few > many


def test_people_quantise_the_attention_of_mixtures_and_their_makers_do_not() -> None:
    config = default_server("Qwen3-30B-A3B", "L40S", "int4")
    makers, others = memory_of(shapes_of([config, replace(config, all_linear=True)])).weights_gib

    assert others < makers
