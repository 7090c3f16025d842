import pytest

from compass.core import InvalidInput
from compass.speculation import methods_of, speculation_for, why_none
from tests.unit.compass.speculation.conftest import model_named


def test_a_model_with_mtp_weights_drafts_with_them() -> None:
    choice = speculation_for(model_named("DeepSeek-R1"), "chatbot_conversational")
    assert choice is not None
    assert (choice.method, choice.draft_tokens, choice.draft_checkpoint) == ("mtp", 1, None)
    # 82 and 88 % of drafts accepted.
    assert choice.accepted_tokens == pytest.approx(1.85)


def test_a_dense_model_drafts_with_a_published_head() -> None:
    choice = speculation_for(model_named("Llama-3.3-70B-Instruct"), "coding_agent")
    assert choice is not None
    assert choice.draft_checkpoint == "RedHatAI/Llama-3.3-70B-Instruct-speculator.eagle3"
    assert 1 < choice.low < choice.accepted_tokens < choice.high <= choice.draft_tokens + 1


def test_a_method_that_a_model_has_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(InvalidInput, match=r"MTP heads for Llama-3.1-8B-Instruct.*eagle3.*ngram"):
        speculation_for(model_named("Llama-3.1-8B-Instruct"), "chatbot_conversational", "mtp")


def test_an_unknown_method_and_an_impossible_length_are_refused() -> None:
    model = model_named("Qwen3-8B")
    with pytest.raises(InvalidInput, match="no method; give auto, off"):
        speculation_for(model, "chatbot_conversational", "medusa")
    with pytest.raises(InvalidInput, match="draft_tokens: 40"):
        speculation_for(model, "chatbot_conversational", "auto", 40)


def test_nothing_is_chosen_where_nothing_drafts_and_it_says_why() -> None:
    model = model_named("phi-4")
    assert speculation_for(model, "chatbot_conversational") is None
    assert "no EAGLE-3 head" in (why_none(model) or "")
    assert why_none(model_named("gpt-oss-120b")) is None


def test_ngrams_draft_for_every_model_and_pay_most_in_summaries() -> None:
    model = model_named("phi-4")
    chat = speculation_for(model, "chatbot_conversational", "ngram")
    summaries = speculation_for(model, "long_document_summarization", "ngram")
    assert chat is not None and summaries is not None
    assert summaries.accepted_tokens > chat.accepted_tokens
    assert chat.basis == "the method in general" and chat.draft_checkpoint is None


def test_off_and_draft_models() -> None:
    model = model_named("Qwen3-32B")
    assert speculation_for(model, "coding_agent", "off") is None
    assert methods_of(model.id) == ("eagle3", "draft-model", "ngram")
    choice = speculation_for(model, "coding_agent", "draft-model")
    assert choice is not None and choice.draft_checkpoint == "Qwen/Qwen3-1.7B"
