"""Loads that are stated in tokens: a day's volume, the output of a system, and never the speed of one answer."""

import pytest

from agent.intent import understand

DAY, MONTH = 86_400, 2_628_000


@pytest.mark.parametrize(
    ("text", "tokens", "output"),
    [
        ("300 million tokens a day through a 7B model", 300e6 / DAY, None),
        ("we burn 90M tokens/day (input+output), gpt-oss-20b", 90e6 / DAY, None),
        ("3 B tokens a month with llama 3.3 70b", 3e9 / MONTH, None),
        ("roughly 1.5 billion tokens per month, prompt and answer together", 1.5e9 / MONTH, None),
        ("tokens: 40M per day, mistral small, what hardware?", 40e6 / DAY, None),
        ("3,000 tok/s in total from Qwen3-30B-A3B", None, 3000),
        ("I want 8,000 output tokens per second out of gpt-oss-120b on H200", None, 8000),
        ("aggregate throughput of 450 tokens/s, mistral 7b", None, 450),
        ("our writers generate 60 million output tokens each month", None, 60e6 / MONTH),
        ("generated tokens: 25M a day", None, 25e6 / DAY),
        ("250M input and 40M output tokens a day", 290e6 / DAY, 40e6 / DAY),
        ("120k TPM, llama 3.1 8b", 2000, None),
        ("200 Millionen Token am Tag, 7B-Modell", 200e6 / DAY, None),
        ("2 Mrd. Token im Monat mit Llama 3.3 70B", 2e9 / MONTH, None),
        ("400 millions de tokens par jour avec un modèle 8B", 400e6 / DAY, None),
        ("100 millones de tokens al día con mistral", 100e6 / DAY, None),
        ("80 milioni di token al giorno, llama 3.1 8b", 80e6 / DAY, None),
        ("150 milhões de tokens por dia, qwen3-8b", 150e6 / DAY, None),
        ("6,000 tokens per second across all users", None, 6000),
        ("throughput target 12k tok/s overall, deepseek v3", None, 12_000),
    ],
)
def test_volumes_and_throughput(text: str, tokens: float | None, output: float | None) -> None:
    intent = understand([text])

    assert intent.tokens_per_second == (pytest.approx(tokens, rel=0.002) if tokens else None)
    assert intent.output_tokens_per_second == (pytest.approx(output, rel=0.002) if output else None)
    assert (intent.itl_ms, intent.output_tokens, intent.prompt_tokens) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "itl_ms"),
    [
        ("chatbot for 300 users, 25 tokens/s per user", 40),
        ("each stream should run at 50 tok/s, 64 at once", 20),
        ("30 tokens per second for every user, llama 3.3 70b", 33.33),
        ("tokens must arrive at 20 per second or faster", 50),
        ("20 Tokens pro Sekunde pro Nutzer, Chatbot für 90 Leute", 50),
        ("40 tokens par seconde par utilisateur, chatbot", 25),
    ],
)
def test_the_speed_of_one_answer(text: str, itl_ms: float) -> None:
    intent = understand([text])

    assert intent.itl_ms == itl_ms
    assert (intent.tokens_per_second, intent.output_tokens_per_second) == (None, None)


def test_tokens_in_all_with_a_deadline_are_a_rate() -> None:
    intent = understand(["900 million tokens to get through in 10 hours with a 32B model"])

    assert intent.tokens_per_second == pytest.approx(25_000)
    assert intent.deadline_hours == 10


def test_tokens_in_all_without_one_are_items() -> None:
    intent = understand(["generate 2 billion synthetic tokens with gpt-oss-120b"])

    assert (intent.batch_items, intent.output_tokens) == (2_000_000, 1000)
    assert intent.experience_class == "batch"


def test_volumes_of_both_sides_are_added() -> None:
    intent = understand(["1B input tokens and 200M output tokens to work off in 10 hours, llama 8b"])

    assert intent.tokens_per_second == pytest.approx(1.2e9 / 36_000, rel=0.001)


def test_a_system_prompt_that_is_only_told_of_is_read() -> None:
    intent = understand(["system prompt of 6k tokens, 20 rps, llama 3.1 8b"])

    assert (intent.shared_prompt_tokens, intent.requests_per_second) == (6000, 20)
    assert intent.prompt_tokens is None
