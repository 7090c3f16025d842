"""Fields in other words than the rules were first written for: uses, reasoning, counts, formats, questions, topics."""

import pytest

from agent.intent import understand

USES = [
    ("An assistant that answers our tenants' WhatsApp questions, 3,000 flats", "chatbot_conversational"),
    (
        "60 pull requests an hour get reviewed by agents over the whole repository with Qwen3-Coder-30B",
        "coding_agent",
    ),
    ("200k CVs to be scored against a job ad, 8B", "data_extraction"),
    ("Drive-through ordering by speech, 90 lanes, Llama 3.1 8B", "voice_assistant"),
    ("ask questions to 40,000 scanned municipal decrees, 120 clerks", "document_analysis_rag"),
    ("Each night 12,000 radiology reports become ICD codes, Qwen3-14B", "data_extraction"),
    ("subtitles for 900 films from Korean to French", "translation"),
    ("private Copilot with inline suggestions for 70 devs", "code_completion"),
    ("Cline and Roo Code for 15 engineers against a local model", "coding_agent"),
    ("condense 500-page tender files to two pages, 30 buyers", "long_document_summarization"),
    ("A guest-facing concierge in 40 hotels, text only, Mistral Small 24B", "chatbot_conversational"),
    ("Aider sessions for nine developers over a big monorepo", "coding_agent"),
    ("Pull supplier, date and total from 90,000 scanned bills", "data_extraction"),
    ("Emergency line: callers talk to it, 25 lines", "voice_assistant"),
    ("our manuals, 12k PDFs, technicians ask, answers cite the page", "document_analysis_rag"),
    ("sort 3 million support mails by topic, 8B", "data_extraction"),
    ("manga from Japanese to English, 2,000 chapters a day", "translation"),
    ("Tab suggestions in VS Code, 250 programmers", "code_completion"),
    ("OpenHands fixing 400 issues in parallel with Devstral", "coding_agent"),
    ("board packs of 300 pages boiled down to one, 15 directors", "long_document_summarization"),
    ("five bullet points for every support ticket, 20k tickets a day", "summarization_short"),
    ("precedent research for 80 barristers", "research_legal_analysis"),
    ("product descriptions for 30,000 articles in our shop", "content_generation"),
    ("our own ChatGPT for 2,000 civil servants", "chatbot_conversational"),
    ("Sprachassistent im Auto, 7B, eine Orin", "voice_assistant"),
    ("Mahnungen aus 200.000 E-Mails herausfiltern, Qwen3-8B", "data_extraction"),
    ("Assistant téléphonique pour 30 cabinets médicaux", "voice_assistant"),
    ("Agentes que programan para 20 desarrolladores con Qwen3-Coder-30B", "coding_agent"),
    ("Estrarre i dati da 50.000 bollette, modello 8B", "data_extraction"),
    ("给200名程序员做代码补全，用Qwen2.5-Coder-7B", "code_completion"),
    ("Claude Code replacement for 30 devs, GLM-4.6", "coding_agent"),
    ("toxicity check on every forum post, 50 a second", "data_extraction"),
    ("NPCs that chat with 3,000 players", "chatbot_conversational"),
]
REASONING = [
    ("Qwen3-32B, /no_think, 10 rps, L40S count?", False),
    ("gpt-oss-120b reasoning: high, 40 analysts", True),
    ("DeepSeek-R1 for 30 researchers, let it ponder as long as it wants", True),
    ("Qwen3-8B non-thinking, 100 rps, which card", False),
    ("Must answer straight away, chain of thought switched off, gpt-oss-20b for 200 users", False),
    ("thinking traces run to 12k tokens, QwQ-32B on 2 H100, 8 users", True),
    ("enable_thinking: false, Qwen3-14B, 20 rps, L4?", False),
    ("Qwen3-32B in thinking mode for 25 physicists", True),
    ("Magistral Small, reasoning traces of 6k tokens, 12 users", True),
    ("we only want the answer, none of that thinking; Qwen3-8B, 60 rps", False),
    ("reasoning_effort=high with gpt-oss-20b, 5 rps", True),
    ("reasoning_effort=none, glm-4.6, 5 rps", False),
    ("Qwen3-235B-A22B ohne Denkmodus für 80 Leute", False),
    ("gpt-oss-120b avec raisonnement poussé pour 20 juristes", True),
    ("Qwen3-32B sin razonamiento, 10 peticiones por segundo", False),
    ("QwQ-32B, it thinks for 4,000 tokens before it says anything, 6 people", True),
    ("Kimi-K2-Thinking for 40 engineers on H200, how many?", True),
]
COUNTS = [
    ("How sluggish would gpt-oss-120b be on a pair of H100 with 60 people typing?", 2),
    ("There's a spare A100 40GB in the rack. Would Mistral Small 24B be a waste of it?", 1),
    ("llama 3.3 70b awq, 2x4090, stuck at 9 t/s. am i missing something", 2),
    ("p4d.24xlarge until December, Qwen2.5-72B in bf16. What sort of traffic before TTFT goes past 3 s?", 8),
    ("Where's the knee of the curve for Llama 3.1 8B on an L4?", 1),
    ("Could 40 students hammer one L40S running Qwen3-8B without it melting", 1),
    ("we're stuck with 6 T4. make the best of it for a 14B please", 6),
    ("Hand me the numbers: DeepSeek-R1 on 16 H100, 4k in, 1k out, 200 in flight.", 16),
    ("Does prefix caching rescue two L4 that serve Llama 3.1 8B to 80 people?", 2),
    ("Unsere vier L40S langweilen sich. Was geht da mit gpt-oss-120b?", 4),
    ("Nos deux H100 saturent avec Llama 3.3 70B à 80 utilisateurs, c'est normal ?", 2),
    ("¿A cuánta gente puedo atender con una L40S y Mistral Small 24B?", 1),
    ("Fin dove arrivo con due L40S e Qwen3-32B?", 2),
    ("8卡H100跑DeepSeek-V3，吞吐能到多少？", 8),
    ("单张5090能支持多少并发？模型Qwen3-14B", 1),
    ("Two of the eight H100 in our DGX are mine. Llama 3.3 70B fp8, what context?", 2),
    ("thinking traces run to 12k tokens, QwQ-32B on 2 H100, 8 users", 2),
    ("3 boxes, 4x L40S in each, Qwen3-32B: how many users?", 12),
    ("dual 3090 rig, 70B q4, speed?", 2),
    ("quad A6000 workstation, Mixtral 8x22B awq, fits?", 4),
    ("a couple of L4, Qwen3-8B, how many chats?", 2),
    ("half a DGX H100, gpt-oss-120b, how many users?", 4),
    ("H100*4, Llama 3.3 70B, max context", 4),
    ("5 servers with two L40S apiece, Qwen3-14B: rps?", 10),
    ("ein Server mit acht H200, DeepSeek-R1, wie viele Anfragen?", 8),
    ("deux noeuds de 8 H100, DeepSeek-R1, quel débit ?", 16),
    ("(4) RTX A5000 24GB, 32B awq, usable?", 4),
    ("Qwen3-30B-A3B, one 4090, twenty of us. Grin or groan?", 1),
    ("vLLM says 'Maximum concurrency 3.2x' for Llama 3.3 70B fp8 at 128k on 2 H100. Is that all I get?", 2),
    ("Gemma 3 27B for 12 nurses, workstation with two RTX 6000 Ada. OK?", 2),
    ("1M records, 400 tokens each, labels only, 4x L4. Through by Monday?", 4),
    ("need 60 tok/s per user from an H100 with gpt-oss-120b, up to how many users is that true", 1),
    ("What breaks first on 8x A100 80GB with 500 chats of Llama 3.3 70B, memory or compute?", 8),
    ("Can't get past 32k with Qwen3-32B on an A100 40GB. Bug or physics?", 1),
    ("I can borrow one H200 for a week: 5 million tweets, sentiment, 8B. Enough time?", 1),
    ("Lohnt es sich, auf einer 3090 ein 32B-Modell für fünf Leute laufen zu lassen?", 1),
    ("Combien de tokens par seconde sur deux L40S avec Mistral Small 24B ?", 2),
    ("Tengo ocho A100 de 40 GB, ¿entra DeepSeek-V3?", 8),
    ("Quanto contesto regge Qwen3-32B su una H100?", 1),
    ("四张L40S上线Qwen3-32B，首字延迟大概多少？", 4),
    ("MI300X (one of them), Mixtral 8x22B fp16: does it go in?", 1),
    ("Honest opinion on running GLM-4.6 from 4 RTX PRO 6000?", 4),
    ("How long must 30 people wait if they all ask one L4 with Llama 3.1 8B together?", 1),
    ("TP=2, DP=4, Llama 3.3 70B on eight H100, rps?", 8),
    ("We have 8 H100.", 8),
    ("Qwen 3 Coder Next 4bit on 2x R9700", 2),
    ("a fine tune of llama 3.1 8b, one L4, 20 chats?", 1),
]
FORMATS = [
    ("llama 3.3 70b awq, 2x4090, stuck at 9 t/s. am i missing something", "int4"),
    ("Llama-3.3-70B as an 8-bit float on 2 H100, max context?", "fp8"),
    ("Q4_K_M of Qwen3-32B with llama.cpp on a 3090, tok/s?", "int4"),
    ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic on 2 L40S, fits?", "fp8"),
    ("DeepSeek-R1 in its native FP8 on 8 H200, ok?", "fp8"),
    ("W4A16 Mistral Small 24B, one L4?", "int4"),
    ("full weights, nothing quantised: Qwen3-14B on an L40S, how many users", "bf16"),
    ("GPTQ 8 bit Qwen2.5-72B, 2x A100 80GB", "int8"),
]
ENGINES = [
    ("Q4_K_M of Qwen3-32B with llama.cpp on a 3090, tok/s?", "llama.cpp"),
    ("sglang 0.5 on 8 H200, DeepSeek-V3, tp 8", "sglang"),
    ("with --tensor-parallel-size 4 on vllm, Qwen3-235B on 4 H200?", "vllm"),
    ("text-generation-inference on one L4, Mistral 7B", "tgi"),
]
DEGREES = [
    ("sglang 0.5 on 8 H200, DeepSeek-V3, tp 8", 8),
    ("with --tensor-parallel-size 4 on vllm, Qwen3-235B on 4 H200?", 4),
    ("TP=2, DP=4, Llama 3.3 70B on eight H100, rps?", 2),
]
TOPICS = [
    ("What's the best GPU for Blender renders?", False),
    ("Explain transformers to a ten-year-old.", False),
    ("Draft an apology mail to my landlord, 200 words.", False),
    ("How many epochs for a LoRA on 2 A100?", False),
    ("We serve our own fine tune of Qwen3-8B, 40 rps, how many L4?", True),
    ("Train a 7B on 8 H100, how long?", False),
    ("Which graphics card for Cyberpunk in 4K?", False),
    ("Give me a pasta recipe.", False),
    ("Is Bitcoin mining on an A100 profitable?", False),
    ("who won the league in 1998", False),
    ("Translate 'good morning' into Greek", False),
    ("Compose a birthday poem for Anna", False),
    ("SDXL on a 4090: images per minute?", False),
    ("How do I install CUDA on Ubuntu?", False),
    ("a fine tune of llama 3.1 8b, one L4, 20 chats?", True),
]
QUESTIONS = [
    ("How many GPUs do I need?", True),
    ("We have 8 H100.", True),
    ("Chatbot, Llama 3.3 70B, minus 40 users", True),
    ("private AI for our ministry, where do we begin?", True),
    ("TTFT of 500 ms, total 200 ms, Qwen3-8B, 10 rps", True),
    ("5 GPUs with tensor parallel 8 for Qwen3-235B", True),
    ("20 rps of Qwen3-8B, 1k in 100 out", False),
    ("16 H100 are ordered, or is it 32 H100? DeepSeek-R1, how many users?", True),
    ("L40S", True),
]


@pytest.mark.parametrize(("text", "expected"), USES)
def test_the_use(text: str, expected: str) -> None:
    assert understand([text]).use_case == expected


@pytest.mark.parametrize(("text", "expected"), REASONING)
def test_whether_it_may_think(text: str, expected: bool) -> None:
    assert understand([text]).reasoning is expected


@pytest.mark.parametrize(("text", "expected"), COUNTS)
def test_how_many_gpus(text: str, expected: int) -> None:
    assert understand([text]).gpu_count == expected


@pytest.mark.parametrize(("text", "expected"), FORMATS)
def test_the_format(text: str, expected: str) -> None:
    assert understand([text]).precision == expected


@pytest.mark.parametrize(("text", "expected"), ENGINES)
def test_the_engine(text: str, expected: str) -> None:
    assert understand([text]).engine == expected


@pytest.mark.parametrize(("text", "expected"), DEGREES)
def test_the_degree(text: str, expected: int) -> None:
    assert understand([text]).tensor_parallel == expected


@pytest.mark.parametrize(("text", "expected"), TOPICS)
def test_what_is_about_serving(text: str, expected: bool) -> None:
    assert understand([text]).on_topic is expected


@pytest.mark.parametrize(("text", "asked"), QUESTIONS)
def test_what_is_asked_back(text: str, asked: bool) -> None:
    assert (understand([text]).question is not None) is asked


@pytest.mark.parametrize(
    "text",
    [
        "overnight, no user in sight: 5M rows, Qwen3-4B",
        "all offline, 350M tokens a day, Qwen3-14B",
        "latency is irrelevant to us, 300M tokens per day, Qwen3-14B",
        "nothing urgent, 90M tokens a day, 8B",
        "300 Mio. Token am Tag, keine Eile, Qwen3-14B",
        "300 M de tokens par jour, rien ne presse, Qwen3-14B",
    ],
)
def test_nobody_waits(text: str) -> None:
    assert understand([text]).experience_class == "batch"


@pytest.mark.parametrize(
    "text",
    [
        "the model does not matter, take whatever is best",
        "any model will do",
        "use whichever model fits",
        "das Modell ist egal",
        "peu importe le modèle",
        "qualquer modelo serve",
    ],
)
def test_any_model_may_be_taken(text: str) -> None:
    intent = understand(["Size Llama 3.1 70B for 25 concurrent users on H100", text])

    assert intent.preferred_models == ()
    assert intent.concurrent_requests == 25


def test_kinds_of_price_are_sides() -> None:
    sides = understand(["Spot or reserved H100 for Qwen3-32B at a steady 8 rps?"]).alternatives

    assert [side.pricing for side in sides] == ["spot", "reserved"]


def test_a_model_and_a_size_are_sides() -> None:
    sides = understand(["Qwen3-32B dense or the 30B-A3B when 25 users share one L40S?"]).alternatives

    assert [side.model for side in sides] == ["Qwen/Qwen3-32B", "30b"]


@pytest.mark.parametrize(
    ("text", "gpu"),
    [
        ("ml.g5.2xlarge, Llama 3.1 8B, how many users?", "A10G"),
        ("v620 x2, Qwen3-14B, usable?", "V620"),
        ("What do I get from an H100 with up to 40 users of Qwen3-8B?", "H100"),
        (
            "Half of our 8xH200 node is taken by another team, so 4 are mine. gpt-oss-120b, does it hold?",
            "H200",
        ),
    ],
)
def test_the_gpu_that_is_meant(text: str, gpu: str) -> None:
    assert understand([text]).preferred_gpu_types == (gpu,)
