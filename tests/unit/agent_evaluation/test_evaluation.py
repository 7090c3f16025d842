"""The set is well-formed, the scores count what they say, and the offline engine stays above the bar."""

from pathlib import Path

import pytest

from agent.evaluation import evaluate_conversations, evaluate_requests, labelled, markdown, scripts
from agent.evaluation.requests import Labelled, RequestScores, compare
from agent.evaluation.requests import evaluate_requests as evaluate
from agent.request import read_request
from agent.types import Intent
from tools.specs import TOOLS
from tools.toolbox import Toolbox


async def offline(texts: list[str]) -> tuple[Intent, str]:
    return await read_request(texts, "offline")


def test_the_set_is_large_and_nothing_stands_in_it_twice() -> None:
    entries = labelled()

    assert len(entries) >= 120
    assert len({entry.say for entry in entries}) == len(entries)
    assert {entry.expect.get("use_case") for entry in entries} >= set(
        Intent.model_fields["use_case"].annotation.__args__[0].__args__  # type: ignore[union-attr]
    )
    assert len(scripts()) >= 15
    assert {name for script in scripts() for turn in script.turns for name in turn.tools} <= {
        spec.name for spec in TOOLS
    }


async def test_the_offline_engine_stays_above_the_bar() -> None:
    scores = await evaluate_requests(offline, labelled())

    assert scores.field_share >= 0.97 and scores.request_share >= 0.92, scores.mistakes


async def test_conversations_call_their_tools_and_state_their_facts(toolbox: Toolbox) -> None:
    found = await evaluate_conversations(toolbox, "offline", scripts())

    assert [(score.name, score.missed) for score in found if score.missed] == []
    assert [(score.name, score.unsupported) for score in found if score.unsupported] == []


def test_what_was_not_said_and_is_read_all_the_same_is_a_mistake() -> None:
    scores = RequestScores()
    compare(scores, Labelled(("x",), {"user_count": 5}), Intent(user_count=5, ttft_ms=300))

    assert (scores.right, scores.field_share) == (0, 0.5)
    assert scores.mistakes == [("x", "ttft_ms", "None", "300.0")]


def test_a_gpu_is_the_same_by_any_of_its_names() -> None:
    scores = RequestScores()
    label = Labelled(("x",), {"preferred_gpu_types": ["h100"], "preferred_models": ["llama 3.3 70b"]})
    compare(
        scores,
        label,
        Intent(preferred_gpu_types=("H100",), preferred_models=("meta-llama/Llama-3.3-70B-Instruct",)),
    )

    assert scores.right == 1


def test_a_label_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text('- {say: ["chat"], expect: {usecase: chat}}\n')
    with pytest.raises(ValueError, match="usecase"):
        labelled(path)


async def test_the_report_shows_the_mistakes() -> None:
    scores = await evaluate(offline, [Labelled(("chatbot for 5 users",), {"use_case": "translation"})])

    text = markdown(scores, [])
    assert "0 requests (0.0%)" in text and "chatbot for 5 users" in text and "translation" in text
