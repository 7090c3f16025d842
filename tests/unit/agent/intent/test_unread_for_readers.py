"""The "Not used" line as a reader sees it: whole phrases, nothing that was used, no label and no fragment."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("Module 7 of our portal runs on L40S, chatbot for 300 users", []),
        ("Java 8 to 21 migration: 3,200 repositories in 60 hours, gpt-oss-120b", []),
        ("finding 12 of the audit: chatbot for 55 developers", []),
        ("We own six L20, tp 3 is refused. What can these six do best with Qwen3-32B?", []),
        ("Single 5090, Qwen3.6-27B in NVFP4. Boots at 98k, dies at 100k. Is that the wall for 32 GB?", []),
        (
            "Can 262144 tokens be reached on 8x H20 with Qwen3-32B, or do I settle for something near 200k?",
            [],
        ),
        ("max context of Llama 4 Scout on 8x H200? I read 3.6M somewhere. Want at least 1M.", []),
        ("2x A6000, 96 GB between them, Mixtral 8x22B in 4bit", []),
        ("RTX 3090 with its 24 GB, Qwen3-14B, 10 users", []),
        ("H200 with 141 GB, Llama 3.3 70B fp8, 40 users", []),
        ("Two MI300X nodes with 8 GPUs each, Kimi K2 fp8, sglang", []),
        ("Others report 900 tokens/s on 8x A100, I get less. Is 900 right?", []),
        ("chatbot for 300 users, 99.9 % uptime", []),
        ("the ticket of 30 June says 55 users, chatbot", []),
        ("prompts climb from 9k to 22k, 18 coding agents", []),
        ("70k-token prompts take an hour on M3 Ultra with 512GB, GLM 5.1", []),
        ("we moved from 7B to 14B last year, chatbot for 300 users", []),
        ("chatbot for 300 users, phase 2 starts in May", []),
        ("chatbot for 300 users; ext. 4417", []),
        ("1 token per 8 ms, Qwen3-8B on L4, 30 at once", []),
        ("Legal just banned Copilot, 40 engineers, code completion", []),
        ("How many days did pre-training take on 64 A100 80GB?", []),
        ("chatbot for 300 users, LoRA rank 64", ["LoRA"]),
        ("L40S 48GB and 512 GB of RAM, Qwen3-32B, 20 users", ["512 GB"]),
        ("the vendor table has 6552 for Llama 3 8B on an A100, 10 users", ["has 6552"]),
        ("Llama-3.3-70B on four A100: ours gives 3.4 with vLLM, 10 users", ["gives 3.4"]),
        ("1x H100 PCIe, ISL/OSL 128/128, 27,688 published for Llama-3.1-8B", ["27,688"]),
        ("chatbot for 300 users in 4 countries", ["4 countries"]),
        ("20 variants of 1319 questions, 7B model on a 4090, how long?", ["20 variants"]),
        ("chatbot for 300 users, we pay OpenAI $14,000 a month", ["$14,000 a month"]),
        ("our supplier quoted 6 servers for 300 users of a chatbot", ["6 servers"]),
        ("17 tool calls per task, 20 coding agents, Qwen3-Next-80B", []),
        ("RAG over 3 TB of documents for 200 people", ["3 TB"]),
        ("We have two boxes with 25GbE between them, Llama-3.1-405B int4 on 8x L40S", ["25GbE"]),
        ("4 x Tesla P100 ($70 a piece), Qwen3-32B", ["$70 a piece"]),
        ("price cap 4,000 francs a month, chatbot for 300 users", ["4,000 francs a month"]),
        ("chatbot for 300 users, room temperature 24 degrees", ["24 degrees"]),
        ("chatbot for 300 users with 5 replicas", ["5 replicas"]),
        ("Chatbot für 300 Nutzer an 12 Standorten", ["12 Standorten"]),
        ("chatbot pour 300 utilisateurs sur 4 sites", ["4 sites"]),
        ("chatbot para 300 usuarios en 5 oficinas", ["5 oficinas"]),
        ("chatbot per 300 utenti in 6 sedi", ["6 sedi"]),
        ("chatbot para 300 usuários em 7 lojas", ["7 lojas"]),
        ("Which card for less than 400 bucks? Voice assistant, 12B", ["400 bucks"]),
    ],
)
def test_not_used(text: str, unread: list[str]) -> None:
    assert list(understand([text]).unread) == unread
