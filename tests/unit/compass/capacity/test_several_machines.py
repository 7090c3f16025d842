"""Replicas over several machines: what ranks of attention hold, and what they send to experts elsewhere."""

import pytest

from compass.capacity import Configuration
from compass.capacity.memory import memory_of
from compass.capacity.shapes import attention_layout, shapes_of
from compass.catalog import find_model, load_catalog, resolve_gpu

CATALOG = load_catalog()
R1 = find_model(CATALOG, "DeepSeek-R1")


def ranked(gpus: int, own: bool = True, gpu: str = "H100-SXM") -> Configuration:
    """DeepSeek-R1 in fp8 with one GPU a rank."""
    return Configuration(
        model=R1.id,
        architecture=R1.architecture,
        parameters_b=R1.parameters_b,
        active_parameters_b=R1.active_parameters_b,
        precision="fp8",
        gpu=resolve_gpu(CATALOG, gpu),
        data_parallel=gpus,
        expert_parallel=gpus,
        attention_ranks=own,
        weight_gib=641,
    )


def test_published_runs_keep_their_layout_and_planned_ranks_theirs() -> None:
    assert attention_layout(ranked(16, own=False)) == (16, 1)
    assert attention_layout(ranked(16)) == (1, 16)


def test_each_rank_keeps_a_cache_of_its_own() -> None:
    memory = memory_of(shapes_of([ranked(16)]))
    left = memory.usable_gib[0] - memory.weights_gib[0] - memory.runtime_gib[0]

    # 576 values of 2 bytes in each of 61 layers: 70 KiB a token, on every one of 16 GPUs.
    assert memory.kv_capacity_tokens[0] == pytest.approx(16 * left * 2**30 / (576 * 2 * 61))


def test_tokens_go_to_experts_of_the_other_machine_and_back() -> None:
    shapes = shapes_of([ranked(16)])

    # 58 layers of experts, there and back, 10 µs each.
    assert shapes.exchange_ms[0, 0] == pytest.approx(1.16)
    # A copy is 7168 values, one byte there and two back, half of them to the other machine, at 50 GB/s.
    copy_ms = 3 * 7168 * 58 * 0.5 / 50e6
    assert shapes.exchange_token_ms[0, 0] == pytest.approx(2 * copy_ms)
    assert shapes.exchange_token_small_ms[0, 0] == pytest.approx(8 * copy_ms)


def test_a_rack_of_one_link_is_quicker() -> None:
    rack, machines = shapes_of([ranked(64, gpu="GB200")]), shapes_of([ranked(64)])

    assert rack.exchange_token_small_ms[0, 0] < 0.1 * machines.exchange_token_small_ms[0, 0]
