import pytest

from compass.speculation import find_acceptance, load_acceptance
from compass.speculation.acceptance import LATER, accepted_with, rate_of


def test_every_figure_has_a_source_and_is_possible() -> None:
    data = load_acceptance()
    assert len(data.observations) > 40
    assert all(data.sources[row.source].url.startswith("https://") for row in data.observations)


def test_a_published_figure_is_taken_as_it_is() -> None:
    found = find_acceptance("llama-4-maverick-17b-128e", "eagle3", "code", 3)
    assert found is not None
    assert (found.accepted, found.basis) == (2.94, "this model")
    assert found.low == pytest.approx(1 + 1.94 * 0.8)
    assert "RedHatAI" in found.source


def test_other_lengths_follow_the_rate_of_the_nearest_published() -> None:
    # DeepSeek-R1 with one draft: 82 and 88 % accepted; with two, the second is accepted a little less often.
    found = find_acceptance("deepseek-r1", "mtp", "chat", 2)
    assert found is not None
    by_hand = [1 + rate + rate * rate * LATER for rate in (0.82, 0.88)]
    assert found.accepted == pytest.approx(sum(by_hand) / 2, abs=1e-6)


def test_a_relative_stands_in_for_a_model_and_the_method_for_a_stranger() -> None:
    kin = find_acceptance("llama-4-scout-17b-16e", "eagle3", "code", 3)
    stranger = find_acceptance("minimax-m2.5", "eagle3", "code", 3)
    assert kin is not None and kin.basis == "its family"
    assert stranger is not None and stranger.basis == "the method in general"
    assert stranger.high - stranger.low > kin.high - kin.low


def test_code_is_easier_to_draft_than_summaries() -> None:
    code = find_acceptance("qwen3-8b", "eagle3", "code", 3)
    summaries = find_acceptance("qwen3-8b", "eagle3", "summaries", 3)
    assert code is not None and summaries is not None and code.accepted > summaries.accepted


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_rate_and_the_tokens_of_a_step_are_inverse(rate: float) -> None:
    assert rate_of(accepted_with(rate, 4), 4) == pytest.approx(rate, abs=1e-6)
