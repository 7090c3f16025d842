"""The question is asked only where planning needs an answer first: nothing to plan from, or what cannot be."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Rollout is eight thousand people next quarter. What do I order?", "use it for"),
        ("We are 400 in the firm. What hardware do we need?", "use it for"),
        ("how many GPUs do I need?", "What will people use it for"),
        ("I want to host my own LLM", "What will people use it for"),
        ("what does a T4 give me in requests per second?", "model"),
        ("upper limit of users for one vllm instance?", "model"),
        ("how many users can an L40S take?", "model"),
        ("what do I need for vLLM behind the assistant of our search product?", "How many people"),
    ],
)
def test_what_is_missing(text: str, about: str) -> None:
    question = understand([text]).question

    assert question is not None and question.kind == "missing"
    assert about in question.text


@pytest.mark.parametrize(
    "text",
    [
        "Qwen3-32B on 2 L40S with 16 concurrent requests: how many tokens per second?",
        "will gpt-oss-120b fit on one RTX PRO 6000 for 20 users",
        "longest context of Llama-3.3-70B fp8 on 2xH100",
        "50 concurrent users, Llama 3.3 70B, 2k context",
        "500 million tokens a day with a 7B model, latency does not matter",
        "2 million documents of 3,000 tokens overnight, cheapest",
        "H100 or L40S for Qwen3-32B at 20 requests a second?",
        "5,000 output tokens per second in total from gpt-oss-120b on H200",
        "translate 3 million sentences within a week",
        "40 coding agents with Qwen3-Coder-30B",
        "support chatbot for 500 people",
        "12 requests a second, prompts 2k, answers 300",
        "what do I need for DeepSeek-R1?",
    ],
)
def test_nothing_is_asked_where_enough_was_said(text: str) -> None:
    assert understand([text]).question is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("chatbot for 1e30 users", "user_count"),
        ("chatbot for 0 users", "user_count"),
        ("chatbot, 99999999999 requests per second", "requests_per_second"),
        ("chatbot for 300 users, 5 billion tokens of context", "context_tokens"),
        ("0 concurrent requests, llama 3.1 8b", "concurrent_requests"),
    ],
)
def test_numbers_that_cannot_be_are_asked_about_and_not_kept(text: str, field: str) -> None:
    intent = understand([text])

    assert intent.question is not None and intent.question.kind == "contradiction"
    assert getattr(intent, field) is None


@pytest.mark.parametrize(
    "text",
    [
        "chatbot for -5 users",
        "chatbot for NaN users",
        "chatbot for 300 users, TTFT below 5 GB",
        "chatbot for 300 users with a latency of 40 dollars",
        "chatbot for 10 users at 500 requests a second",
        "chatbot, 2 users, 900 of them at once",
        "first token in 5 s but the whole answer within 2 s, chatbot for 80 users",
        "3M tokens a day, 9M output tokens a day, 7B model",
        "10 requests a second, 4000 tokens in, 500 out, 100 million tokens a month, llama 8b",
        "Llama 8B with a 4k window, prompts of 9,000 tokens",
        "tensor parallel 4 on 3 H100, Llama 3.3 70B",
    ],
)
def test_contradictions(text: str) -> None:
    question = understand([text]).question

    assert question is not None and question.kind == "contradiction"


@pytest.mark.parametrize("text", ["", "   ", "???", "🙂", "lorem ipsum dolor sit amet"])
def test_nothing_said_plans_nothing(text: str) -> None:
    intent = understand([text])

    assert not intent.on_topic or intent.question is not None
    assert not (intent.user_count or intent.requests_per_second or intent.batch_items)


def test_a_rejected_number_is_not_remembered() -> None:
    said = ["support chatbot for 300 people", "make it 0 users"]

    assert understand(said).question is not None
    assert understand([*said, "on H100 please"]).user_count == 300
    assert understand([*said, "on H100 please"]).question is None


def test_of_two_that_exclude_each_other_the_earlier_stays() -> None:
    said = ["chatbot for 300 people, first token within 900 ms", "the whole answer within 300 ms"]
    later = understand([*said, "on L40S"])

    assert understand(said).question is not None
    assert (later.ttft_ms, later.e2e_ms, later.question) == (900, None, None)
