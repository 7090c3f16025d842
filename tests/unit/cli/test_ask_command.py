import json

import pytest
from click.testing import CliRunner

from cli.ask import ask
from compass.core import InvalidInput


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("COMPASS_MODEL", "offline")
    monkeypatch.setenv("COMPASS_DATA_DIR", str(tmp_path_factory.getbasetemp() / "ask"))


def test_json_is_one_document_with_the_calls() -> None:
    result = CliRunner().invoke(ask, ["--json", "Translation for 300 users"], catch_exceptions=False)

    document = json.loads(result.stdout)
    assert [call["name"] for call in document["calls"]] == ["map_slo", "plan_replicas"]
    assert document["model"] == "offline engine" and document["intent"]["user_count"] == 300
    assert document["results"][1]["plan_id"] in document["text"]


def test_a_conversation_goes_on_line_by_line_and_later() -> None:
    lines = "Translation for 300 users\nwhat about H200 instead?\n\n"
    result = CliRunner().invoke(ask, [], input=lines, catch_exceptions=False)

    assert "300 users" in result.stdout and "Changed" in result.stdout and "H200" in result.stdout
    identifier = result.stderr.split("--conversation ")[1].split()[0]
    later = CliRunner().invoke(ask, ["--json", "--conversation", identifier, "make it 400 users"])
    assert json.loads(later.stdout)["calls"][0]["arguments"]["user_count"] == 400


def test_nothing_asked_is_refused() -> None:
    with pytest.raises(InvalidInput):
        CliRunner().invoke(ask, ["--json"], input="", catch_exceptions=False)
