"""Counts that belong together, units that are left out, and windows by a weekday."""

from typing import Any

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 agents, 1.5M tokens a day for each agent, Qwen3-32B", {"tokens_per_second": 520.8}),
        (
            "Each agent burns 2 million tokens a day and we have 40 of them. gpt-oss-120b",
            {"tokens_per_second": 926},
        ),
        ("12 developers, about 5M tokens per developer per day with Cline", {"tokens_per_second": 694.4}),
        ("20 Agenten, jeder verbraucht 3 Millionen Token am Tag", {"tokens_per_second": 694.4}),
        ("Two agents per repo, 20 repos in progress, 60k windows", {"concurrent_sessions": 40}),
        ("Trois agents par ticket, 12 tickets en cours, fenêtre de 64k", {"concurrent_sessions": 36}),
        (
            "15 Entwickler, jeder mit zwei Agenten gleichzeitig, 30B",
            {"concurrent_sessions": 30, "user_count": 15},
        ),
        (
            "60 clerks use it, up to 12 of them at the same moment, 14B",
            {"concurrent_requests": 12, "user_count": 60},
        ),
        ("20 engineers, all asking at once at worst, Qwen3-32B", {"concurrent_requests": 20}),
        (
            "300 pupils show up together and each gets 20 tok/s, 14B",
            {"concurrent_requests": 300, "itl_ms": 50},
        ),
        ("Six of us with Cline on an L40S, Qwen3-32B", {"user_count": 6, "concurrent_sessions": None}),
        ("an agentic coding setup for a studio of 9, GLM-4.5-Air", {"user_count": 9}),
        ("so far 40 people tested it, now all 900 employees, 70B chatbot", {"user_count": 900}),
    ],
)
def test_heads_and_what_they_have(text: str, expected: dict[str, Any]) -> None:
    intent = understand([text])

    for name, value in expected.items():
        wanted = pytest.approx(value, rel=0.01) if value else value
        assert getattr(intent, name) == wanted, name


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1.2M rows would be 90 hours. It has to be done in 9. 7B on L4", 9),
        ("50.000 Akten würden 10 Tage dauern. Es muss in zwei fertig sein.", 48),
        ("1M rows took 3 days on one L4. It must be through within one.", 24),
        ("Start at 11 pm, want it at 6. 90,000 rows, 300 tokens each, 7B.", 7),
        ("each night: 12,000 letters, 6 hours, gemma 3 12b", 6),
        ("45,000 contracts to summarise by Friday, today is Monday", 96),
        ("700k reviews to tag by Friday, 8B", 96),
    ],
)
def test_windows_of_jobs(text: str, hours: float) -> None:
    assert understand([text]).deadline_hours == pytest.approx(hours)


def test_hours_of_a_later_message_replace_the_window() -> None:
    intent = understand(["900,000 rows in 6 hours, 7B, L4", "two days would do as well"])

    assert (intent.batch_items, intent.deadline_hours) == (900_000, 48)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Five years of chats, 3.1M of them, one week to label them all, 8B", 3_100_000),
        ("captions of 600 operas, German to Polish, 27B. weeks?", 600),
        ("Over 80,000 PNGs, olmOCR on one L40S. How much time is that?", 80_000),
        ("2M abstracts, 250 tokens in and 30 out, 8B", 2_000_000),
        ("9,000 long reports took a week, must be done in a day on new cards, 32B", 9_000),
        ("Il faut classer 2 millions d'avis avant vendredi, 8B", 2_000_000),
    ],
)
def test_items_of_jobs(text: str, items: int) -> None:
    assert understand([text]).batch_items == items


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 2000, out 300 at 6 rps, mixtral 8x7b", (2000, 300, None)),
        ("40k tokens go in, 35k of those cached, 900 come back, 12 coding agents", (40_000, 900, None)),
        ("it thinks for up to 20k and then says 500, 2 requests a second, qwen3-32b", (None, 500, 20_000)),
        ("24K thinking plus 2K final, 60 candidates, one H100, qwen3-32b", (None, 2000, 24_000)),
        ("5000/500 gave 900 tok/s on 2 H100. What do 20000/1000 give, Qwen3-32B?", (20_000, 1000, None)),
        ("Aider sends 70k fresh tokens to gpt-oss-120b on an H100. First token when?", (70_000, None, None)),
        ("100 tokens of question, 250 of answer, 40 at once, 14B", (100, 250, None)),
    ],
)
def test_lengths_by_their_way(text: str, expected: tuple[int | None, ...]) -> None:
    intent = understand([text])

    assert (intent.prompt_tokens, intent.output_tokens, intent.thinking_tokens) == expected


@pytest.mark.parametrize(
    ("text", "window", "at_once"),
    [
        ("room for 32k x 16 requests on 2 A100 with Llama 3.3 70B?", 32_000, 16),
        ("16 x 32k requests on 2 A100, Llama 3.3 70B int4, does it fit?", 32_000, 16),
        ("8k per chat, how many fit a 4090 with Qwen3-14B?", 8_000, None),
        ("1M of context goes OOM so I settled for 200k, GLM-4.7 on 8 H200", 200_000, None),
        ("qwen3-coder-next fp8 at 256k on two H100, ok?", 256_000, None),
        ("8k context, R1 on 8 H200, 300 tok/s come out, I was hoping for 4000", 8_000, None),
    ],
)
def test_windows_of_requests(text: str, window: int, at_once: int | None) -> None:
    intent = understand([text])

    assert (intent.context_tokens, intent.concurrent_requests) == (window, at_once)


def test_half_of_the_cards_does_not_halve_the_load() -> None:
    intent = understand(
        ["8x4090 with Qwen-14B, 60 concurrent requests, ok?", "what if half of the cards go away"]
    )

    assert intent.concurrent_requests == 60


@pytest.mark.parametrize(
    "text",
    [
        "A desktop for $2,500 or a laptop for $4,000, gpt-oss-20b?",
        "Card at €700 vs card at €1,200: RTX 4070 or RTX 4090 for a 14B?",
        "90,000 rows, I can spend eighty dollars on the job, 8B",
    ],
)
def test_prices_of_choices_are_no_budget(text: str) -> None:
    assert understand([text]).budget_usd_per_month is None


def test_a_limit_for_each_user_is_times_the_users() -> None:
    assert understand(["no more than $1.20 per user per month, 800 users"]).budget_usd_per_month == 960


def test_little_patience_is_a_wish_for_speed() -> None:
    assert understand(["Patience is not our strength, 5090 for a 30B?"]).latency_priority == "high"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("8x MI300X, how many concurrent 128k sessions of DeepSeek-R1?", 128_000),
        ("number of 32k requests that fit on 2 H100 with Qwen3-32B?", 32_000),
        ("Wie viele 64k Sitzungen gleichzeitig auf 4 H200 mit GLM-4.6?", 64_000),
    ],
)
def test_where_how_many_is_asked_the_number_is_the_length_of_each(text: str, window: int) -> None:
    intent = understand([text])

    assert (intent.context_tokens, intent.concurrent_sessions, intent.concurrent_requests) == (
        window, None, None,
    )  # fmt: skip
