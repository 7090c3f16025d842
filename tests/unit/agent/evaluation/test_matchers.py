"""Matchers accept what a careful reader would, and nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError

from agent.evaluation.matchers import MATCHER, contains_name


@pytest.mark.parametrize(
    ("label", "field", "value", "right"),
    [
        ("fp8", "precision", "FP8", True),
        ("tensorrt-llm", "engine", "tensorrt_llm", True),
        (50, "percentile", "p50", True),
        ("p99", "percentile", "p99", True),
        (8, "gpu_count", 8, True),
        (8, "gpu_count", None, False),
        (40, "itl_ms", 40.0, True),
        (True, "question", True, True),
        (False, "question", True, False),
        (True, "gpu_count", 1, False),
        ({"one_of": [1, None]}, "gpu_count", None, True),
        ({"one_of": [1, None]}, "gpu_count", 2, False),
        ({"one_of": ["gcp", "google cloud"]}, "provider", "Google Cloud", True),
        ({"min": 36, "max": 42}, "output_tokens_per_second", 38.6, True),
        ({"min": 36, "max": 42}, "output_tokens_per_second", 43, False),
        ({"min": 36}, "output_tokens_per_second", None, False),
        ({"max": 1}, "gpu_count", True, False),
        ({"none": True}, "preferred_gpu_types", (), True),
        ({"none": True}, "latency_priority", "medium", True),
        ({"none": True}, "user_count", 5, False),
        ({"has": ["H200", "H100"]}, "preferred_gpu_types", ("H100", "NVIDIA H200"), True),
        ({"has": ["H200", "H100"]}, "preferred_gpu_types", ("H100",), False),
        ({"has": ["H100"]}, "preferred_gpu_types", ("H100-SXM",), True),
        ({"has": ["A10"]}, "preferred_gpu_types", ("A10G",), False),
        ({"has": ["L40"]}, "preferred_gpu_types", ("L40S",), False),
        ({"has": ["V100"]}, "preferred_gpu_types", ("Tesla V100 32GB",), True),
        ({"has": ["llama-3.3-70b"]}, "preferred_models", ("llama3.3 70b",), True),
        ({"has": ["llama-3.3-70b"]}, "preferred_models", ("meta-llama/Llama-3.3-70B-Instruct",), True),
        ({"has": ["llama-3.3-70b"]}, "preferred_models", ("Llama-3.1-70B",), False),
        ({"contains_any": ["m3 ultra", "m3-ultra"]}, "preferred_gpu_types", ("Apple M3 Ultra",), True),
        ({"contains_any": ["m3 ultra"]}, "preferred_gpu_types", (), False),
    ],
)  # fmt: skip
def test_a_label_accepts(label: Any, field: str, value: Any, right: bool) -> None:
    assert MATCHER.validate_python(label).accepts(field, value) is right


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("H200", "H20"),
        ("A100", "A10"),
        ("Qwen3.5-9B", "qwen3"),
        ("GB200", "B200"),
        ("Phi-14B", "4b"),
        ("x", "-"),
    ],
)
def test_a_name_that_only_begins_or_ends_alike_is_another(name: str, wanted: str) -> None:
    assert not contains_name(name, wanted)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("RTX 5060 Ti 16GB", "5060 ti"),
        ("RTX5060Ti", "5060 ti"),
        ("GLM5.2", "glm-5.2"),
        ("deepseek-ai/DeepSeek-R1", "r1"),
        ("RTX-PRO-6000", "pro 6000"),
        ("通义千问 72B", "通义千问"),
    ],
)
def test_a_name_is_the_same_whatever_its_separators(name: str, wanted: str) -> None:
    assert contains_name(name, wanted)


@pytest.mark.parametrize(
    "label",
    [
        {},
        {"has": []},
        {"one_of": []},
        {"min": 3, "max": 2},
        {"none": False},
        {"has": ["a"], "min": 1},
        {"x": 1},
    ],
)
def test_a_label_that_cannot_be_is_refused(label: Any) -> None:
    with pytest.raises(ValidationError):
        MATCHER.validate_python(label)
