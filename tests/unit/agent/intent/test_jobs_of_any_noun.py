"""A number, any plural and a window make a job; so do keys, benchmarks and what must be gone before the next comes."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "items", "hours"),
    [
        ("120 novels, Japanese to German, 24B model. Could that be done in a week?", 120, 168),
        ("90,000 haikus in 3 hours with a 7B", 90_000, 3),
        ("45,000 obituaries within two days, Mistral Small", 45_000, 48),
        ("rewrite 20,000 job adverts within two days, Mistral Small", 20_000, 48),
        ("7,000 sermons to shorten, 5 hours at most, 8B", 7_000, 5),
        ("4.500 Gutachten in 6 Stunden zusammenfassen, 14B", 4_500, 6),
        ("12 000 romans à résumer en une semaine", 12_000, 168),
        ("35.000 reseñas en 4 horas, modelo 8B", 35_000, 4),
        ("9 mila verbali in 5 ore, modello 14B", 9_000, 5),
        ("80 mil sentenças em dois dias, modelo 32B", 80_000, 48),
        ("6 hours for 20k interviews of 9k tokens each?", 20_000, 6),
        ("a million product texts till Monday, 300 tokens each, Mistral Nemo", 1_000_000, 60),
        ("Übersetze 25.000 Segmente bis Montag früh, 12B", 25_000, 60),
        ("200万条评论今晚打标签，4B模型", 2_000_000, 10),
        ("N=1.5e6, in=512, out=64, T=24h, qwen3-4b", 1_500_000, 24),
        ("10^6 rows, 120 tokens each, label of 2 tokens, 8 hours", 1_000_000, 8),
        ("SWE-bench, 500 instances, 3 hours max", 500, 3),
        ("SWE-bench Verified, 500 instances with Devstral-Small 24B, 3 hours max", 500, 3),
        ("2,294 SWE-bench tasks in one night with Qwen3-Coder-30B", 2_294, 10),
        ("eval of 12,032 MMLU-Pro questions in under an hour, Qwen3-32B", 12_032, 1),
        ("750,000 e-mails to be marked, started Friday 18:00 and finished Monday 06:00", 750_000, 60),
        ("3 million reviews by tomorrow noon, 24 hours, H100", 3_000_000, 24),
        ("Each hour 15,000 chat logs arrive and must be scored before the next dump", 15_000, 1),
        ("every day 40,000 memos come and must be tagged before the next lot", 40_000, 24),
        ("250 podcasts of one hour, transcripts 14k tokens, within one night", 250, 10),
        ("An evaluation with 13,948 questions takes forever. Qwen3-32B: how long then?", 13_948, None),
        ("100 alpaca prompts with up to 128 new tokens, llama 13b, V100", 100, None),
    ],
)
def test_items_and_window(text: str, items: int, hours: float | None) -> None:
    intent = understand([text])

    assert intent.batch_items == items
    assert intent.deadline_hours == (pytest.approx(hours, rel=0.01) if hours else None)
    assert intent.experience_class == "batch"


@pytest.mark.parametrize(
    "text",
    [
        "chatbot for 300 nurses, done in 2 weeks",
        "rollout in 3 weeks, 400 mechanics ask about repair manuals",
        "4 instances of g5.12xlarge for a chatbot of 90 people",
        "according to the log of the last 30 days the worst minute had 540 chat messages, support bot",
        "240 people press send in the same second, Llama 3.1 70B. How long do they wait?",
        "RAG for 40 lawyers, open 24 hours",
    ],
)
def test_what_is_no_job(text: str) -> None:
    assert understand([text]).batch_items is None


@pytest.mark.parametrize(
    "text",
    [
        "200M tokens a day, latency is of no interest, 8B",
        "daily volume 350M input tokens + 50M output tokens, all offline, Qwen3-14B",
        "São 10 bilhões de tokens por mês (entrada mais saída), sem pressa nenhuma",
    ],
)
def test_tokens_for_which_nobody_waits_are_a_batch(text: str) -> None:
    assert understand([text]).experience_class == "batch"


def test_a_department_is_no_trade() -> None:
    assert (
        understand(["Legal just banned Copilot, code completion for 40 engineers"]).domain_specialization
        is None
    )
    assert understand(["contract review for the legal team, 40 lawyers"]).domain_specialization == "legal"
