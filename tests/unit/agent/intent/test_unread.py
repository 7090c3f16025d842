"""What no field took is named in the words of the message; what was taken, or says nothing, is not."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("Llama 3.1 8B on a T4 box with 120 gb ram, 20 users", "120 gb ram"),
        ("a 187-page textbook gave 557 chunks, qwen3-32b overnight", "187-page textbook"),
        ("chatbot for 300 users, 4 kW per rack", "4 kW"),
        ("chatbot for 300 users, hosted on-premise", "on-premise"),
        ("chatbot for 300 users, EU only", "EU only"),
        ("chatbot for 300 users, GDPR compliant", "GDPR"),
        ("chatbot for 300 users in an air-gapped network", "air-gapped"),
        ("chatbot for 300 users with 12 LoRA adapters", "LoRA adapters"),
        ("multi-tenant chatbot for 300 users", "multi-tenant"),
        ("chatbot for 300 users, needs function calling", "function calling"),
        ("a company of 8,000 people, but 250 analysts will use the RAG", "8,000 people"),
        ("chatbot for 300 users, 500 GB of documents", "500 GB"),
        ("Chatbot für 300 Nutzer im eigenen Rechenzentrum", "eigenen Rechenzentrum"),
        ("Chatbot für 300 Nutzer, DSGVO", "DSGVO"),
        ("chatbot pour 300 utilisateurs, hébergement en France", "hébergement en France"),
        ("chatbot para 300 usuarios, sin internet", "sin internet"),
        ("chatbot per 300 utenti, senza internet", "senza internet"),
        ("chatbot para 300 usuários, LGPD", "LGPD"),
        ("we currently run on A100, RAG for 200 people", "a100"),
    ],
)
def test_what_was_not_used(text: str, unread: str) -> None:
    found = understand([text]).unread

    assert any(unread.casefold() in phrase.casefold() for phrase in found), found


@pytest.mark.parametrize(
    "text",
    [
        "a support chatbot for 5,000 users, answers must start within 300 ms",
        "Qwen3-32B on 2 L40S with 16 concurrent requests",
        "2 million documents of 3,000 tokens overnight, cheapest",
        "500 million tokens a day with a 7B model, latency does not matter",
        "longest context of Llama-3.3-70B fp8 on 2xH100",
        "H100 or L40S for Qwen3-32B at 20 requests a second?",
        "12 devs, each has four coding agents",
        "ISL 8192 OSL 1024, gpt-oss-120b on H200, TTFT 500 ms, TPOT 25 ms",
        "RAG for 300 people, p95, $4,000 a month",
        "done by 6 am: 90,000 tickets to classify",
        "1. chatbot for 300 users\n2. answers within 4 seconds",
        "chatbot for 300 users from March 2027 on",
        "chatbot for 300 users, vllm 0.11 and CUDA 12.4",
        "call me at +44 20 7946 0958: chatbot for 300 users",
        "chatbot for 300 users, open 24/7 from 9 am to 5 pm",
        "Version 2 of our chatbot, 300 users",
        "85 % of the prompt is cached, 20 coding agents",
        "40 % active at once, chatbot for 300 users",
    ],
)
def test_nothing_is_left_where_everything_was_taken(text: str) -> None:
    assert understand([text]).unread == ()


def test_only_the_last_message_is_accounted_for() -> None:
    assert understand(["chatbot for 300 users, 120 gb ram", "make it 400"]).unread == ()
