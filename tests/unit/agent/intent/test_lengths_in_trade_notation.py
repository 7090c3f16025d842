"""Lengths as the trade writes them, the window apart from the prompt, and thinking apart from the answer."""

import pytest

from agent.intent import understand

BENCH = "Llama 3.3 70B on 4x H100, "


@pytest.mark.parametrize(
    ("text", "prompt", "output"),
    [
        ("ISL 8192 OSL 1024", 8192, 1024),
        ("isl=4096, osl=512", 4096, 512),
        ("8192 ISL / 1024 OSL", 8192, 1024),
        ("ISL/OSL 2048/256", 2048, 256),
        ("10k prompts", 10_000, None),
        ("input 6k output 300", 6000, 300),
        ("4k/300", 4000, 300),
        ("1024 -> 256", 1024, 256),
        ("3500 tokens in, 1500 out", 3500, 1500),
        ("6000 in / 400 out", 6000, 400),
        ("1,900-token prompt, ~120 tokens answer", 1900, 120),
        ("an invoice costs about 4,100 tokens in and 650 out", 4100, 650),
        ("documents of 7,000 tokens", 7000, None),
        ("40 tokens each way", 40, 40),
        ("answers can run to 20,000 tokens", None, 20_000),
        ("outputs are 256 tokens", None, 256),
        ("prompts average 2.2k tokens and completions 180 tokens", 2200, 180),
        ("150 new tokens", None, 150),
        ("max_tokens 700", None, 700),
        ("input length 3000, output length 250", 3000, 250),
        ("prompt 12k, answer 1k", 12_000, 1000),
        ("Eingabe 5.000 Token, Ausgabe 400 Token", 5000, 400),
        ("2 000 tokens en entrée, 300 en sortie", 2000, 300),
        ("3.000 tokens de entrada y 250 de salida", 3000, 250),
        ("1.500 token in ingresso e 200 in uscita", 1500, 200),
        ("4.000 tokens de entrada e 350 de saída", 4000, 350),
        ("输入4000 token，输出500 token", 4000, 500),
        ("Sätze übersetzen, etwa 30 Token je Richtung", 30, 30),
    ],
)
def test_prompt_and_answer(text: str, prompt: int | None, output: int | None) -> None:
    intent = understand([BENCH + text])

    assert (intent.prompt_tokens, intent.output_tokens) == (prompt, output)


@pytest.mark.parametrize("text", ["open 24/7", "from 2025/2026 on", "a 50/50 split", "9/10 of the users"])
def test_other_pairs_are_no_lengths(text: str) -> None:
    intent = understand([f"chatbot for 300 users, {text}"])

    assert (intent.prompt_tokens, intent.output_tokens) == (None, None)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("Qwen3-32B with a 128k window on two H100, does it fit?", 128_000),
        ("Llama 3.3 70B, context 64k, 4x A100 80GB", 64_000),
        ("vllm serve mistral-7b --max-model-len 32768 on an L4", 32_768),
        ("max_model_len=16384 with gemma 3 27b on one H100", 16_384),
        ("I need the whole 128k context of Llama 3.1 8B on a 4090", 128_000),
        ("GLM-4.6 at 200k context on 8x H200", 200_000),
        ("can 262144 tokens be reached with Qwen3-30B-A3B on 2x L40S?", 262_144),
        ("12 sessions at 40K each on two H100, gpt-oss-120b", 40_000),
        ("it stops at 24K of context, I need 96K, Qwen3-14B on a 3090", 96_000),
        ("longest context of Llama 4 Scout on 8x H100? I want at least 1M", 1_000_000),
        ("num_ctx 8192, llama 3.1 8b, T4", 8192),
        ("DeepSeek-R1 mit 64k Kontext auf 8x H200", 64_000),
        ("Kontextfenster von 32k, Qwen3-32B, eine H100", 32_000),
        ("fenêtre de contexte de 128k, Llama 3.3 70B, 4x H100", 128_000),
        ("contexto de 64k con Llama 3.3 70B en 2x H100", 64_000),
        ("finestra di contesto da 32k, Qwen3-32B, una H100", 32_000),
        ("janela de contexto de 128k, Llama 3.3 70B em 4x H100", 128_000),
        ("Qwen3-32B，32k上下文，两张H100能跑吗", 32_000),
    ],
)
def test_the_window(text: str, window: int) -> None:
    intent = understand([text])

    assert (intent.context_tokens, intent.prompt_tokens) == (window, None)


def test_a_short_window_is_the_length_of_requests_too() -> None:
    intent = understand(["40 concurrent users, Llama 3.3 70B, 2k context"])

    assert (intent.context_tokens, intent.prompt_tokens) == (2000, 2000)
    assert any(entry.field == "prompt_tokens" for entry in intent.assumptions)


@pytest.mark.parametrize(
    ("text", "thinking", "output", "reasoning"),
    [
        ("8,000 thinking tokens and answers of 500 tokens", 8000, 500, True),
        ("6k tokens of reasoning before a 300-token answer", 6000, 300, True),
        ("a thinking budget of 4096", 4096, None, True),
        ("it thinks for about 5,000 tokens", 5000, None, True),
        ("reasoning effort high", None, None, True),
        ("let it think", None, None, True),
        ("no reasoning please", None, None, False),
        ("thinking disabled", None, None, False),
        ("think=false", None, None, False),
        ("enable_thinking=False", None, None, False),
        ("without thinking", None, None, False),
        ("in non-thinking mode", None, None, False),
        ("ohne Nachdenken", None, None, False),
        ("mit Reasoning", None, None, True),
        ("sans raisonnement", None, None, False),
        ("sin razonamiento", None, None, False),
        ("senza ragionamento", None, None, False),
        ("sem raciocínio", None, None, False),
        ("不思考", None, None, False),
        ("for 50 users", None, None, None),
    ],
)
def test_thinking(text: str, thinking: int | None, output: int | None, reasoning: bool | None) -> None:
    intent = understand([f"qwen3-32b, {text}"])

    assert (intent.thinking_tokens, intent.output_tokens, intent.reasoning) == (thinking, output, reasoning)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("98% of each prompt sits in the prefix cache", 0.98),
        ("prefix cache hit rate of 0.9", 0.9),
        ("85 % of the prompt is cached", 0.85),
    ],
)
def test_the_prefix_cache(text: str, rate: float) -> None:
    assert understand([f"20 coding agents, {text}"]).prefix_cache_hit_rate == rate


def test_percentiles_in_words() -> None:
    assert understand(["chatbot for 90 users, median first token 200 ms"]).percentile == "p50"
