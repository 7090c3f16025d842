from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.capacity.conftest import configuration, with_gpu
from tools.capacity import Configuration
from tools.capacity.constants import efficiency_of, load_constants, load_generations
from tools.capacity.memory import memory
from tools.capacity.physics import Latency, coefficients, latency
from tools.capacity.shapes import shapes
from tools.catalog import load_catalog

LOADS = np.array([1.0, 2.0, 8.0, 32.0, 128.0, 512.0])
names = st.sampled_from([model.id for model in load_catalog().models])
gpus = st.sampled_from([gpu.name for gpu in load_catalog().gpus])


def of(configs: Sequence[Configuration], prompt: float = 1024, output: float = 256) -> Latency:
    counted = shapes(configs)
    base = coefficients(
        configs, counted, memory(counted), load_constants(), efficiency_of(configs, load_generations())
    )
    return latency(base, load_constants(), LOADS[None, :], prompt, output)


@given(model=names, gpu=gpus, tp=st.sampled_from([1, 2, 4, 8]))
def test_latencies_are_positive_and_grow_with_load(model: str, gpu: str, tp: int) -> None:
    found = of([configuration(model, gpu, "bf16", tp)])
    assert (found.itl_ms > 0).all() and np.isfinite(found.ttft_ms).all()
    assert (np.diff(found.itl_ms) >= -1e-9).all()
    assert (np.diff(found.ttft_ms) >= -1e-9).all()


@given(model=names, faster=st.floats(1.1, 4.0))
def test_more_bandwidth_never_slows_decoding(model: str, faster: float) -> None:
    config = configuration(model, "H200", "bf16", 8)
    fast = with_gpu(config, memory_bandwidth_gb_s=config.gpu.memory_bandwidth_gb_s * faster)
    itl = of([config, fast]).itl_ms
    assert (itl[1] <= itl[0]).all()


@given(model=names, prompt=st.integers(64, 16384))
def test_a_longer_prompt_waits_longer(model: str, prompt: int) -> None:
    config = [configuration(model, "H200", "fp8", 8)]
    assert (of(config, 2 * prompt).ttft_ms > of(config, prompt).ttft_ms).all()


def test_tensor_parallelism_speeds_up_a_large_dense_model() -> None:
    itl = of([configuration("Llama-3.3-70B-Instruct", "H100-SXM", "fp8", tp) for tp in (2, 4, 8)]).itl_ms
    # At the last load the cache of two GPUs is full: fewer are served at once, each of them faster.
    assert (np.diff(itl[:, :-1], axis=0) < 0).all()


def test_fewer_experts_are_read_at_small_batches() -> None:
    itl = of([configuration("MiniMax-M2.5", "B200", "fp8", 4)]).itl_ms[0]
    dense = of([configuration("Llama-3.3-70B-Instruct", "B200", "fp8", 4)]).itl_ms[0]
    assert itl[3] / itl[0] > dense[3] / dense[0]


def test_a_full_cache_makes_requests_wait_and_keeps_itl() -> None:
    found = of([configuration("Llama-3.1-70B-Instruct", "H200", "fp8", 1)], 8192, 1024)
    assert found.resident[0, -1] < 64
    assert found.waiting[0, 0] < 0.01 < 0.9 < found.waiting[0, -1]
    assert found.itl_ms[0, -1] < 1.5 * found.itl_ms[0, -2]
