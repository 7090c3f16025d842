from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from compass.capacity import (
    Configuration,
    Factors,
    Latency,
    coefficients_of,
    efficiency_of,
    latency,
    load_constants,
    memory_of,
    shapes_of,
)
from compass.capacity.constants import load_generations
from compass.catalog import Precision, load_catalog
from tests.unit.compass.capacity.conftest import default_server, with_gpu

LOADS = np.array([1.0, 2.0, 8.0, 32.0, 128.0, 512.0])
names = st.deferred(lambda: st.sampled_from([model.id for model in load_catalog().models]))
gpus = st.deferred(lambda: st.sampled_from([gpu.name for gpu in load_catalog().gpus]))


def of(configs: Sequence[Configuration], prompt: float = 1024, output: float = 256) -> Latency:
    counted = shapes_of(configs)
    base = coefficients_of(
        configs, counted, memory_of(counted), load_constants(), efficiency_of(configs, load_generations())
    )
    return latency(base, load_constants(), LOADS[None, :], prompt, output)


@given(model=names, gpu=gpus, tp=st.sampled_from([1, 2, 4, 8]))
def test_latencies_are_positive_and_grow_with_load(model: str, gpu: str, tp: int) -> None:
    found = of([default_server(model, gpu, "bf16", tp)])
    assert (found.itl_ms > 0).all() and np.isfinite(found.ttft_ms).all()
    assert (np.diff(found.itl_ms) >= -1e-9).all()
    assert (np.diff(found.ttft_ms) >= -1e-9).all()


@given(model=names, faster=st.floats(1.1, 4.0))
def test_more_bandwidth_never_slows_decoding(model: str, faster: float) -> None:
    config = default_server(model, "H200", "bf16", 8)
    fast = with_gpu(config, memory_bandwidth_gb_s=config.gpu.memory_bandwidth_gb_s * faster)
    itl = of([config, fast]).itl_ms
    assert (itl[1] <= itl[0]).all()


@given(model=names, prompt=st.integers(64, 16384))
def test_a_longer_prompt_waits_longer(model: str, prompt: int) -> None:
    config = [default_server(model, "H200", "fp8", 8)]
    assert (of(config, 2 * prompt).ttft_ms > of(config, prompt).ttft_ms).all()


def test_tensor_parallelism_speeds_up_a_large_dense_model() -> None:
    itl = of([default_server("Llama-3.3-70B-Instruct", "H100-SXM", "fp8", tp) for tp in (2, 4, 8)]).itl_ms
    # At the last load the cache of two GPUs is full: fewer are served at once, each of them faster.
    assert (np.diff(itl[:, :-1], axis=0) < 0).all()


def test_fewer_experts_are_read_at_small_batches() -> None:
    itl = of([default_server("MiniMax-M2.5", "B200", "fp8", 4)]).itl_ms[0]
    dense = of([default_server("Llama-3.3-70B-Instruct", "B200", "fp8", 4)]).itl_ms[0]
    assert itl[3] / itl[0] > dense[3] / dense[0]


def test_a_full_cache_makes_requests_wait_and_keeps_itl() -> None:
    found = of([default_server("Llama-3.1-70B-Instruct", "H200", "fp8", 1)], 8192, 1024)
    assert found.resident[0, -1] < 64
    assert found.waiting[0, 0] < 0.01 < 0.9 < found.waiting[0, -1]
    assert found.itl_ms[0, -1] < 1.5 * found.itl_ms[0, -2]


def test_an_all_reduce_over_pcie_takes_longer_than_over_nvlink() -> None:
    linked = default_server("Llama-3.3-70B-Instruct", "A100-80-SXM", "bf16", 4)
    unlinked = replace(linked, gpu=linked.gpu.model_copy(update={"interconnect_kind": "PCIe4x16"}))
    alone = [replace(config, tensor_parallel=1) for config in (linked, unlinked)]
    found, single = of([linked, unlinked]), of(alone)
    # Where caches are full, buffers that NVLink has and PCIe has not decide.
    calm = found.waiting.max(axis=0) < 0.01
    assert (found.itl_ms[1] > found.itl_ms[0]).all()
    assert (found.ttft_ms[1] > found.ttft_ms[0])[calm].all()
    assert (single.itl_ms[0] == single.itl_ms[1]).all()


def test_the_first_engine_took_longer_a_step() -> None:
    config = default_server("Llama-3.1-8B-Instruct", "H100-SXM", "bf16")
    v0, v1 = of([replace(config, engine_version=release) for release in ("0.6.0", "0.8.0")]).itl_ms
    assert 1.05 < v0[0] / v1[0] < 1.6


def test_small_fp8_experts_wanted_tuned_kernels_up_to_0_13() -> None:
    releases = ("0.13.0", "0.14.0")
    kinds: tuple[tuple[str, Precision], ...] = (
        ("MiniMax-M2.5", "fp8"), ("Qwen3-32B", "fp8"), ("gpt-oss-120b", "mxfp4"),
    )  # fmt: skip
    configs = [
        replace(default_server(model, "H100-SXM", precision, 8), engine_version=release)
        for model, precision in kinds
        for release in releases
    ]
    counted = shapes_of(configs)
    habits = efficiency_of(configs, {"Hopper": Factors(experts=0.5)})
    base = coefficients_of(configs, counted, memory_of(counted), load_constants(), habits)
    itl = latency(base, load_constants(), LOADS[None, :], 1024, 256).itl_ms
    assert (itl[0] > 1.04 * itl[1]).all() and itl[0, -1] > 1.3 * itl[1, -1]
    assert (itl[2] == itl[3]).all() and (itl[4] == itl[5]).all()


def test_stages_of_a_pipeline_share_the_sequences() -> None:
    one = default_server("Llama-3.3-70B-Instruct", "H200", "fp8")
    found = of([one, replace(one, pipeline_parallel=4)]).itl_ms
    assert found[0, 0] == found[1, 0]
    assert found[1, 3] < found[0, 3]
