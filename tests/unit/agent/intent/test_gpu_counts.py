"""How many GPUs a message states: numbers in every notation, machines of several GPUs, wishes without a number."""

import pytest

from agent.intent import understand
from agent.intent.gpu_counts import read_gpus
from agent.intent.message import Message
from agent.intent.text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3x L40S", 3),
        ("16xH200", 16),
        ("a node of 4×B200", 4),
        ("4*H100", 4),
        ("L4 x 6", 6),
        ("A100x4", 4),
        ("a pair of L40S", 2),
        ("dual RTX 5090", 2),
        ("a quad 4090 workstation", 4),
        ("seven L4s", 7),
        ("2 used A6000 cards", 2),
        ("six 40GB A100", 6),
        ("8 x 80 GB H100", 8),
        ("3x NVIDIA L4 24GB", 3),
        ("one B200", 1),
        ("eine HGX-H100-Kiste", 8),
        ("tres nodos de 8 H100", 24),
        ("trois nœuds de 8 H100", 24),
        ("tre nodi con 8 H100 ciascuno", 24),
        ("três nós com 8 H100 cada", 24),
        ("3台机器，每台8张H100", 24),
        ("十六张H20", 16),
        ("single MI300X", 1),
        ("three DGX A100", 24),
        ("an HGX H200", 8),
        ("2 x HGX B200 boards", 16),
        ("one GB200 NVL72", 72),
        ("a DGX Spark", 1),
        ("3 nodes of 8 H200", 24),
        ("3 nodes of 8, all H200", 24),
        ("2x4 L40S", 8),
        ("3 x (4 A100)", 12),
        ("two 8xH200 nodes", 16),
        ("5 servers with 2 L40S each", 10),
        ("4 boxes, each 2x 5090", 8),
        ("8 B200 per node, 4 nodes", 32),
        ("32 H100 across 4 nodes", 32),
        ("3 H200 nodes", 24),
        ("an 8-GPU H100 server", 8),
        ("a box with two L4", 2),
        ("exactly 5 GPUs", 5),
        ("drei L40S", 3),
        ("zwei Server mit je vier L40S", 8),
        ("quatre H100", 4),
        ("deux serveurs avec 8 H100 chacun", 16),
        ("tres A100", 3),
        ("dos nodos con 4 L40S cada uno", 8),
        ("due H200", 2),
        ("quatro L4", 4),
        ("64 TPU v5e chips", 64),
        ("a TPU v6e-8 slice", 8),
        ("an H200 NVL pair", 2),
        ("an eight-way H20 server", 8),
        ("RTX 3090 24GB x3", 3),
        ("6 nodes, every node has 2 L40S", 12),
        ("two workstations with one 5090 each", 2),
        ("a3-ultragpu-8g x2", 16),
        ("Ascend 910B x8", 8),
        ("L40S. One card.", 1),
        ("prefill on one HGX H200 and decode on another", 16),
        ("2 Gaudi 3 cards", 2),
    ],
)
def test_all_gpus_that_are_stated_are_counted(text: str, expected: int) -> None:
    assert read_gpus(Message.of(plain(text))).total == expected


@pytest.mark.parametrize(
    "text",
    [
        "on H200",
        "L40S or H100?",
        "how many B200",
        "only A100s",
        "500 users on L4",
        "4,090 requests",
        "5090 people",
    ],
)
def test_a_wish_without_a_number_counts_nothing(text: str) -> None:
    assert read_gpus(Message.of(plain(text))).total is None


@pytest.mark.parametrize(
    ("text", "gpu", "count", "provider"),
    [
        ("g5.48xlarge", "A10G", 8, "aws"),
        ("two g6.12xlarge", "L4", 8, "aws"),
        ("g6e.xlarge", "L40S", 1, "aws"),
        ("3 machines of g4dn.12xlarge", "T4", 12, "aws"),
        ("p3.8xlarge", "V100", 4, "aws"),
        ("p4d.24xlarge", "A100-40-SXM", 8, "aws"),
        ("a p4de", "A100-80-SXM", 8, "aws"),
        ("4 x p5.48xlarge", "H100-SXM", 32, "aws"),
        ("one p5en", "H200", 8, "aws"),
        ("p6-b200.48xlarge", "B200", 8, "aws"),
        ("g2-standard-24", "L4", 2, "gcp"),
        ("a2-ultragpu-4g", "A100-80-SXM", 4, "gcp"),
        ("a2-megagpu-16g", "A100-40-SXM", 16, "gcp"),
        ("two a3-megagpu-8g", "H100-SXM", 16, "gcp"),
        ("a3-ultragpu-8g", "H200", 8, "gcp"),
        ("a4-highgpu-8g", "B200", 8, "gcp"),
        ("NC48ads A100 v4", "A100-80-PCIe", 2, "azure"),
        ("Standard_NC40ads_H100_v5", "H100-NVL", 1, "azure"),
        ("ND H100 v5", "H100-SXM", 8, "azure"),
        ("2 x ND96isr_H200_v5", "H200", 16, "azure"),
        ("ND MI300X v5", "MI300X", 8, "azure"),
        ("NC16as_T4_v3", "T4", 1, "azure"),
        ("BM.GPU.H200.8", "H200", 8, "oracle"),
        ("VM.GPU.A10.2", "A10", 2, "oracle"),
        ("gpu_8x_h100_sxm5", "H100-SXM", 8, "lambda"),
        ("two gd-8xh200ib-i128", "H200", 16, "coreweave"),
    ],
)
def test_a_machine_by_name_tells_its_gpus_and_its_cloud(
    text: str, gpu: str, count: int, provider: str
) -> None:
    found = read_gpus(Message.of(plain(text)))

    assert (found.kinds[0].gpu, found.total, found.provider) == (gpu, count, provider)


@pytest.mark.parametrize(
    "text",
    ["p4d.24xlarge (8x A100 40GB)", "an ND H100 v5, so 8 H100", "g5.12xlarge with its four A10G"],
)
def test_what_describes_a_machine_is_not_counted_again(text: str) -> None:
    assert read_gpus(Message.of(plain(text))).total in (4, 8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Will Qwen3-14B fit on an L4?", 1),
        ("What can my 4090 do with Qwen3-8B?", 1),
        ("chatbot for 900 people on an H100", None),
        ("How many L40S for 900 people with Qwen3-14B?", None),
        ("How many g6.xlarge for 40 requests a second with Qwen3-8B?", None),
        ("Qwen3-32B with TP4 PP2 on H100, longest context?", 8),
        ("I have 2 A100 80GB and 4 A100 80GB are promised", 2),
        ("$2 an hour for an H100", None),
    ],
)
def test_one_gpu_counts_where_it_is_there(text: str, expected: int | None) -> None:
    assert understand([text]).gpu_count == expected


def test_users_are_not_gpus() -> None:
    intent = understand(["support chatbot for 300 people on 2 H100, Qwen3-32B"])

    assert (intent.user_count, intent.gpu_count) == (300, 2)
