"""An evaluation of a language model over HTTP: what is its merit, what is not, and what it took."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.evaluation import (
    ConversationScript,
    LabelledRequest,
    RequestScores,
    evaluate_conversations,
    evaluate_requests,
    open_reader,
    read_scripts,
)
from agent.evaluation.conversations import ScriptTurn
from compass.store import Store
from tests.commands import started
from tests.contract.ollama_server import FakeOllama, Reply, serving
from tools.specs import TOOLS
from tools.toolbox import Toolbox

NAME = "ollama:qwen2.5:7b"
SCRIPT = ConversationScript(
    "two", (ScriptTurn("a chatbot for 700 people", ("map_slo", "plan_replicas"), ("700",)),)
)
SLO, PLAN = Reply(calls=[("map_slo", {})]), Reply(calls=[("plan_replicas", {})])


@pytest.fixture
async def ollama(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeOllama]:
    async with serving() as server:
        monkeypatch.setenv("OLLAMA_BASE_URL", server.url)
        server.intent = lambda said: {"use_case": "chatbot_conversational"}
        yield server


async def test_requests_are_read_by_the_model_and_its_tokens_counted(ollama: FakeOllama) -> None:
    entry = LabelledRequest(
        ("a chatbot for 700 people",), {"use_case": "chatbot_conversational", "user_count": 700}
    )
    async with open_reader(NAME) as (name, read):
        scores = await evaluate_requests(read, [entry, entry], RequestScores(name))

    assert scores.model == "qwen2.5:7b (Ollama)" and scores.right == 2
    assert scores.tokens > 1000 and len(ollama.requests) == 2


async def test_what_the_rules_had_to_read_is_said(ollama: FakeOllama) -> None:
    ollama.intent = lambda said: {"use_case": "nonsense"}
    async with open_reader(NAME) as (name, read):
        scores = await evaluate_requests(
            read, [LabelledRequest(("chatbot",), {"use_case": "chatbot_conversational"})], RequestScores(name)
        )

    assert scores.by_rules == 1


async def test_an_answer_of_the_offline_engine_is_no_merit_of_the_model(
    toolbox: Toolbox, ollama: FakeOllama
) -> None:
    ollama.plays(SLO, PLAN, Reply("For 700 people take the balanced option."))
    [good] = await evaluate_conversations(toolbox, NAME, [SCRIPT], [])
    assert (good.missed, good.unsupported, good.turns) == ([], [], 1) and good.tokens > 1000

    ollama.plays(Reply(""), Reply(""))
    [bad] = await evaluate_conversations(toolbox, NAME, [SCRIPT], [])
    assert bad.missed == ["a chatbot for 700 people: the model gave no answer, the offline engine did"]


async def test_an_invented_figure_is_counted(toolbox: Toolbox, ollama: FakeOllama) -> None:
    ollama.plays(SLO, PLAN, Reply("For 700 people take 4711 GPUs at $987,654 a month."))
    [score] = await evaluate_conversations(toolbox, NAME, [SCRIPT], [])

    assert score.unsupported == ["4711 GPUs", "$987,654"]


@pytest.mark.parametrize(
    ("model", "code", "why", "remedy"),
    [
        ("nosuch:model", 2, "nosuch:model cannot be used (Unknown model", "Name another model"),
        ("ollama:nosuch", 4, "Ollama runs but has no nosuch", "`ollama pull nosuch` gets it"),
    ],
)
async def test_a_model_that_cannot_be_used_is_refused_with_what_to_do(
    ollama: FakeOllama, store: Store, data_dir: Path, model: str, code: int, why: str, remedy: str
) -> None:
    done = await asyncio.to_thread(started, data_dir, "eval", "--model", model, OLLAMA_BASE_URL=ollama.url)

    assert done.returncode == code and done.stdout == ""
    assert why in done.stderr and ", so nothing was evaluated. " in done.stderr and remedy in done.stderr
    assert "offline engine" not in done.stderr


def test_an_ollama_that_does_not_run_is_named(store: Store, data_dir: Path) -> None:
    done = started(data_dir, "eval", "--model", NAME, OLLAMA_BASE_URL="http://127.0.0.1:9")

    assert done.returncode == 4
    assert done.stderr == (
        "Ollama at http://127.0.0.1:9 does not answer (no connection), so nothing was evaluated. "
        "Start it, or set OLLAMA_BASE_URL or COMPASS_MODEL.\n"
    )


def test_there_is_a_conversation_for_each_tool() -> None:
    called = {name for script in read_scripts() for turn in script.turns for name in turn.tools}

    assert called == {spec.name for spec in TOOLS}
