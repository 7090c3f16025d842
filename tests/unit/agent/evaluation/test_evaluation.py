"""The set is well-formed, the scores count what they say, and the offline engine stays above the bar."""

from pathlib import Path

import pytest

from agent.evaluation import (
    Journal,
    LabelledRequest,
    RequestReading,
    RequestScores,
    evaluate_conversations,
    evaluate_requests,
    open_reader,
    read_requests,
    read_scripts,
    report_markdown,
)
from agent.evaluation.requests import compare_request
from agent.evaluation.sets import DATA
from agent.intent import Intent
from agent.intent.types import IntentAssumption
from compass.core import InvalidInput, Unavailable
from tools.specs import TOOLS
from tools.toolbox import Toolbox


def test_the_set_is_large_and_nothing_stands_in_it_twice() -> None:
    entries = read_requests()

    assert len(entries) >= 120
    assert len({entry.say for entry in entries}) == len(entries)
    assert {entry.use_case for entry in entries} >= set(
        Intent.model_fields["use_case"].annotation.__args__[0].__args__  # type: ignore[union-attr]
    )
    assert len(read_scripts()) >= 15
    assert {name for script in read_scripts() for turn in script.turns for name in turn.tools} <= {
        spec.name for spec in TOOLS
    }


async def test_the_offline_engine_stays_above_the_bar() -> None:
    async with open_reader("offline") as (name, read):
        scores = await evaluate_requests(read, read_requests(DATA / "requests.yaml"), RequestScores(name))

    assert scores.field_share >= 0.97 and scores.request_share >= 0.92, scores.mistakes


async def test_conversations_call_their_tools_and_state_their_facts(toolbox: Toolbox) -> None:
    found = await evaluate_conversations(toolbox, "offline", read_scripts(), [])

    assert [(score.name, score.missed) for score in found if score.missed] == []
    assert [(score.name, score.unsupported) for score in found if score.unsupported] == []


def test_what_was_not_said_and_is_read_all_the_same_is_a_mistake() -> None:
    scores = RequestScores()
    compare_request(scores, LabelledRequest(("x",), {"user_count": 5}), Intent(user_count=5, ttft_ms=300))

    assert (scores.right, scores.field_share) == (0, 0.5)
    assert scores.mistakes == [("x", "ttft_ms", "None", "300.0")]


def test_what_is_always_filled_counts_only_where_it_was_said() -> None:
    scores = RequestScores()
    assumed = IntentAssumption(field="experience_class", value="batch", why="the use case")
    compare_request(
        scores,
        LabelledRequest(("x",), {"user_count": 5}),
        Intent(user_count=5, goal="size", experience_class="batch", assumptions=(assumed,)),
    )
    compare_request(
        scores, LabelledRequest(("x",), {"user_count": 5}), Intent(user_count=5, experience_class="batch")
    )

    assert (scores.right, scores.fields.total(), scores.fields_right.total()) == (1, 3, 2)


def test_a_label_of_two_right_readings_accepts_both_and_no_third(tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text("- {say: [x], expect: {budget_usd_per_month: {one_of: [5000, null]}}}\n")
    scores = RequestScores()
    for budget in (5000, None, 6000):
        compare_request(scores, read_requests(path)[0], Intent(budget_usd_per_month=budget))

    assert (scores.requests, scores.right, scores.fields.total()) == (3, 2, 3)


def test_a_gpu_is_the_same_by_any_of_its_names() -> None:
    scores = RequestScores()
    label = LabelledRequest(("x",), {"preferred_gpu_types": ["h100"], "preferred_models": ["llama 3.3 70b"]})
    compare_request(
        scores,
        label,
        Intent(preferred_gpu_types=("H100",), preferred_models=("meta-llama/Llama-3.3-70B-Instruct",)),
    )

    assert scores.right == 1


def test_a_label_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text('- {say: ["chat"], expect: {usecase: chat}}\n')
    with pytest.raises(InvalidInput, match=r"requests: set\.yaml: entry 0.*usecase"):
        read_requests(path)


@pytest.mark.parametrize("text", ["- {say: [], expect: {}}", "- {say: [a chatbot]}", "nothing", "[", ""])
def test_a_set_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="--requests"):
        read_requests(path)


CHATBOT = LabelledRequest(("chatbot for 5 users",), {"use_case": "chatbot_conversational", "user_count": 5})
WRONG = LabelledRequest(("chatbot for 7 users",), {"use_case": "translation"})


async def test_the_report_shows_the_mistakes() -> None:
    async with open_reader("offline") as (name, read):
        scores = await evaluate_requests(read, [WRONG], RequestScores(name))

    text = report_markdown(scores, [])
    assert "0 requests (0.0%)" in text and "chatbot for 7 users" in text and "translation" in text


async def test_a_request_that_fails_midway_is_counted_and_is_not_the_end() -> None:
    async def read(texts: object) -> RequestReading:
        return next(readings)

    readings = iter(
        [
            RequestReading(fault="qwen stopped answering"),
            RequestReading(intent=Intent(use_case="translation"), tokens=70),
        ]
    )
    scores = await evaluate_requests(read, [CHATBOT, WRONG], RequestScores("qwen"))

    assert (scores.requests, scores.right, scores.tokens) == (2, 1, 70)
    assert scores.faults == [("chatbot for 5 users", "qwen stopped answering")]
    assert scores.field_share == pytest.approx(1 / 3)
    text = report_markdown(scores, [])
    assert "1 not answered" in text and "qwen stopped answering" in text


async def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    asked: list[object] = []

    async def read(texts: object) -> RequestReading:
        asked.append(texts)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return RequestReading(intent=Intent(use_case="chatbot_conversational", user_count=5), tokens=70)

    sets = [CHATBOT, WRONG]
    scores = RequestScores("qwen")
    with pytest.raises(KeyboardInterrupt):
        await evaluate_requests(read, sets, scores, Journal.of(tmp_path, "ollama:qwen", sets))
    assert scores.requests == 1, "what is done can be shown"

    with (next(tmp_path.iterdir())).open("a") as file:
        file.write('["half a li')
    again = await evaluate_requests(
        read, sets, RequestScores("qwen"), journal := Journal.of(tmp_path, "ollama:qwen", sets)
    )
    assert asked == [CHATBOT.say, WRONG.say, WRONG.say] and (again.requests, again.tokens) == (2, 140)
    assert Journal.of(tmp_path, "ollama:qwen", [CHATBOT]).entries == {}, "other sets, another run"
    journal.finish()
    assert list(tmp_path.iterdir()) == []


async def test_faults_are_tried_again(tmp_path: Path) -> None:
    async def read(texts: object) -> RequestReading:
        return next(readings)

    readings = iter([RequestReading(fault="gone"), RequestReading(intent=Intent(use_case="translation"))])
    journal = Journal(tmp_path / "run.jsonl")
    await evaluate_requests(read, [WRONG], RequestScores("qwen"), journal)
    again = await evaluate_requests(read, [WRONG], RequestScores("qwen"), Journal(journal.path))

    assert again.right == 1


async def test_a_model_that_is_not_there_is_not_measured_by_the_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="nothing was evaluated"):
        async with open_reader("ollama:qwen2.5:7b"):
            pass
