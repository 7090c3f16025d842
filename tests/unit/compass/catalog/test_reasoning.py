"""How models reason: lengths, and the switches of a vLLM server."""

import pytest

from compass.catalog import (
    Model,
    load_catalog,
    model_of,
    reasoning_mode,
    reasoning_switches,
    thinking_length,
)


def model(name: str) -> Model:
    return model_of(load_catalog(), name)


# Parsers and template arguments are those of vLLM's page "Reasoning Outputs" (0.26.0) and of its recipes for
# Kimi and MiniMax (2026-08); gpt-oss takes its effort from each request.
@pytest.mark.parametrize(
    ("name", "on", "arguments"),
    [
        ("Qwen3-32B", True, ["--reasoning-parser=qwen3", "enable_thinking", "true"]),
        ("Qwen3-32B", False, ["enable_thinking", "false"]),
        ("DeepSeek-R1", True, ["--reasoning-parser=deepseek_r1"]),
        ("DeepSeek-V3.1", True, ["--reasoning-parser=deepseek_v3", '"thinking": true']),
        ("DeepSeek-V3.1", False, ['"thinking": false']),
        ("gpt-oss-120b", True, ["--reasoning-parser=openai_gptoss"]),
        ("GLM-4.6", True, ["--reasoning-parser=glm45", "enable_thinking"]),
        ("MiniMax-M2.5", True, ["--reasoning-parser=minimax_m2"]),
        ("Kimi-K2.5", False, ['"thinking": false']),
        ("granite-3.3-8b-instruct", True, ["--reasoning-parser=granite", '"thinking": true']),
    ],
)
def test_what_is_planned_is_what_is_set(name: str, on: bool, arguments: list[str]) -> None:
    set_so = " ".join(reasoning_switches(model(name), on).arguments)

    assert all(each in set_so for each in arguments)
    assert ("--reasoning-parser" in set_so) == on


def test_effort_is_a_field_of_each_request() -> None:
    switches = reasoning_switches(model("gpt-oss-120b"), True, effort="low")

    assert switches.request_fields == {"reasoning_effort": "low"}
    assert "Each request must carry" in switches.notes[0]


def test_a_budget_needs_the_marks_of_thinking_and_a_field() -> None:
    switches = reasoning_switches(model("Qwen3-32B"), True, budget_tokens=4000)

    assert switches.request_fields == {"thinking_token_budget": 4000}
    assert any(each.startswith("--reasoning-config=") for each in switches.arguments)


def test_a_model_that_cannot_reason_has_no_switches() -> None:
    llama = model("Llama-3.3-70B-Instruct")

    assert reasoning_switches(llama, False).arguments == ()
    assert reasoning_mode(llama, True).why == "cannot reason before it answers"


def test_switchable_models_think_only_when_that_is_wanted() -> None:
    assert [reasoning_mode(model("Qwen3-32B"), wanted).on for wanted in (None, False, True)] == [
        False, False, True,
    ]  # fmt: skip
    assert reasoning_mode(model("DeepSeek-R1"), False).on


def test_the_length_is_a_mixture_of_easy_and_hard_questions() -> None:
    # DeepSeek-R1, chat: 95 % of 271 tokens and 5 % of 2,660.
    length = thinking_length(model("DeepSeek-R1"), "chatbot_conversational")

    assert length.mean_tokens == pytest.approx(0.95 * 271 + 0.05 * 2660)
    assert length.cv > 1
    assert length.basis == "this model"


def test_a_stated_length_wins() -> None:
    assert thinking_length(model("DeepSeek-R1"), "translation", "high", 8000).mean_tokens == 8000
