"""Busiest periods, people who press at the same second, sessions that stay open, shares of the users, money for each."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("peak hour = 18k requests, prompt 1800, reply 220 tok", 5),
        ("the worst minute had 540 chat messages; a prompt is 1,300 tokens", 9),
        ("peak minute: 900 calls, prompts 700 tokens, replies 90", 15),
        ("our busiest second sees 35 requests, 2k in / 400 out", 35),
        ("the busiest hour brings 7,200 tickets, support bot", 2),
        ("In der vollsten Stunde kommen 7.200 Anfragen, Eingabe 900 Token", 2),
        ("à l'heure de pointe 3 600 requêtes, prompt 1 500 tokens", 1),
        ("qps=12 isl=3000 osl=150 model=Qwen3-8B", 12),
        ("每秒20个请求，输入2k，输出300，Qwen3-14B", 20),
    ],
)
def test_rates_of_the_busiest_period(text: str, rate: float) -> None:
    assert understand([text]).requests_per_second == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        ("8x A100, Qwen3-235B-A22B fp16, tp8, 32 prompts together, 1024 in 1024 out", 32),
        ("We throw 500 requests at Falcon-40B in the same second", 500),
        ("On exam day 350 students press send together. Llama 3.1 8B", 350),
        ("240 people press send in the same second, Llama 3.1 70B. How long do they wait?", 240),
        ("90 questions arrive together, Qwen3-14B on L4", 90),
        ("70 clerks hit enter together, Mistral Small", 70),
        ("25 appels simultanés, agent vocal, première syllabe en 400 ms", 25),
        ("concurrency=64, in=2000, out=500, Qwen3-32B on 2x H100", 64),
        ("Wir haben 80 Leute, 25 davon tippen gleichzeitig, Mistral Small auf L40S", 25),
    ],
)
def test_requests_at_once(text: str, at_once: int) -> None:
    assert understand([text]).concurrent_requests == at_once


def test_calls_at_once_are_changed_by_a_later_message() -> None:
    history = ["50 simultaneous calls for a voice agent, is one L4 enough?"]

    assert understand([*history, "make that 80 calls"]).concurrent_requests == 80


@pytest.mark.parametrize(
    ("text", "sessions", "window"),
    [
        (
            "150 conversations stay open all day, each grows to 20k tokens. Mistral Small on 2x L40S",
            150,
            20_000,
        ),
        ("Sessions: 120. Window: 64k. Model: Qwen3-Coder-Next FP8", 120, 64_000),
        ("16 seats, two coding agents per seat in parallel, Qwen3-Coder-30B", 32, None),
        ("25 devs x 2 agents, 60k context each, 90% cache hits", 50, 60_000),
        ("25 devs running two Claude Code sessions apiece, 95 % prefix reuse", 50, None),
        (
            "Eighty long-lived support threads stay open side by side, up to 30k tokens in each, H100",
            80,
            30_000,
        ),
        ("One orchestrator keeps 32 sub-agents going, 24k tokens each. gpt-oss-120b", 32, 24_000),
        ("300 parallele Sitzungen mit je 20k Token, Qwen3-32B", 300, 20_000),
        ("18 coding agents, prompts climb from 9k to 24k, Qwen3-32B", 18, 24_000),
        ("12 agenti in parallelo, contesto 64k, Qwen3-Coder-30B su H100", 12, 64_000),
    ],
)
def test_sessions_and_their_window(text: str, sessions: int, window: int | None) -> None:
    intent = understand([text])

    assert (intent.concurrent_sessions, intent.context_tokens) == (sessions, window)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        (
            "mistral-small on two 4090s: 3000 tokens of context. w/ an fp8 cache I hope for 6k. realistic?",
            6000,
        ),
        ("qwen3.5-27b on 4x3090, thinking turned off, how many at once @ 8k?", 8000),
        ("three boxes, each 8x A100 80GB, Llama-3.1-405B bf16. fits w/ 128k?", 128_000),
        ("45 developers, a coding agent each, contexts sit around 90k tokens. GLM-4.7?", 90_000),
        ("does Qwen3-32B fit on one A100 with 32k?", 32_000),
    ],
)
def test_windows_that_are_wanted(text: str, window: int) -> None:
    assert understand([text]).context_tokens == window


@pytest.mark.parametrize(
    ("text", "field", "share"),
    [
        ("600 employees, half of them online at the same time, chatbot", "active_share", 1 / 2),
        ("half our staff at 9 am: 800 people work here, internal chatbot", "active_share", 1 / 2),
        ("a third of our 900 agents are active at once, support bot", "active_share", 1 / 3),
        ("a fifth of 2,000 students write at the same time, tutor chatbot", "active_share", 1 / 5),
        ("Die Hälfte der 300 Mitarbeiter ist gleichzeitig aktiv, Chatbot", "active_share", 1 / 2),
        ("two thirds of the prompt is identical, 10 rps, 8k in", "prefix_cache_hit_rate", 2 / 3),
        ("three quarters of each prompt is the same system prompt, 10 req/s", "prefix_cache_hit_rate", 3 / 4),
        ("80 % of the tokens are always the same, 10 rps, 8k in, 200 out", "prefix_cache_hit_rate", 0.8),
    ],
)
def test_shares_in_words(text: str, field: str, share: float) -> None:
    assert getattr(understand([text]), field) == pytest.approx(share, abs=0.001)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("coding agents for 200 ppl. max 35 usd per seat and month. possible?", 7000),
        ("not above 12 USD per user a month, 150 users, RAG", 1800),
        ("RAG for 90 lawyers, at most $40 per lawyer per month", 3600),
        ("budget 5k a month, 200 lawyers, contract review", 5000),
        ("Voice control for the house, 12B. Which card for less than 400 bucks?", None),
        ("4 x Tesla P100 16GB ($70 a piece) are in the case. Qwen3-Next-80B-A3B", None),
        ("H100 at $2.50 on demand or $1.60 with a year of commitment, Llama 3 70B", None),
        ("we pay $30 per user a month for Copilot today, 80 developers", None),
    ],
)
def test_money_for_each_and_money_of_another_kind(text: str, budget: float | None) -> None:
    assert understand([text]).budget_usd_per_month == budget


def test_a_minute_for_each_answer() -> None:
    assert understand(["35 tax advisors, a minute per answer is acceptable"]).e2e_ms == 60_000
