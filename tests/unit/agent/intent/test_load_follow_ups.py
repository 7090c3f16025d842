"""A later message changes one thing of any form of load; a load of another form takes its place."""

from typing import Any

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("said", "later", "expected"),
    [
        ("20 simultaneous calls for a voice agent, is one L4 enough?", "no, 140 calls at once, and you may take any card",
         {"concurrent_requests": 140, "preferred_gpu_types": (), "use_case": "voice_assistant"}),
        ("64 concurrent users, Llama 3.1 8B", "make it 200", {"concurrent_requests": 200}),
        ("64 concurrent users, Llama 3.1 8B", "double the load", {"concurrent_requests": 128}),
        ("300 million tokens a day, 7B model", "and with 500 million a day?", {"tokens_per_second": 5787}),
        ("300 million tokens a day, 7B model", "sorry, 20 requests a second",
         {"tokens_per_second": None, "requests_per_second": 20}),
        ("20 requests a second, Qwen3-32B", "rather 64 at once", {"requests_per_second": None, "concurrent_requests": 64}),
        ("classify 80,000 invoices a day", "and overnight?", {"batch_items": 80_000, "deadline_hours": 10}),
        ("2 million documents overnight, 8B", "and in 4 hours?", {"batch_items": 2_000_000, "deadline_hours": 4}),
        ("2 million documents overnight, 8B", "5 million documents", {"batch_items": 5_000_000, "deadline_hours": 10}),
        ("2 million documents overnight, 8B", "forget the batch, 30 users at once",
         {"batch_items": None, "deadline_hours": None, "concurrent_requests": 30}),
        ("Llama 3.3 70B on 4x H100, 128k window", "32k is enough", {"context_tokens": 32_000}),
        ("Llama 3.3 70B on 4x H100, 128k window", "and with 64k?", {"context_tokens": 64_000}),
        ("two DGX H100 with DeepSeek-R1 fp8, how many at once?", "one of the two has to be returned", {"gpu_count": 8}),
        ("Qwen3-32B on 2 L40S, how many users at once?", "and with 4?", {"gpu_count": 4}),
        ("qwen3-32b for 40 users", "let it think", {"reasoning": True}),
        ("qwen3-32b for 40 users, let it think", "no, thinking off", {"reasoning": False}),
        ("40 coding agents, qwen3-coder-30b", "60 agents", {"concurrent_sessions": 60}),
        ("support bot for 900 people", "12 requests a second at peak", {"user_count": 900, "requests_per_second": 12}),
        ("Chatbot, 64 gleichzeitige Nutzer", "doch 100 gleichzeitig", {"concurrent_requests": 100}),
        ("chatbot, 64 utilisateurs simultanés", "plutôt 90 en même temps", {"concurrent_requests": 90}),
    ],
)  # fmt: skip
def test_one_thing_changes(said: str, later: str, expected: dict[str, Any]) -> None:
    intent = understand([said, later])

    assert {name: getattr(intent, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            ["500 million tokens a day with a 7B model", "it is more like 800 million"],
            {"tokens_per_second": 9259},
        ),
        (["support bot, 43,200 questions a day", "make it 86,400"], {"requests_per_second": 1}),
        (["2 million documents overnight, 8B", "we have until noon"], {"deadline_hours": 16}),
        (
            ["code completion for 80 devs", "half of them active at once"],
            {"user_count": 80, "active_share": 0.5},
        ),
        (["chatbot for 1e12 users", "sorry, 12,000"], {"user_count": 12_000}),
        (["a support chatbot please", "300"], {"user_count": 300}),
        (
            ["chatbot for 90 users, $4,000 a month", "make it 2,000 euros a month"],
            {"budget_usd_per_month": 4000},
        ),
    ],
)
def test_a_bare_number_is_of_what_was_counted(said: list[str], expected: dict[str, Any]) -> None:
    intent = understand(said)

    assert {name: getattr(intent, name) for name in expected} == expected


def test_what_each_person_sends_makes_a_rate() -> None:
    intent = understand(["RAG for 1,000 staff, each sends 43.2 requests a day"])

    assert intent.requests_per_second == 0.5


def test_a_target_is_dropped_by_its_name_until_it_is_said_again() -> None:
    said = ["200 concurrent requests, Qwen3-32B, TTFT 2 s and ITL 20 ms", "drop the ITL target"]
    without, again = understand(said), understand([*said, "ITL 30 ms"])

    assert (without.ttft_ms, without.itl_ms, without.no_targets) == (2000, None, ("itl",))
    assert (again.itl_ms, again.no_targets) == (30, ())
