"""What is asked: what a load needs, what given hardware carries, how alternatives differ; and which figures."""

import pytest

from agent.intent import understand

SIZE = [
    "We have 300 users and would like to run on H100",
    "Could we serve 2,000 customers with Llama 3.1 8B on L4s for less than 3k a month?",
    "How many L40S for Qwen3-14B at 25 requests a second?",
    "Which GPU should I rent for Llama 3.1 8B and 400 users?",
    "What do we need to serve gpt-oss-120b to 2,000 employees?",
    "Smallest number of B200 for DeepSeek-R1 at 3 requests a second?",
    "Chatbot for 1,200 customers on H100",
    "Recommend hardware for a 32B coder and 60 developers.",
    "800 million tokens a day with an 8B, nobody waits. How many L4?",
    "how much vram for mixtral 8x7b and 10 people?",
    "What would you order for 300 lawyers who question contracts?",
    "g6e.xlarge on spot, Qwen3-8B, 20 requests a second: how many of them?",
    "RAG over our wiki for 900 people, anything but A100, 10k a month at most",
    "Spec a server for 25 analysts, Llama 3.3 70B.",
    "kimi k2, what gpus??",
    "Wie viele H100 brauchen wir für Llama 3.3 70B und 500 Nutzer?",
    "Welche Karten brauche ich für 30 Anwälte mit einem 70B-Modell?",
    "Combien de L40S pour Qwen3-32B et 200 utilisateurs ?",
    "De quel matériel a-t-on besoin pour 80 juristes ?",
    "¿Cuántas H100 necesito para 600 usuarios con Llama 3.3 70B?",
    "Quante L40S servono per 300 utenti con Qwen3-14B?",
    "Quantas H200 precisamos para 900 usuários com gpt-oss-120b?",
]
CAPACITY = [
    "What would two more H100s bring us? Currently 2 of them run Llama 3.3 70B int8.",
    "Qwen3-14B on a 24GB card, does it fit?",
    "Does 96 GB of VRAM suffice for gpt-oss-120b at full context?",
    "Kann eine RTX 4090 ein 32B-Modell in 4 Bit bedienen?",
    "Temos duas A6000, dá para rodar um 70B em 4 bits?",
    "GLM-4.6 in NVFP4 or AWQ on 4x RTX PRO 6000, whichever fits. How many users can I expect?",
    "How many tokens per second will Qwen3-14B give me on 2 L4 with 8 concurrent requests?",
    "will gpt-oss-20b fit on one RTX PRO 6000 for 12 users",
    "longest context of Qwen3-32B fp8 on 2xL40S",
    "4x A100 80GB, Llama 3.3 70B in int8. How many people at once?",
    "I have two 4090s. What can I get out of Qwen3-32B?",
    "Is a single L4 enough for Qwen3-8B with 10 users?",
    "Can 3 L40S get through 90,000 invoices tonight with Qwen3-14B?",
    "How long does an HGX H200 take for 2 million summaries with a 70B?",
    "Our box has eight A100 40GB. Does DeepSeek-R1 run on it?",
    "DGX H200 with Qwen3-235B-A22B, TTFT under 2 s: highest request rate?",
    "one H100, Llama 3.1 8B, 64 in parallel, how slow does it get?",
    "Maximum concurrency for Mistral Small 24B on an L40S?",
    "What is the best way to split 4 H100 for Llama 3.3 70B?",
    "my 3090 and Qwen3-14B AWQ: biggest context?",
    "p5.48xlarge, gpt-oss-120b: is 128k context feasible?",
    "With 2 H200 in the lab, which model can we run for 50 researchers?",
    "how many users can Qwen3-8B serve before it falls over?",
    "Where does it break: 2x L40S, Qwen3-32B, 40 calls at once?",
    "We own 6 V100 32GB. Any use for a 30B model?",
    "Reichen zwei L40S für Qwen3-32B und 40 Nutzer?",
    "Passt Llama 3.3 70B in fp8 auf eine H100?",
    "Wie viele Nutzer schafft eine L4 mit einem 8B-Modell?",
    "Est-ce que Qwen3-32B tient sur une L40S ?",
    "Combien d'utilisateurs avec deux H100 et Llama 3.3 70B ?",
    "¿Cabe Llama 3.3 70B en dos A100 80GB?",
    "¿Cuántos usuarios aguantan dos L40S con Qwen3-14B?",
    "Basta una L40S per Qwen3-14B e 30 utenti?",
    "Quantos usuários aguenta uma H100 com Llama 3.1 8B?",
    "一张H100能跑Llama-3.3-70B吗？最长上下文是多少？",
    "两张4090部署Qwen3-32B的AWQ版，最大并发是多少？",
]
COMPARE = [
    "Torn between H100 and L40S, 80 users of Llama 3.1 8B",
    "Would a single B200 replace four H100 for Qwen3-32B?",
    "PCIe A100 40 GB vs SXM A100 80 GB for Qwen3-14B throughput?",
    "DGX Station or two RTX PRO 6000 for gpt-oss-120b, 12 researchers",
    "LMDeploy against vLLM on 2xA800, Qwen2.5-72B AWQ",
    "Is an H100 cheaper on AWS or on Lambda Labs for Qwen3-32B?",
    "H100 or H200 for Llama 3.3 70B at 12 requests a second?",
    "A100 80GB versus L40S for Qwen3-32B, 200 users",
    "Compare MI300X and H200 for DeepSeek-R1.",
    "Is the H200 worth the extra over the H100 for gpt-oss-120b?",
    "Qwen3-32B or Llama 3.3 70B on two H100, which gives more tokens per second?",
    "vLLM or SGLang for Qwen3-235B-A22B on 8 H200?",
    "fp8 or AWQ for Llama 3.3 70B on 2 L40S?",
    "On an L40S, 8B and 14B and 32B side by side please.",
    "Would you rather buy 8 L40S or 2 H100 for Qwen3-32B?",
    "difference between 4x L4 and 1x L40S for Mistral Small 24B",
    "Lieber H100 oder L40S für Qwen3-32B?",
    "H100 ou H200 pour Llama 3.3 70B ?",
    "¿Mejor H100 o L40S para Qwen3-32B?",
    "Conviene H100 o H200 per Llama 3.3 70B?",
    "H100 ou L40S para Qwen3-32B, qual compensa?",
    "H100和H200哪个更好？跑Llama-3.3-70B",
]


@pytest.mark.parametrize("text", SIZE)
def test_what_a_load_needs(text: str) -> None:
    assert understand([text]).goal == "size"


@pytest.mark.parametrize("text", CAPACITY)
def test_what_hardware_carries(text: str) -> None:
    assert understand([text]).goal == "capacity"


@pytest.mark.parametrize("text", COMPARE)
def test_how_alternatives_differ(text: str) -> None:
    intent = understand([text])

    assert intent.goal == "compare"
    assert len(intent.alternatives) > 1


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Will Qwen3-32B fit on an L40S?", "fits"),
        ("Longest context of Qwen3-32B on 2 L40S?", "max_context"),
        ("How many users at once on one H100 with Llama 3.1 8B?", "concurrency"),
        ("How many tokens per second does Qwen3-8B give on an L4?", "throughput"),
        ("How fast is the first token of Qwen3-32B on 2 H100 at 20 parallel requests?", "latency"),
        ("How long does a DGX H100 need for a million summaries with an 8B?", "duration"),
        ("What does it cost to run Llama 3.3 70B for 200 users?", "cost"),
        ("2 L40S here. Which model should I run for 30 people?", "model"),
        ("Best use of my 4 H100 for Qwen3-32B?", "arrangement"),
    ],
)
def test_which_figure_is_asked(text: str, asked: str) -> None:
    assert asked in understand([text]).asked


@pytest.mark.parametrize(
    "text",
    [
        "Can two 80GB A100 do the QLoRA fine-tuning of Qwen3-32B?",
        "How long does pre-training a 7B take on 128 H100?",
        "GRPO on 8 H200, is that enough?",
        "Does an RTX 5090 run games at 4K with ray tracing?",
        "Which GPU for training a 3B from scratch?",
        "Wie lange dauert das Fine-Tuning von Llama 3.1 8B auf einer H100?",
    ],
)
def test_training_and_games_are_no_serving(text: str) -> None:
    assert understand([text]).on_topic is False


@pytest.mark.parametrize(
    "text",
    [
        "Serve our fine-tuned Llama 3.1 8B to 300 users on L40S",
        "A training assistant for 200 new employees",
        "chatbot over our training material, 500 users",
        "20 LoRA adapters on one H100, how many requests a second can we serve?",
    ],
)
def test_a_tuned_model_is_served_like_any_other(text: str) -> None:
    assert understand([text]).on_topic is True


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("8 L40S or 2 H100 for Qwen3-32B?", [("L40S", 8), ("H100", 2)]),
        ("2 or 4 L40S for Qwen3-32B, which is better?", [("L40S", 2), ("L40S", 4)]),
        ("compare a p5.48xlarge with a g6e.48xlarge for Llama 3.3 70B", [("H100-SXM", 8), ("L40S", 8)]),
    ],
)
def test_sides_have_their_own_counts(text: str, sides: list[tuple[str, int]]) -> None:
    found = understand([text]).alternatives

    assert [(side.gpu, side.gpu_count) for side in found] == sides


def test_sides_have_their_own_prices() -> None:
    hourly = understand(["H100 at $2.50 an hour or L40S at $1.10 an hour for Qwen3-32B?"]).alternatives
    monthly = understand(
        ["$700 a month for an L4 and $1,300 a month for an L40S, which is better for Qwen3-8B?"]
    )

    assert [side.usd_per_gpu_hour for side in hourly] == [2.5, 1.1]
    assert [side.usd_per_month for side in monthly.alternatives] == [700, 1300]
    assert monthly.budget_usd_per_month is None


def test_sides_share_what_is_said_of_all() -> None:
    vllm, sglang = understand(["vLLM or SGLang for Qwen3-32B fp8 on 2 H100?"]).alternatives

    assert (vllm.engine, sglang.engine) == ("vllm", "sglang")
    assert {(side.gpu, side.gpu_count, side.model, side.precision) for side in (vllm, sglang)} == {
        ("H100", 2, "Qwen/Qwen3-32B", "fp8")
    }


BOX = ["We have two DGX H100 and serve DeepSeek-R1 in fp8. How many requests in parallel?"]
CARDS = ["4x L40S, Qwen3-32B, how many users at once?"]


@pytest.mark.parametrize(
    ("said", "text", "expected"),
    [
        (BOX, "one of the two goes back to the shop", {"goal": "capacity", "gpu_count": 8, "precision": "fp8"}),
        (BOX, "and if we add one more node?", {"gpu_count": 24}),
        (BOX, "what if they are H200?", {"gpu_count": 16, "preferred_gpu_types": ("H200",)}),
        (CARDS, "and with 8?", {"goal": "capacity", "gpu_count": 8, "preferred_gpu_types": ("L40S",)}),
        (CARDS, "and with only 2 of them?", {"gpu_count": 2}),
        (CARDS, "and with H100?", {"goal": "capacity", "gpu_count": 4, "preferred_gpu_types": ("H100",)}),
        (CARDS, "and on one H100?", {"gpu_count": 1, "preferred_gpu_types": ("H100",)}),
        (CARDS, "and in int4?", {"goal": "capacity", "precision": "int4", "gpu_count": 4}),
        (CARDS, "what about gpt-oss-120b?", {"goal": "capacity", "preferred_models": ("openai/gpt-oss-120b",)}),
        (CARDS, "you may take any card", {"goal": "size", "gpu_count": None, "preferred_gpu_types": ()}),
        (CARDS, "How many H100 would I need for 300 users instead?", {"goal": "size", "gpu_count": None}),
        (["Chatbot for 300 people with Qwen3-14B"], "would one L4 be enough?", {"goal": "capacity", "gpu_count": 1, "user_count": 300}),
        (["a 7B on one T4, does it run?"], "and a 13B?", {"model_parameters_b": 13, "gpu_count": 1}),
        (["a 7B on one T4, does it run?"], "and Qwen3-8B?", {"model_parameters_b": None, "preferred_models": ("Qwen/Qwen3-8B",)}),
    ],
)  # fmt: skip
def test_a_follow_up_changes_one_thing(said: list[str], text: str, expected: dict[str, object]) -> None:
    intent = understand([*said, text])

    assert {name: getattr(intent, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Qwen3-14B for 40 users. My L40S costs me $0.90 an hour.", ()),
        ("Qwen3-14B on my L40S, 40 users", ("L40S",)),
    ],
)
def test_a_price_is_no_wish(text: str, wanted: tuple[str, ...]) -> None:
    assert understand([text]).preferred_gpu_types == wanted


@pytest.mark.parametrize(
    ("said", "text", "expected"),
    [
        (CARDS, "we could get 2 more", {"gpu_count": 6}),
        (CARDS, "one card just died", {"gpu_count": 3}),
        (CARDS, "then two of them?", {"gpu_count": 2}),
        (CARDS, "forget the L40S, I take anything", {"goal": "size", "gpu_count": None}),
        (BOX, "and on a single node?", {"gpu_count": 8}),
        (BOX, "and on 3 nodes?", {"gpu_count": 24}),
        (BOX, "and with 4 gpus?", {"gpu_count": 4}),
        (["p4de.24xlarge, Llama 3.3 70B, ok for 60 concurrent users?"], "two of those?", {"gpu_count": 16}),
        (["Wir haben 2 H100, Llama 3.3 70B fp8. Wie viele Nutzer?"], "und mit 4?", {"gpu_count": 4}),
        (["Nous avons 2 H100, Llama 3.3 70B. Combien d'utilisateurs ?"], "et avec 4 ?", {"gpu_count": 4}),
        (["A100 or L40S for Qwen3-14B?"], "and 12 rps?", {"goal": "compare", "requests_per_second": 12}),
    ],
)
def test_hardware_changes_by_follow_ups(said: list[str], text: str, expected: dict[str, object]) -> None:
    intent = understand([*said, text])

    assert {name: getattr(intent, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("said", "text", "gpus"),
    [
        (CARDS, "compare that with 2 H100", [("L40S", 4), ("H100", 2)]),
        (["A100 or L40S for Qwen3-14B?"], "and H200?", [("A100", None), ("L40S", None), ("H200", None)]),
    ],
)
def test_a_later_gpu_becomes_a_side(said: list[str], text: str, gpus: list[tuple[str, int | None]]) -> None:
    intent = understand([*said, text])

    assert intent.goal == "compare"
    assert [(side.gpu, side.gpu_count) for side in intent.alternatives] == gpus
    assert intent.preferred_gpu_types == tuple(gpu for gpu, _ in gpus)


def test_a_gpu_that_is_gone_is_not_counted() -> None:
    assert understand(["One of our eight A100 died. Still enough for Mixtral 8x22B?"]).gpu_count == 7


def test_sides_have_their_own_degree_and_format() -> None:
    degrees = understand(["2x H100 with TP2 or 4x A100 with TP4 for Llama 3.3 70B?"]).alternatives
    formats = understand(["MI355X x 8 MXFP4 vs B200 x 8 NVFP4 for DeepSeek-R1"]).alternatives

    assert [side.tensor_parallel for side in degrees] == [2, 4]
    assert [side.precision for side in formats] == ["mxfp4", "nvfp4"]


def test_clouds_are_sides_too() -> None:
    intent = understand(["Qwen3-32B on an H100: is AWS or Azure cheaper?"])

    assert [side.provider for side in intent.alternatives] == ["aws", "azure"]
    assert intent.provider is None


def test_what_is_both_wanted_and_ruled_out_is_asked_about() -> None:
    question = understand(["Qwen3-32B for 50 users on H100 only, and no H100 please."]).question

    assert question is not None
    assert "H100" in question.text
