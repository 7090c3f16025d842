"""GPUs and models as they were said, known or not; where a name ends; a size in place of a name."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "gpu"),
    [
        ("Qwen3-8B on a V100", "V100"),
        ("two A40 here, Qwen3-32B", "A40"),
        ("RTX A6000 for 20 people", "RTX A6000"),
        ("A6000 for 20 people", "RTX A6000"),
        ("4x RTX 6000 Ada", "RTX 6000 Ada"),
        ("an RTX PRO 6000 Blackwell", "RTX PRO 6000"),
        ("one 5060 Ti 16GB", "RTX 5060 Ti"),
        ("dual 3090", "RTX 3090"),
        ("3090 Ti", "RTX 3090 Ti"),
        ("Qwen3-8B on an MI50", "MI50"),
        ("P40 from ebay, llama 8b", "P40"),
        ("TPU v5e for Gemma 3 27B", "TPU v5e"),
        ("8 Gaudi 3", "Gaudi3"),
        ("8 Ascend 910B", "Ascend 910B"),
        ("gpt-oss-120b on a DGX Spark", "DGX Spark"),
        ("Mac Studio with M3 Ultra", "M3 Ultra"),
        ("8x H20", "H20"),
        ("eight A800", "A800"),
        ("an RX 7900 XTX at home", "RX 7900 XTX"),
        ("MI250X nodes", "MI250X"),
        ("Jetson Orin in the robot", "Jetson Orin"),
        ("8 H800", "H800"),
    ],
)
def test_every_gpu_is_kept_as_said(text: str, gpu: str) -> None:
    assert gpu in understand([f"{text}. Will it run Llama 3.1 8B?"]).preferred_gpu_types


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Will Qwen3-32B fit on 2 A40?", ("A40",)),
        ("Will Qwen3-32B fit on 2 L40S?", ()),
        ("Will GLM-4.7 fit on 8 H200?", ("glm-4.7",)),
        ("GLM-4.7 on 4 RTX A6000, does it fit?", ("RTX A6000", "glm-4.7")),
        ("Will Llama 3.3 70B fit on an RTX PRO 6000?", ()),
        ("Will Llama 3.3 70B fit on an RTX 6000 Ada?", ("RTX 6000 Ada",)),
    ],
)
def test_what_the_catalog_lacks_is_listed(text: str, unknown: tuple[str, ...]) -> None:
    assert understand([text]).unknown == unknown


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Qwen3-14B 80 users", "Qwen/Qwen3-14B"),
        ("llama 3.1 8b 12 people", "meta-llama/Llama-3.1-8B-Instruct"),
        ("phi 4 9 analysts", "microsoft/phi-4"),
        ("gpt-oss-20b 32 in flight", "openai/gpt-oss-20b"),
        ("mistral 7b v0.3 3 colleagues", "mistralai/Mistral-7B-Instruct-v0.3"),
        ("qwen 3 users", "qwen"),
        ("llama3.1:8b in ollama", "meta-llama/Llama-3.1-8B-Instruct"),
        ("Qwen3.6-27B", "qwen3.6-27b"),
        ("qwen3.5 9b", "qwen3.5-9b"),
        ("GLM 5.2", "glm-5.2"),
        ("GLM-4.5-Air", "glm-4.5-air"),
        ("Kimi K2", "kimi-k2"),
        ("Kimi-K2-Thinking", "kimi-k2-thinking"),
        ("Gemma 4 26B-A4B", "gemma-4-26b-a4b"),
        ("grok-1", "grok-1"),
        ("Mixtral 8x22B", "mixtral-8x22b"),
        ("Mixtral 8x7B", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ("R1 671B", "deepseek-ai/DeepSeek-R1"),
        ("DeepSeek V3.2", "deepseek-v3.2"),
        ("DeepSeek-R1-Distill-Qwen-14B", "deepseek-r1-distill-qwen-14b"),
        ("Llama 4 Scout", "llama-4-scout"),
        ("Coder-480B", "qwen3-coder-480b"),
        ("Qwen3-Next-80B-A3B", "qwen3-next-80b-a3b"),
        ("Qwen2.5-VL-7B-Instruct", "qwen2.5-vl-7b-instruct"),
        ("Command R+", "command-r+"),
        ("Nemotron 3 Nano 30B", "nemotron-3-nano-30b"),
        ("acme/Lexi-13B-chat", "lexi-13b-chat"),
        ("MiniMax M2.5", "MiniMaxAI/MiniMax-M2.5"),
        ("Llama 3 8B", "llama-3-8b"),
        ("GLM-4.5V", "glm-4.5v"),
        ("Gemma 3n E4B", "gemma-3n-e4b"),
        ("nvidia/Llama-3_1-Nemotron-Ultra-253B-v1", "llama-3.1-nemotron-ultra-253b-v1"),
        ("mlx-community/Qwen3-32B-4bit", "Qwen/Qwen3-32B"),
        ("Ling-1T", "ling-1t"),
        ("DeepSeek-R1-0528", "deepseek-r1-0528"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"),
    ],
)
def test_a_models_name_ends_where_its_pieces_end(text: str, model: str) -> None:
    found = understand([f"chatbot with {text}"]).preferred_models

    assert len(found) == 1
    assert found[0].removeprefix("acme/") == model


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a 7B model for 40 people", 7),
        ("some 70B on 4 A100", 70),
        ("a 30b-a3b model on one L40S", 30),
        ("ein 8B-Modell auf einer L4", 8),
        ("a 1.5B drafter for 20 devs", 1.5),
        ("a model of 13 billion parameters", 13),
        ("un modèle 24B pour 50 personnes", 24),
        ("Qwen3-8B for 40 people", None),
        ("8B, 14B and 32B next to each other on an H100", None),
        ("2B tokens a day", None),
    ],
)
def test_a_size_stands_in_for_a_model(text: str, size: float | None) -> None:
    assert understand([text]).model_parameters_b == size


@pytest.mark.parametrize(
    "text",
    ["step by step guides for 30 people", "questions about solar panels", "boy scout chatbot", "4090 people"],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    intent = understand([text])

    assert (intent.preferred_models, intent.preferred_gpu_types) == ((), ())
