"""Nodes, degrees, and the question for the fewest nodes of a model."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "gpus", "nodes", "each"),
    [
        ("two nodes of 8 H100, DeepSeek-V3, how many users?", 16, 2, 8),
        ("3 DGX H100 with Kimi-K2: longest context?", 24, 3, 8),
        ("2x p5.48xlarge for DeepSeek-V3 fp8", 16, 2, 8),
        ("two 8xH100 nodes for Llama-3.1-405B, tp 8 pp 2", 16, 2, 8),
        ("DeepSeek-R1 on a GB200 NVL72: throughput?", 72, None, None),
        ("DeepSeek-V3 on 8 H200", 8, None, None),
    ],
)
def test_nodes_of_gpus_that_are_counted(text: str, gpus: int, nodes: int | None, each: int | None) -> None:
    intent = understand([text])

    assert (intent.goal, intent.gpu_count) == ("capacity", gpus)
    assert (intent.node_count, intent.gpus_per_node) == (nodes, each)


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("What is the smallest number of 8-GPU nodes for DeepSeek-V3?", 8),
        ("how many nodes does Kimi-K2.5 need", None),
        ("minimum hardware for GLM-4.6?", None),
        ("what's the smallest DeepSeek-V3 deployment?", None),
        ("Wie viele Knoten braucht Kimi-K2.5?", None),
        ("Mindesthardware für GLM-4.6?", None),
        ("combien de serveurs faut-il pour DeepSeek-V3 ?", None),
        ("¿Cuántos nodos necesita Kimi-K2.5?", None),
        ("quanti nodi servono per DeepSeek-R1?", None),
        ("quantos servidores precisa o DeepSeek-R1?", None),
        ("DeepSeek-R1 需要几台服务器", None),
    ],
)
def test_the_fewest_nodes_of_a_model_need_no_hardware(text: str, each: int | None) -> None:
    intent = understand([text])

    assert (intent.goal, intent.question) == ("capacity", None)
    assert "smallest_nodes" in intent.asked
    assert (intent.gpus_per_node, intent.gpu_count) == (each, None)


@pytest.mark.parametrize(
    "text",
    [
        "smallest number of nodes for DeepSeek-R1 with 100 users at once",
        "How many nodes for 400 users with Qwen3-32B?",
        "how many H100 nodes does Kimi-K2.5 need",
        "What do I need for DeepSeek-R1?",
    ],
)
def test_a_load_or_a_named_gpu_is_a_question_of_size(text: str) -> None:
    assert understand([text]).goal == "size"


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("DeepSeek-R1 on 16 H200 with PP2 and TP8", (8, 2, None, None)),
        ("pipeline parallel 4, Llama-3.1-405B on 32 A100", (None, 4, None, None)),
        ("DP8 attention with expert parallel, DeepSeek-V3 on 8 H200", (None, None, 8, True)),
        ("TP4 DP2 EP on 8 H200 with DeepSeek-V3", (4, None, 2, True)),
        ("DeepSeek-V3, wide EP, EP16 on 2 nodes of 8 H200", (None, None, None, True)),
        ("--data-parallel-size 8 --enable-expert-parallel DeepSeek-V3 on 8 H200", (None, None, 8, True)),
        ("without expert parallelism, Qwen3-235B-A22B on 8 H100", (None, None, None, False)),
    ],
)
def test_degrees_of_a_replica(
    text: str, degrees: tuple[int | None, int | None, int | None, bool | None]
) -> None:
    intent = understand([text])

    assert degrees == (
        intent.tensor_parallel, intent.pipeline_parallel, intent.data_parallel, intent.expert_parallel,
    )  # fmt: skip


def test_degrees_alone_leave_a_question_of_size() -> None:
    assert understand(["Qwen3-32B for 400 users, TP2, with expert parallel"]).goal == "size"


def test_unlike_gpus_in_one_replica_are_named_as_not_used() -> None:
    intent = understand(["H100 and A100 nodes mixed in one replica for DeepSeek-V3"])

    assert intent.unread == ("in one replica",)


def test_nodes_follow_a_later_number_of_gpus() -> None:
    intent = understand(["two nodes of 8 H100, DeepSeek-V3, how many users?", "and with 3 nodes of 8 H100?"])
    single = understand(["two nodes of 8 H100, DeepSeek-V3, how many users?", "on 4 H200?"])

    assert (intent.gpu_count, intent.node_count, intent.gpus_per_node) == (24, 3, 8)
    assert (single.gpu_count, single.node_count, single.gpus_per_node) == (4, None, None)
