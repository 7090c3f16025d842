"""Models that a user adds by their config.json."""

import json
from pathlib import Path

import pytest

from compass.catalog import add_own_model, load_catalog, match_models, own_models, remove_own_model
from compass.core import InvalidInput, NotFound
from compass.core.data_directory import DATA_VARIABLE

CONFIG = {
    "model_type": "qwen3", "hidden_size": 4096, "num_hidden_layers": 36, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 12288, "vocab_size": 151936,
    "max_position_embeddings": 40960, "torch_dtype": "bfloat16",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))


def config(folder: Path, text: str | None = None) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(CONFIG) if text is None else text)
    return path


def test_a_model_is_kept_found_and_forgotten(tmp_path: Path) -> None:
    added = add_own_model("acme/acme-7b", config(tmp_path))

    # Qwen3-8B has 8.2 B parameters (its model card).
    assert added.parameters_b == pytest.approx(8.2, abs=0.1)
    assert [model.id for model in own_models()] == ["acme/acme-7b"]
    catalog = load_catalog.__wrapped__()
    assert [model.id for model in match_models(catalog, "acme/acme-7b")] == ["acme/acme-7b"]
    remove_own_model("acme/acme-7b")
    assert own_models() == ()
    with pytest.raises(NotFound, match="none yet"):
        remove_own_model("acme/acme-7b")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("../evil", None, "no name"),
        ("a", "{", "line 1: not JSON"),
        ("a", "[]", "no object"),
        ("a", "{}", "config.json"),
        ("a", json.dumps(CONFIG | {"is_encoder_decoder": True}), "only decoders"),
    ],
)
def test_what_is_no_model_is_refused_and_nothing_kept(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        add_own_model(name, config(tmp_path, text))
    assert own_models() == ()


def test_without_a_data_directory_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "nowhere"))

    assert own_models() == () and not (tmp_path / "nowhere").exists()
