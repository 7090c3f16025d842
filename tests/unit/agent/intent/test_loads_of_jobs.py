"""Batch jobs: items, and the window in which they must be done."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "items", "hours"),
    [
        ("5 million documents overnight, cheapest", 5_000_000, 10),
        ("label 900,000 support tickets by 7 am", 900_000, 11),
        ("60,000 pages of scans tonight, OCR model on four L4", 60_000, 10),
        ("translate 12 million sentences, one week of wall time", 12_000_000, 168),
        ("1,500 agent rollouts with a 3B coder, done in 25 minutes", 1500, 25 / 60),
        ("800 maths problems for gpt-oss-120b, finished in 2 hours", 800, 2),
        ("summarise 300k call transcripts within 3 days", 300_000, 72),
        ("classify 2 million e-mails every night", 2_000_000, 10),
        ("extract fields from 120,000 invoices a day", 120_000, 24),
        ("a batch of 40,000 reports, 8-hour window", 40_000, 8),
        ("tag 70,000 photos over the weekend", 70_000, 60),
        ("50k product descriptions to rewrite, must be through in 6 hours", 50_000, 6),
        ("between 10 pm and 6 am we have to classify 400,000 tickets", 400_000, 8),
        ("Summarise documents in batch, 3000 users a day", 3000, 24),
        ("anonymise 4 million records, nobody is waiting", 4_000_000, None),
        ("500,000 Belege sollen über Nacht ausgelesen werden", 500_000, 10),
        ("Jede Nacht zwei Millionen Mails verschlagworten", 2_000_000, 10),
        ("80.000 Rechnungen müssen bis 6 Uhr verarbeitet sein", 80_000, 10),
        ("classer 300 000 courriels cette nuit", 300_000, 10),
        ("extraire les champs de 90 000 factures en moins de 8 heures", 90_000, 8),
        ("clasificar 700.000 correos durante la noche", 700_000, 10),
        ("etichettare 250.000 recensioni stanotte", 250_000, 10),
        ("classificar 600 mil e-mails esta noite", 600_000, 10),
        ("每天离线给三万份合同打标签，8B模型", 30_000, 24),
        ("1M rows to categorise with a 4B model, 12 hours at most", 1_000_000, 12),
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
        "RAG over 2 million documents for 300 users",
        "chatbot for 900 users, answers within 5 minutes",
        "search 40,000 contracts, 30 lawyers",
        "a support bot, 80,000 questions a day",
        "first token within 300 ms, 20 requests a second",
    ],
)
def test_what_is_no_job(text: str) -> None:
    intent = understand([text])

    assert (intent.batch_items, intent.deadline_hours) == (None, None)


def test_a_night_is_an_assumption_and_a_stated_window_is_none() -> None:
    assumed = [entry.field for entry in understand(["tag 20,000 photos overnight"]).assumptions]
    stated = [entry.field for entry in understand(["tag 20,000 photos in 5 hours"]).assumptions]

    assert "deadline_hours" in assumed
    assert "deadline_hours" not in stated


def test_several_outputs_of_an_item_multiply_its_answer() -> None:
    intent = understand(["12 questions and answers from each of 900 chunks overnight, qwen3-32b"])

    assert (intent.batch_items, intent.output_tokens) == (900, 1200)


@pytest.mark.parametrize(
    ("text", "per_second"),
    [
        ("chatbot, 600 messages a minute", 10),
        ("9,000 questions an hour to the help desk bot", 2.5),
        ("a support bot with 43,200 questions a day", 0.5),
        ("RAG, 604,800 queries a week", 1),
        ("10 requests every second for Qwen3-32B", 10),
        ("code completion, 45 rps", 45),
        ("7B模型做客服，一天大约八千六百四十次问答", 0.1),
    ],
)
def test_requests_of_any_period(text: str, per_second: float) -> None:
    assert understand([text]).requests_per_second == pytest.approx(per_second, rel=0.001)


def test_the_total_of_a_day_is_said_to_be_a_mean() -> None:
    intent = understand(["support bot, 50,000 questions a day"])

    assert any(entry.field == "requests_per_second" and "mean" in entry.why for entry in intent.assumptions)


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("classify 2 million e-mails every night", 30.42),
        ("extract fields from 120,000 invoices a day", 30.42),
        ("classify 40,000 tickets a week in batch", 4.345),
        ("2 million documents overnight, summarised", None),
    ],
)
def test_how_often_a_job_is_run(text: str, jobs: float | None) -> None:
    assert understand([text]).jobs_per_month == jobs


def test_what_comes_within_opening_hours_is_a_rate() -> None:
    intent = understand(["36,000 requests between 9 am and 5 pm, Mistral Small"])

    assert (intent.requests_per_second, intent.batch_items) == (1.25, None)
