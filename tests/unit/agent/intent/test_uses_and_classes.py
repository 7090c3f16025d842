"""Use cases of agents, extraction and voice beside the older ones, and the experience class that every request has."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "use_case"),
    [
        ("30 people run Claude Code against our own Qwen3-Coder-30B", "coding_agent"),
        ("Cline for the whole dev team, 18 engineers", "coding_agent"),
        ("agentic coding over our repository, 25 developers", "coding_agent"),
        ("2,000 rollouts of an SWE agent with a 7B coder", "coding_agent"),
        ("our coding agents find most of each prompt in the cache", "coding_agent"),
        ("gpt-oss-120b as an autonomous coding assistant in our monorepo", "coding_agent"),
        ("OCR of delivery notes, 12,000 pages a day", "data_extraction"),
        ("classify support mails by department", "data_extraction"),
        ("new scans get a title and tags", "data_extraction"),
        ("extract the amounts from invoices", "data_extraction"),
        ("sentiment of 3 million reviews", "data_extraction"),
        ("anonymise patient letters before they leave the house", "data_extraction"),
        ("e-mails categorised by urgency, 9,000 a day", "data_extraction"),
        ("voice assistant for our cars", "voice_assistant"),
        ("a phone bot that books tables, 40 calls at once", "voice_assistant"),
        ("robot that talks with visitors", "voice_assistant"),
        ("IVR replacement, callers must not wait", "voice_assistant"),
        ("Rechnungen auslesen und verschlagworten", "data_extraction"),
        ("Sprachassistent für unsere Haushaltsgeräte", "voice_assistant"),
        ("KI-Agenten am Code, 20 Entwickler", "coding_agent"),
        ("extraire les montants de factures", "data_extraction"),
        ("un assistant vocal pour nos clients", "voice_assistant"),
        ("clasificar correos por departamento", "data_extraction"),
        ("un asistente de voz para la recepción", "voice_assistant"),
        ("estrazione di dati dalle fatture", "data_extraction"),
        ("un assistente vocale per la hotline", "voice_assistant"),
        ("classificar e-mails por assunto", "data_extraction"),
        ("um assistente de voz para clientes", "voice_assistant"),
        ("发票信息抽取，每天两万张", "data_extraction"),
        ("语音助手，50路并发", "voice_assistant"),
        ("知识库问答，300个用户", "document_analysis_rag"),
        ("a support chatbot for 300 people", "chatbot_conversational"),
        ("inline code completion for 60 developers", "code_completion"),
        ("pull request review for 40 engineers", "code_generation_detailed"),
        ("newsletter copy for 9 marketers", "content_generation"),
        ("brand voice guide and ad copy for 9 marketers", "content_generation"),
        ("short summaries of phone calls for 80 agents", "summarization_short"),
    ],
)
def test_use_cases(text: str, use_case: str) -> None:
    assert understand([text]).use_case == use_case


@pytest.mark.parametrize(
    ("text", "experience_class", "assumed"),
    [
        ("translate 90,000 documents overnight", "batch", False),
        ("400 million tokens a day with an 8B model, latency does not matter", "batch", False),
        ("120M tokens a day, nobody is waiting", "batch", False),
        ("subtitles for 40 editors, they can wait a few minutes", "deferred", False),
        ("a support chatbot for 300 people", "conversational", True),
        ("code completion for 300 developers", "instant", True),
        ("RAG for 300 people", "interactive", True),
        ("classify e-mails, 9,000 a day", "batch", True),
        ("voice assistant for callers", "instant", True),
        ("Llama 3.3 70B on 4x H100, 50 requests at once", "conversational", True),
        ("Latenz ist egal, 200 Millionen Token am Tag, 7B-Modell", "batch", False),
        ("la latence importe peu, 200 millions de tokens par jour, 7B", "batch", False),
    ],
)
def test_the_class_is_always_filled(text: str, experience_class: str, assumed: bool) -> None:
    intent = understand([text])

    assert intent.experience_class == experience_class
    assert ("experience_class" in {entry.field for entry in intent.assumptions}) == assumed
    assert ("experience_class" in intent.stated()) != assumed


def test_what_is_off_topic_has_no_class() -> None:
    assert understand(["who won the football?"]).experience_class is None


@pytest.mark.parametrize(
    "text",
    [
        "Can two 80GB A100 do a full fine-tuning of Llama 3.1 8B?",
        "How long does pre-training of a 3B model take on 16 H100?",
        "QLoRA training of Mistral 7B on a 3090, possible?",
    ],
)
def test_training_is_another_topic(text: str) -> None:
    assert understand([text]).on_topic is False


def test_serving_what_was_trained_is_not() -> None:
    assert understand(["after the fine-tuning we serve Llama 3.1 8B to 300 users"]).on_topic is True
