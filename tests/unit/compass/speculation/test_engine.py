import pytest

from compass.speculation import engine_config, speculation_for
from tests.unit.compass.speculation.conftest import model_named

EAGLE = (
    '{"method": "eagle3", "model": "RedHatAI/Llama-3.1-8B-Instruct-speculator.eagle3", '
    '"num_speculative_tokens": 3}'
)
DRAFT_MODEL = '{"method": "draft_model", "model": "Qwen/Qwen3-0.6B", "num_speculative_tokens": 3}'


@pytest.mark.parametrize(
    ("model", "method", "written"),
    [
        ("DeepSeek-V3", "mtp", '{"method": "mtp", "num_speculative_tokens": 1}'),
        ("Llama-3.1-8B-Instruct", "eagle3", EAGLE),
        ("Qwen3-4B", "draft-model", DRAFT_MODEL),
        ("phi-4", "ngram", '{"method": "ngram", "num_speculative_tokens": 5, "prompt_lookup_max": 4}'),
    ],
)
def test_a_choice_is_written_as_the_engine_takes_it(model: str, method: str, written: str) -> None:
    choice = speculation_for(model_named(model), "chatbot_conversational", method)
    assert choice is not None and engine_config(choice) == written
