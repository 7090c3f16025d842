from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compass.core.token_budget import cut, tokens

QWEN = yaml.safe_load(Path(__file__).with_name("qwen_tokens.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("counted", "text"), QWEN)
def test_the_count_is_near_that_of_a_real_tokenizer(counted: int, text: str) -> None:
    assert 0.9 * counted <= tokens(text) <= 1.35 * counted


def test_over_all_it_counts_rather_too_many() -> None:
    assert sum(tokens(text) for _, text in QWEN) >= sum(counted for counted, _ in QWEN)


@given(st.text(max_size=3000), st.integers(20, 400))
def test_a_cut_text_keeps_its_ends_and_is_no_longer(text: str, most: int) -> None:
    short = cut(text, most)

    assert short == text or (short[:1] == text[:1] and short[-1:] == text[-1:])
    assert tokens(short) <= max(most, 60) or tokens(text) <= most
