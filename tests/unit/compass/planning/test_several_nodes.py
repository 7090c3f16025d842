"""Replicas over several machines: when they are planned, what they hold, what they cost."""

import pytest

from compass.catalog import load_catalog, network_link
from compass.core import InvalidInput
from compass.manifests import make_recipe, render
from compass.planning import SearchSpace, Wishes, specify
from tests.unit.compass.planning.planned_requests import planned

R1_ON_H100 = Wishes(
    preferred_models=("DeepSeek-R1",), preferred_gpu_types=("H100-SXM",), user_count=200, thinking_tokens=8000
)


def test_a_model_that_one_machine_does_not_hold_gets_several(search_space: SearchSpace) -> None:
    option = planned(search_space, R1_ON_H100).options[0]

    assert option.tensor_parallel == 8
    assert option.pipeline_parallel == option.nodes_per_replica >= 2
    assert option.gpus == option.replicas * 8 * option.nodes_per_replica
    assert "2 nodes × 8 × H100-SXM" in search_space.candidates[0].name or option.gpus >= 16


def test_the_weights_are_divided_among_all_gpus_of_a_replica(search_space: SearchSpace) -> None:
    at = next(
        position
        for position, candidate in enumerate(search_space.candidates)
        if candidate.name == "DeepSeek-R1 fp8 on 2 nodes × 8 × H100-SXM"
    )
    memory = search_space.compiled.memory

    # 671 billion parameters, nearly all in fp8: 640 GiB or so over 16 GPUs of 79.7 GiB.
    assert 39 < memory.weights_gib[at] < 43
    # Of 71.5 GiB that may be used some 25 are left for 70 KiB a token (576 values of 61 layers, 16 bits),
    # which each stage keeps for its half of the layers.
    assert 500_000 < memory.kv_capacity_tokens[at] < 1_000_000


def test_models_that_fit_one_machine_well_stay_there(search_space: SearchSpace) -> None:
    spanning = {c.model.name for c in search_space.candidates if c.pipeline_parallel > 1}

    assert "DeepSeek-R1" in spanning and "Qwen3-32B" not in spanning
    assert max(c.gpus for c in search_space.candidates) == 64


def test_the_network_is_an_assumption_that_is_said(search_space: SearchSpace) -> None:
    plan = planned(search_space, R1_ON_H100)

    assert any(entry.field == "network" and "InfiniBand" in entry.value for entry in plan.assumptions)
    assert network_link("H100-SXM").gb_s == 50


def test_a_limit_of_machines_holds(search_space: SearchSpace) -> None:
    plan = planned(search_space, R1_ON_H100.changed(node_count=1))

    assert plan.options == ()


def test_manifests_of_several_machines_say_what_serves_them(search_space: SearchSpace) -> None:
    wishes = R1_ON_H100
    option = planned(search_space, wishes).options[0]

    with pytest.raises(InvalidInput, match="LeaderWorkerSet") as refused:
        render(make_recipe(option), option, specify(load_catalog(), wishes), load_catalog())
    nodes = option.nodes_per_replica
    assert f"--pipeline-parallel-size={nodes}" in str(refused.value)
    assert f"--nnodes={nodes}" in str(refused.value)
