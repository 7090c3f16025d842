"""The goal where nobody says "how many do I need" or "does it fit": fragments, idioms, lists, offers, other languages."""

import pytest

from agent.intent import understand

CAPACITY = [
    "Whose answer comes last, and when? One L40S, Qwen3-14B, 25 people press send in the same second.",
    "Boots at 41k, dies at 43k. RTX 4090, Qwen3-14B awq. Is that the wall?",
    "With an A100 in hand, how far do I get with Qwen3-32B?",
    "RTX 4090 + Qwen3-14B: painful or pleasant with three of us?",
    "hours or days? 80,000 letters, Qwen3-8B, the 3090 in my closet",
    "got a pair of A6000. now what",
    "Single H100 PCIe, Llama 3.3 70B in int4. Do I settle for 16k or is 32k in reach?",
    "An L40S sits idle since June. Anything sensible I could serve to 20 colleagues from it?",
    "Mac Studio M2 Ultra, 192GB. Which model would make it sweat?",
    "gpt-oss-20b on an RTX 5090, 14 tok/s for each of 20 people. Am I doing something wrong?",
    "What's left for the cache once Qwen3-32B bf16 sits on an A100 80GB?",
    "We inherited 4 V100 32GB. Scrap them or serve a 14B?",
    "Is 40 tok/s for Llama 3.1 8B on an L4 respectable?",
    "H200, gpt-oss-120b, twelve analysts at the same time: bearable?",
    "8xH100, DeepSeek-V3 int4: when does it fall over?",
    "our g5.12xlarge with Mistral Small 24B chokes at 30 users. Expected?",
    "The smallest slice of an H100 (10GB), Qwen3-4B: how crowded may it get?",
    "7900 XTX, qwen3 14b q4. enough oomph for a family of five?",
    "Our eight L4 do 3 rps of Llama 3.1 8B. Room for more?",
    "Squeezing GLM-4.5-Air onto 2x RTX PRO 6000, realistic?",
    "What would I see as first-token time with Qwen3-32B on 2 H100 and 40 parallel streams?",
    "Zwei 3090 im Schrank. Was lässt sich damit anfangen?",
    "Eine L40S, Qwen3-32B in fp8, 15 Leute gleichzeitig, ist das erträglich?",
    "Wo ist Schluss? H100, Llama 3.3 70B fp8, 8k Kontext.",
    "J'ai récupéré une A100 40 Go. J'en fais quoi pour 30 collègues ?",
    "Une L4 avec Mistral 7B, 12 personnes en même temps, c'est supportable ?",
    "Me han regalado una 4090, ¿qué modelo le meto?",
    "Una A100 80GB con Llama 3.1 8B: ¿dónde está el límite?",
    "Ho una 3090 che prende polvere: quale modello ci metto?",
    "Tenho uma L40S parada. Que modelo rodo para 20 colegas?",
    "手上有两张3090，能玩多大的模型？",
    "一张L40S跑Qwen3-14B，20个人同时用会卡吗？",
]
SIZE = [
    "What would you put in the rack for 60 lawyers and Llama 3.3 70B?",
    "Money no object: hardware for Kimi K2, 300 engineers.",
    "My shopping list for 500 users of gpt-oss-120b, please.",
    "Least iron that keeps 40 rps of Llama 3.1 8B under a second?",
    "900 people, Qwen3-32B, H100 only. The bill?",
    "We settled on H200. 5,000 employees chat with Llama 3.3 70B. Order quantity?",
    "Help me fill in the purchase request: model Qwen3-235B-A22B, 120 analysts.",
    "One rack unit or a whole cage for DeepSeek-R1 and 80 researchers?",
    "a single L4 or a dozen? 5,000 calls an hour to an 8B",
    "L40S count for 30 requests a second of Qwen3-14B",
    "Somebody must tell me what to rent: 250 students, RAG, Llama 3.1 8B.",
    "From zero: we want ChatGPT for 1,500 nurses. Where to start?",
    "is there a card under 3k a month that carries 200 users of Qwen3-14B?",
    "How large a fleet of A10 does 200 rps of Llama 3.1 8B call for?",
    "500 tickets an hour, 1,200 in 200 out, Mistral Small 24B. GPU budget?",
    "Our H100 plan for 2,000 users: what number do I write on the order?",
    "What must we lease to run GLM-4.6 for 90 developers?",
    "Wie groß muss die Kiste sein für Qwen3-32B und 100 Leute?",
    "Was stellt man sich hin für 40 Anwälte und ein 70B?",
    "Was müssten wir bestellen? 300 Nutzer, gpt-oss-120b, H200.",
    "Que faudrait-il louer pour 200 utilisateurs de Llama 3.3 70B ?",
    "Il me faut quoi comme GPU pour 60 avocats et Qwen3-32B ?",
    "¿Qué habría que comprar para 150 médicos con Llama 3.3 70B?",
    "Che macchine prendo per 80 sviluppatori con Qwen3-Coder-30B?",
    "De quantas L4 eu preciso para 50 requisições por segundo do Llama 3.1 8B?",
    "给500名员工部署Qwen3-32B，要配多少张H100？",
    "Two or three of us would sign off on B200. 700 users, Llama 3.3 70B: how big?",
]
COMPARE = [
    "L40S, H100, B200: rank them for gpt-oss-120b by dollars per token.",
    "Make me a table of A10, L4 and L40S for Llama 3.1 8B.",
    "is an RTX PRO 6000 as good as an H100 for Qwen3-32B?",
    "What do I give up by going from bf16 to fp8 on Llama 3.3 70B?",
    "Offer 1: 8 H100 for 240,000 USD. Offer 2: 16 L40S for 160,000 USD. Which for Qwen3-32B?",
    "Spot or reserved H100 for Qwen3-32B at a steady 8 rps?",
    "Same money: 4 L40S or one H200. gpt-oss-120b.",
    "Does SGLang beat vLLM for DeepSeek-R1 on 8 H200?",
    "Qwen3-30B-A3B against Qwen3-32B on an L40S, 20 people: which feels faster?",
    "MI300X instead of H200 for DeepSeek-R1: gain or loss?",
    "Azure or Lambda, where is an H100 for Llama 3.1 8B cheaper?",
    "how do 2 A100 and 1 H100 stack up with Qwen3-32B?",
    "Between a 5090 and an RTX PRO 6000, which one for Qwen3-32B?",
    "We hesitate between gpt-oss-20b and Qwen3-14B for 80 agents of a help desk.",
    "Nimmt man für Llama 3.3 70B besser H100 oder H200?",
    "Worin unterscheiden sich L40S und A100 bei Qwen3-14B?",
    "On hésite entre L40S et A100 pour Qwen3-14B.",
    "¿Qué pierdo si paso de fp8 a AWQ con Llama 3.3 70B?",
    "Che differenza c'è tra H100 e H200 con gpt-oss-120b?",
    "Qual a diferença entre L4 e A10 para Llama 3.1 8B?",
    "L40S和A100相比，跑Qwen3-14B哪个划算？",
]


@pytest.mark.parametrize("text", CAPACITY)
def test_given_hardware_is_asked_what_it_carries(text: str) -> None:
    assert understand([text]).goal == "capacity"


@pytest.mark.parametrize("text", SIZE)
def test_a_load_is_asked_what_it_needs(text: str) -> None:
    assert understand([text]).goal == "size"


@pytest.mark.parametrize("text", COMPARE)
def test_named_alternatives_are_weighed(text: str) -> None:
    assert understand([text]).goal == "compare"
