"""Loads that are stated as what is open at once: requests in flight, and sessions of agents or long conversations."""

from typing import Any

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("75 concurrent users, Llama 3.1 8B on an L40S", 75),
        ("up to 24 requests in parallel against Mistral Small", 24),
        ("20 simultaneous calls for the phone bot", 20),
        ("we see 96 at once at lunch, gemma 3 27b", 96),
        ("48 in flight, gpt-oss-20b, H200", 48),
        ("at nine o'clock 45 clerks press enter within the same second", 45),
        ("what tok/s at batch size 8 with Qwen3-8B on a 4090?", 8),
        ("latency at concurrency 128 of llama 3.3 70b on 4x H100?", 128),
        ("--max-num-seqs 64 on two A100 80GB with qwen2.5-32b", 64),
        ("the gateway keeps 300 requests outstanding at any time, mistral 7b", 300),
        ("Chat for 5,000 employees, at most 150 of them at the same time", 150),
        ("a tutor for pupils, 35 typing at the same moment", 35),
        ("concurrency of 12, prompts 3k, answers 400", 12),
        ("bs=16, llama 8b, one A10G", 16),
        ("parallel requests: 40, gpt-oss-120b", 40),
        ("60 gleichzeitige Anfragen an Qwen3-14B", 60),
        ("25 Leute greifen gleichzeitig darauf zu, Llama 3.1 8B", 25),
        ("80 utilisateurs simultanés sur un chatbot", 80),
        ("30 requêtes en parallèle, mistral small", 30),
        ("45 usuarios simultáneos, un chatbot de ventas", 45),
        ("64 peticiones a la vez con llama 3.1 8b", 64),
        ("50 utenti contemporanei per un chatbot", 50),
        ("16 richieste in parallelo su due L4", 16),
        ("70 usuários simultâneos num chatbot", 70),
        ("32 pedidos ao mesmo tempo, llama 3.1 8b", 32),
        ("Qwen3-32B，两张H100，100并发，每个请求输入2k", 100),
    ],
)
def test_requests_in_flight(text: str, requests: int) -> None:
    assert understand([text]).concurrent_requests == requests


@pytest.mark.parametrize(
    ("text", "sessions", "users"),
    [
        ("60 coding agents on our monorepo, qwen3-coder-30b", 60, None),
        ("120 long conversations open at once, Llama 3.3 70B", 120, None),
        ("18 sessions at 64K each should stay warm on two H100", 18, None),
        ("20 devs, each runs three coding agents", 60, 20),
        ("30 developers with 2 Claude Code sessions each", 60, 30),
        ("250 chat sessions open, each of them keeps its history", 250, None),
        ("8 engineers, five autonomous agents per engineer", 40, 8),
        ("40 KI-Agenten am Code, Qwen3-Coder", 40, None),
        ("15 agents de codage sur notre dépôt", 15, None),
        ("22 agentes de código con Qwen3-Coder-30B", 22, None),
    ],
)
def test_sessions(text: str, sessions: int, users: int | None) -> None:
    intent = understand([text])

    assert (intent.concurrent_sessions, intent.user_count) == (sessions, users)


@pytest.mark.parametrize(
    "text",
    [
        "an assistant for 650 call center agents",
        "support chatbot for 400 people, 20 % active at once",
        "4 GPUs in parallel, llama 3.3 70b",
        "5,000 chats a day",
        "run 2 models at once on an H100",
        "a chatbot for 900 users",
    ],
)
def test_what_is_not_at_once(text: str) -> None:
    intent = understand([text])

    assert (intent.concurrent_requests, intent.concurrent_sessions) == (None, None)


def test_people_at_once_are_said_to_be_taken_as_requests() -> None:
    intent = understand(["40 concurrent users, chatbot"])

    assert [entry.value for entry in intent.assumptions if entry.field == "concurrent_requests"] == ["40"]
    assert understand(["40 requests in flight"]).user_count is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("800 staff, 60 of them at once", {"user_count": 800, "concurrent_requests": 60}),
        ("12 analysts, each with 3 tabs chatting in parallel", {"user_count": 12, "concurrent_requests": 36}),
        ("12 rps at peak, about 40 in flight", {"requests_per_second": 12, "concurrent_requests": 40}),
    ],
)
def test_loads_that_agree_are_all_kept(text: str, expected: dict[str, Any]) -> None:
    intent = understand([text])

    assert {name: getattr(intent, name) for name in expected} == expected
    assert intent.question is None or intent.question.kind == "missing"
