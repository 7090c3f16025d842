"""Sessions, shared prompts, caches, speculation and effort are read from a person's sentence."""

from typing import Any

import pytest

from agent.intent import understand


def said(text: str, *names: str) -> dict[str, Any]:
    stated = understand([text]).stated()
    return {name: stated.get(name) for name in names}


@pytest.mark.parametrize(
    ("text", "turns", "added", "pause"),
    [
        ("40 coding agents, 30 turns each, each tool result is about 2,000 tokens", 30, 2000, None),
        ("40 coding agents, 20 tool calls per task, a pause of 8 s between turns", 20, None, 8),
        ("25 Claude-Code-like agents, adds 1.5k tokens a turn", None, 1500, None),
        ("30 agents, they think for half a minute between questions", None, None, 30),
        ("60 agents, sessions of about 25 turns, every tool call returns 3k tokens", 25, 3000, None),
        ("Each conversation has 12 messages, 500 people", 12, None, None),
        ("Users pause for 20 seconds before their next question, 10 turns per chat", 10, None, 20),
        ("90 s of think time between turns, 120 sessions open", None, None, 90),
        ("The tools take 6 s each; 40 steps per task, 50 coding agents", 40, None, 6),
        ("120 sessions, 400 new tokens per turn, 2 min between turns", None, 400, 120),
        ("40 Coding-Agenten, 30 Runden je Sitzung, 8 s Pause zwischen den Runden", 30, None, 8),
        ("20 Coding-Agenten, jedes Werkzeugergebnis hat etwa 2.000 Tokens", None, 2000, None),
        ("40 agents de code, 25 tours par session, 1 500 tokens par tour", 25, 1500, None),
        ("40 agents de code, une pause de 10 s entre les tours", None, None, 10),
        ("50 agentes de programación, 20 turnos por sesión, pausa de 5 s entre turnos", 20, None, 5),
        ("40 agenti di programmazione, 15 turni per sessione, 1000 token per turno", 15, 1000, None),
        ("40 agentes de código, 15 turnos por sessão, 1000 tokens por turno", 15, 1000, None),
        ("40个编程智能体, 每个会话30轮", 30, None, None),
    ],
)
def test_turns_what_they_add_and_pauses(
    text: str, turns: int | None, added: int | None, pause: float | None
) -> None:
    assert said(text, "session_turns", "turn_tokens", "turn_pause_seconds") == {
        "session_turns": turns,
        "turn_tokens": added,
        "turn_pause_seconds": pause,
    }
    assert understand([text]).unread == ()


@pytest.mark.parametrize(
    ("text", "sessions"),
    [
        ("12 devs with 4 agents each, 20 tool calls per task", 48),
        ("40 coding agents all day, 100k context", 40),
        ("25 Claude-Code-like agents", 25),
        ("60 agents, every tool call returns 3k tokens", 60),
        ("50 devs, each with 3 Claude Code agents", 150),
    ],
)
def test_agents_that_are_programs_are_sessions(text: str, sessions: int) -> None:
    assert understand([text]).concurrent_sessions == sessions


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("200 support agents answer tickets with a chatbot", 200),
        ("a call centre with 60 agents, 25 turns per conversation, chatbot suggests answers", 60),
        ("200 support agents, each 20 calls per hour, summarise the calls", 200),
        ("100 travel agents use a chat assistant", 100),
    ],
)
def test_agents_that_are_people_are_users(text: str, users: int) -> None:
    intent = understand([text])

    assert (intent.user_count, intent.concurrent_sessions) == (users, None)


@pytest.mark.parametrize(
    "text",
    [
        "A motor with 30 turns of wire; 20 engineers ask questions about it",
        "it turns 10 documents into summaries, 20 users",
        "3 left turns; the navigation assistant has 2000 users",
        "200 support agents, each 20 calls per hour",
        "5 questions per agent per day, 100 agents",
        "100 sessions with 5 requests per minute",
        "a graph with 5000 nodes, 30 users ask an LLM about it",
        "server with 512 GB RAM and 4 L40S, Qwen3-32B, how many users?",
        "it is a low-effort setup for 20 people with a chatbot",
        "a load balancer in front, 200 users chat",
        "first token within 2 s, 20 at once, Qwen3-32B",
        "answers within 5 s after each question, 100 users",
        "draft contracts for 20 lawyers",
        "the same document is read by 30 users",
    ],
)
def test_words_of_other_senses_fill_none_of_these_fields(text: str) -> None:
    fields = (
        "session_turns", "turn_tokens", "turn_pause_seconds", "shared_prompt_tokens", "routing", "host_cache_gib", "speculation",
        "draft_tokens", "reasoning_effort", "first_answer_ms", "node_count", "gpus_per_node", "expert_parallel",
    )  # fmt: skip

    assert set(said(text, *fields).values()) == {None}


@pytest.mark.parametrize(
    ("text", "shared", "prompt"),
    [
        ("A shared system prompt of 30,000 tokens, then 500 of our own, 20 rps, Qwen3-32B", 30_000, 30_500),
        ("System prompt 4k, question 300 tokens, 5 rps with llama-3.1-8b", 4000, 4300),
        ("same 20k-token document for everybody, questions of 200 tokens, 10 rps", 20_000, 20_200),
        ("prompts of 12k tokens, of which 8k are the same, 5 rps, Qwen3-32B", 8000, 12_000),
        ("12k-token prompts, 10k tokens of them are shared, 5 rps", 10_000, 12_000),
        ("a 4k system prompt plus 500 tokens of question, 5 rps, Qwen3-32B", 4000, 4500),
        ("system prompt and tool definitions of 15,000 tokens, user messages are 250 tokens", 15_000, 15_250),
        ("The prompt is 600 tokens with a shared prefix of 8,000 tokens before it, 5 rps", 8000, 8600),
        ("system prompt of 6k tokens, 20 rps, llama 3.1 8b", 6000, None),
        ("Gemeinsamer Systemprompt von 6.000 Tokens, Fragen 300 Tokens, 10 Anfragen pro Sekunde", 6000, 6300),
        (
            "prompt système commun de 8000 tokens, questions de 200 tokens, 10 requêtes par seconde",
            8000,
            8200,
        ),
        ("prompt del sistema compartido de 4000 tokens, preguntas de 300 tokens", 4000, 4300),
    ],
)
def test_a_shared_part_belongs_to_the_whole_prompt(text: str, shared: int, prompt: int | None) -> None:
    intent = understand([text])

    assert (intent.shared_prompt_tokens, intent.prompt_tokens) == (shared, prompt)


def test_what_comes_after_a_shared_prompt_is_what_a_turn_adds_in_sessions() -> None:
    intent = understand(["system prompt 4k, questions 300 tokens, 10 turns per chat, 200 users at once"])

    assert (intent.shared_prompt_tokens, intent.turn_tokens, intent.prompt_tokens) == (4000, 300, None)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Qwen3-32B on H100, prefix-aware routing", "routing", "prefix-aware"),
        ("sticky sessions for 100 chats open all day", "routing", "prefix-aware"),
        ("KV-aware router, 40 coding agents", "routing", "prefix-aware"),
        ("round robin over the replicas, 40 coding agents", "routing", "round-robin"),
        ("a plain load balancer, 40 coding agents", "routing", "round-robin"),
        ("no sticky sessions, 40 coding agents", "routing", "round-robin"),
        ("offload KV cache to 200 GB of RAM, 60 coding agents", "host_cache_gib", 200),
        ("LMCache with 512 GB of host memory, 40 coding agents", "host_cache_gib", 512),
        ("we keep 256 GB of RAM for the KV cache, 40 coding agents", "host_cache_gib", 256),
        ("KV offloading to CPU memory, 1 TB per node, 100 sessions", "host_cache_gib", 1000),
        ("Qwen3-32B with fp8 KV cache on 2 H100", "kv_cache", "fp8"),
        ("Llama-3.3-70B bf16, 8-bit KV, 4 H100", "kv_cache", "fp8"),
        ("kv-cache-dtype fp8, gpt-oss-120b on one H100", "kv_cache", "fp8"),
        ("kv cache in bf16, Qwen3-32B-FP8 on L40S", "kv_cache", "bf16"),
        ("KV缓存fp8, Qwen3-32B, 2张H100", "kv_cache", "fp8"),
        ("DeepSeek-R1 on 8 H200 with speculative decoding", "speculation", "auto"),
        ("DeepSeek-V3 with MTP on 8 H200", "speculation", "mtp"),
        ("Llama-3.3-70B with EAGLE-3 on 4 H100", "speculation", "eagle3"),
        ("Qwen3-32B with a draft model on H100", "speculation", "draft-model"),
        ("ngram speculation for 50 devs", "speculation", "ngram"),
        ("Qwen3-32B without speculative decoding on H100", "speculation", "off"),
        ("décodage spéculatif, Llama-3.3-70B sur 4 H100", "speculation", "auto"),
        ("DeepSeek-V3 with MTP, 3 draft tokens, on 8 H200", "draft_tokens", 3),
        ("Llama-3.3-70B with EAGLE-3, num_speculative_tokens 4", "draft_tokens", 4),
        ("mit 4 Entwurfstokens, Llama-3.3-70B auf 4 H100", "draft_tokens", 4),
        ("gpt-oss-120b on high, 20 users at once, H100", "reasoning_effort", "high"),
        ("reasoning effort low, gpt-oss-20b for 300 users", "reasoning_effort", "low"),
        ("gpt-oss-120b with high effort, 100 users, chat", "reasoning_effort", "high"),
        ("medium reasoning effort with gpt-oss-20b", "reasoning_effort", "medium"),
        ("effort de raisonnement élevé, gpt-oss-120b", "reasoning_effort", "high"),
        ("Reasoning-Aufwand niedrig, gpt-oss-120b für 300 Nutzer", "reasoning_effort", "low"),
        ("Qwen3-32B with a budget of 4,000 thinking tokens", "thinking_tokens", 4000),
        ("the first word of the answer, after thinking, within 20 s; Qwen3-32B", "first_answer_ms", 20_000),
        ("time to first answer token under 15 s, DeepSeek-R1, 10 rps", "first_answer_ms", 15_000),
        ("Erstes Wort der Antwort nach dem Nachdenken in 20 s, Qwen3-32B", "first_answer_ms", 20_000),
        ("prefix cache hit rate of 60 %, 10 rps, Qwen3-32B", "prefix_cache_hit_rate", 0.6),
    ],
)
def test_routing_caches_speculation_and_effort(text: str, field: str, value: Any) -> None:
    assert said(text, field)[field] == value


def test_the_format_of_the_cache_is_not_that_of_the_weights() -> None:
    assert said("nvfp4 weights and fp8 kv, DeepSeek-R1 on 8 B200", "precision", "kv_cache") == {
        "precision": "nvfp4",
        "kv_cache": "fp8",
    }


def test_a_format_that_no_cache_is_planned_in_is_named_as_not_used() -> None:
    intent = understand(["DeepSeek-R1 with KV cache in int4 on 8 H200"])

    assert intent.kv_cache is None
    assert intent.unread == ("KV cache in int4",)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("40 coding agents with 0 turns each", "0 turns a session"),
        ("prefix cache hit rate of 120 %, 10 rps, Qwen3-32B", "prefix cache"),
        ("prompts of 2k tokens of which 8k are shared, 5 rps, Qwen3-32B", "8,000 shared prompt tokens"),
        ("system prompt of 60k tokens, a context of 32k, 5 rps, Qwen3-32B", "60,000 shared prompt tokens"),
        ("PP3 on 16 H100 with Llama-3.1-405B", "3 pipeline stages"),
    ],
)
def test_what_cannot_be_is_asked_about(text: str, about: str) -> None:
    question = understand([text]).question

    assert question is not None and question.kind == "contradiction"
    assert about in question.text
