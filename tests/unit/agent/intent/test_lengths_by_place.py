"""Lengths by their key, as a pair, or by their place: the second length of a request is its answer."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "prompt", "output"),
    [
        ("qps=12 isl=3000 osl=150 model=Qwen3-8B", 3000, 150),
        ("in=512, out=64, qwen3-4b on L4, 20 rps", 512, 64),
        ("in: 1.5k, out: 200, qps: 4", 1500, 200),
        ("rps: 15, input: 1800, output: 200, model: Llama 3.1 8B", 1800, 200),
        ("1x H100 PCIe, Llama-3.1-8B, ISL/OSL 128/128", 128, 128),
        ("Qwen3-14B, input/output lengths: 1024/16, 50 req/s", 1024, 16),
        ("prefill 3000, decode 500, concurrency 16", 3000, 500),
        ("gpt-oss-120b at 1.2k prompt and 350 completion, 4 rps", 1200, 350),
        ("prefix cache hit rate of about 70 percent, 5k prompt, 200 answer", 5000, 200),
        ("40 requests per second with prompts of 2,500 tokens and completions of 500 tokens", 2500, 500),
        ("1,200 prompts a minute, 350 tokens each, verdict of 5 tokens", 350, 5),
        ("1.1M pairs to judge (3k tokens each, verdict 200 tokens), 36 hours", 3000, 200),
        ("15,000 logs to score, 1,800 tokens per log, score is 10 tokens", 1800, 10),
        ("short summaries of 6.8M articles (1,100 tokens avg -> 120), ten days", 1100, 120),
        ("e-mails of about 650 tokens, each to be marked yes/no (call it 4 tokens), overnight", 650, 4),
        ("contract reviews in 12 hours: 15k in, about 8k of thinking, 1k of verdict", 15_000, 1000),
        ("each ticket has 900 tokens, the label is 3 tokens, 200,000 tickets by tomorrow", 900, 3),
        ("1.4M abstracts, 350 tokens apiece, keywords of 20 tokens, one weekend", 350, 20),
        ("20 tokens in, 2000 out, 8 at once", 20, 2000),
        ("In der vollsten Stunde 7.200 Anfragen, Eingabe 900 Token, Antwort 200", 900, 200),
        ("à l'heure de pointe 3 600 requêtes, prompt 1 500 tokens, réponse 250", 1500, 250),
        ("Pro Nacht 150.000 Belege mit je 1.200 Token, Ausgabe 100 Token, 8B auf zwei L4", 1200, 100),
        ("Todas as noites 70 mil boletos, 900 tokens cada, 60 de saída", 900, 60),
        ("Cada noche 90.000 facturas, 1.500 tokens de entrada y 120 de salida", 1500, 120),
        ("每天100万次请求，输入1k，输出100，8B", 1000, 100),
        ("输入4096，输出512，并发32，Qwen3-32B", 4096, 512),
    ],
)
def test_prompt_and_answer(text: str, prompt: int, output: int) -> None:
    intent = understand([text])

    assert (intent.prompt_tokens, intent.output_tokens) == (prompt, output)


@pytest.mark.parametrize(
    ("text", "thinking", "output"),
    [
        ("Ticket routing, 8 calls/s, 1500 in, 30 out (plus maybe 60 of thinking)", 60, 30),
        (
            "including its thinking (about 1,500 tokens) the answer of 300 tokens is there in 12 s, 6 rps",
            1500,
            300,
        ),
        ("contract reviews in 12 hours: 15k in, about 8k of thinking, 1k of verdict", 8000, 1000),
        ("maths tutor, 4 requests a second, 2k of reasoning, then 250 tokens of answer", 2000, 250),
        ("with its reasoning (some 900 tokens), answers of 120 tokens, 5 rps", 900, 120),
    ],
)
def test_thinking_is_apart_from_answers(text: str, thinking: int, output: int) -> None:
    intent = understand([text])

    assert (intent.thinking_tokens, intent.output_tokens) == (thinking, output)
