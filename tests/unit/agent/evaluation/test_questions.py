"""Questions in the forms in which people ask: compared by their listed fields, and read above a bar."""

from pathlib import Path

import pytest

from agent.evaluation import (
    LabelledQuestion,
    RequestReading,
    RequestScores,
    evaluate_requests,
    open_reader,
    read_requests,
    report_markdown,
)
from agent.evaluation.requests import compare_request
from agent.evaluation.sets import DATA
from agent.intent import Intent, IntentQuestion
from compass.core import InvalidInput

SHARED = Path(__file__).parents[5] / "shared" / "data" / "requests.yaml"
FORMS = {
    "capacity", "concurrency", "batch", "agent", "reasoning", "compare",
    "owning", "multinode", "followup", "language", "vague", "offtopic",
}  # fmt: skip
BAR = 0.5
"""Least share of fields that the rules read rightly."""
QUESTION = LabelledQuestion.model_validate(
    {
        "id": "capacity-two-l40s",
        "text": "and with 2 L40S?",
        "history": ["Does Qwen3-32B fit?"],
        "expect": {
            "gpu_count": 2,
            "preferred_models": {"has": ["qwen3-32b"]},
            "use_case": "chatbot_conversational",
            "question": False,
        },
    }
)


def test_every_form_is_in_the_set_and_no_id_twice() -> None:
    questions = [entry for entry in read_requests() if isinstance(entry, LabelledQuestion)]

    assert {entry.form for entry in questions} == FORMS
    assert len({entry.id for entry in questions}) == len(questions)


@pytest.mark.parametrize(
    "path",
    [
        DATA / "questions.yaml",
        pytest.param(
            SHARED,
            marks=pytest.mark.skipif(
                not SHARED.exists(), reason="the examples of requests are not beside this checkout"
            ),
        ),
    ],
    ids=lambda path: path.name,
)
async def test_the_rules_stay_above_the_bar(path: Path) -> None:
    async with open_reader("offline") as (name, read):
        scores = await evaluate_requests(read, read_requests(path), RequestScores(name))

    assert scores.field_share >= BAR, scores.mistakes


def test_only_listed_fields_count() -> None:
    scores = RequestScores()
    asked = IntentQuestion(kind="missing", text="How many people?")
    found = Intent(gpu_count=2, preferred_models=("Qwen3 32B",), user_count=5, question=asked)
    compare_request(scores, QUESTION, found)

    assert (scores.fields.total(), scores.fields_right.total(), scores.right) == (4, 2, 0)
    assert scores.mistakes == [
        ("and with 2 L40S?", "use_case", "chatbot_conversational", "None"),
        ("and with 2 L40S?", "question", "False", "True"),
    ]
    assert scores.confusion == {("chatbot_conversational", "None"): 1}


async def test_the_report_counts_by_form() -> None:
    async def read(texts: object) -> RequestReading:
        assert texts == ("Does Qwen3-32B fit?", "and with 2 L40S?")
        return RequestReading(intent=Intent(gpu_count=2, preferred_models=("qwen3-32b",)))

    scores = await evaluate_requests(read, [QUESTION], RequestScores("rules"))

    assert "| capacity | 1 | 0 (0.0%) | 4 | 3 (75.0%) |" in report_markdown(scores, [])


async def test_a_question_that_is_not_answered_is_wrong_in_every_field() -> None:
    async def read(texts: object) -> RequestReading:
        return RequestReading(fault="gone")

    scores = await evaluate_requests(read, [QUESTION], RequestScores("qwen"))

    assert (scores.field_share, scores.right, scores.fields.total()) == (0, 0, 4)


@pytest.mark.parametrize(
    "text",
    [
        "- {id: capacity-x, text: y, expect: {gpus: 2}}",
        "- {id: capacity-x, text: y, expect: {gpu_count: {least: 2}}}",
        "- {id: capacity-x, text: y, expect: {}}",
        "- {id: capacity-x, expect: {gpu_count: 2}}",
        "- {id: capacity, text: y, expect: {gpu_count: 2}}",
        "- {id: capacity-x, text: y, before: [z], expect: {gpu_count: 2}}",
    ],
)
def test_a_wrong_entry_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"--requests: set\.yaml: entry 0"):
        read_requests(path)
