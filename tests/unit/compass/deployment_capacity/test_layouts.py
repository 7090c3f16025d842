"""Ways to divide GPUs among replicas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.catalog import find_model, load_catalog
from compass.deployment_capacity.layouts import Layout, layouts

LLAMA = find_model(load_catalog(), "Llama-3.1-8B").architecture
"""32 attention heads, 8 of keys and values."""
R1 = find_model(load_catalog(), "DeepSeek-R1").architecture
"""A mixture of 256 experts."""


def test_four_gpus_are_split_by_powers_of_two() -> None:
    assert layouts(LLAMA, 4, node=8) == (Layout(1, 1, 4), Layout(2, 1, 2), Layout(4, 1, 1))


def test_three_gpus_are_a_pipeline_or_leave_one_idle() -> None:
    assert layouts(LLAMA, 3, node=8) == (Layout(1, 1, 3), Layout(1, 3, 1), Layout(2, 1, 1))


def test_two_machines_are_joined_by_a_pipeline() -> None:
    found = layouts(LLAMA, 16, node=8)

    assert Layout(8, 2, 1) in found
    assert all(way.tensor_parallel <= 8 for way in found)


def test_two_machines_of_a_mixture_are_joined_by_a_pipeline_or_by_shared_experts() -> None:
    found = layouts(R1, 16, node=8)

    assert Layout(8, 2, 1) in found
    # Sixteen ranks of attention, each on one GPU; 256 experts, 16 of them on each.
    assert Layout(1, 1, 1, data_parallel=16) in found
    assert Layout(8, 1, 2) in found


def test_experts_are_shared_by_whole_machines_up_to_64_gpus() -> None:
    ranked = {way.gpus for way in layouts(R1, 96, node=8) if way.data_parallel > 1}

    # Of 24, 40, 48 and 56 GPUs none divides 256 experts evenly.
    assert ranked == {16, 32, 64}


def test_a_stated_size_is_kept() -> None:
    assert {way.tensor_parallel for way in layouts(LLAMA, 8, node=8, tensor_parallel=4)} == {4}
    assert layouts(LLAMA, 3, node=8, tensor_parallel=4) == ()


@given(st.integers(1, 64), st.sampled_from([1, 4, 8]))
def test_no_layout_takes_more_gpus_than_there_are(count: int, node: int) -> None:
    found = layouts(LLAMA, count, node)

    assert found
    for way in found:
        assert 0 < way.gpus * way.replicas <= count
        assert way.tensor_parallel <= node
        assert LLAMA.attention_heads % way.tensor_parallel == 0


@pytest.mark.parametrize("count", [1, 2, 8])
def test_one_replica_may_take_all_gpus_of_a_machine(count: int) -> None:
    assert any(way.gpus == count for way in layouts(LLAMA, count, node=8))
