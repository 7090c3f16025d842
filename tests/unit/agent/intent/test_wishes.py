"""Wishes in words: priorities by clause, GPUs wanted and ruled out, use cases by concepts, availability."""

import pytest

from agent.intent.hardware import named
from agent.intent.message import Message
from agent.intent.priorities import priorities
from agent.intent.text import plain
from agent.intent.use_case import use_case
from agent.intent.wishes import availability


def message(text: str) -> Message:
    return Message.of(plain(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("money doesn't matter, accuracy does", {"cost": "low", "accuracy": "high"}),
        ("quality > speed", {"accuracy": "high", "latency": "low"}),
        ("they care about correctness far more than about how long it takes", {"accuracy": "high", "latency": "low"}),
        ("Genauigkeit geht vor Tempo", {"accuracy": "high", "latency": "low"}),
        ("la velocità non è importante", {"latency": "low"}),
        ("lo primero es la precisión", {"accuracy": "high"}),
        ("wrong answers are unacceptable", {"accuracy": "high"}),
        ("it need not be fast", {"latency": "low"}),
        ("costs have to be rock bottom", {"cost": "high"}),
        ("nobody should wait more than 100 ms", {}),
        ("budget auf 5.000 senken", {}),
        ("with the exact quote and source", {}),
        ("quick question: what about 40 users", {}),
    ],
)  # fmt: skip
def test_priorities(text: str, expected: dict[str, str]) -> None:
    assert priorities(message(text)) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("no H100, H200 or B200", (), ("H100", "H200", "B200")),
        ("anything but H100 on L40S", ("L40S",), ("H100",)),
        ("H100s are off limits", (), ("H100",)),
        ("weder A100 noch L4", (), ("A100", "L4")),
        ("statt H100 bitte L40S", ("L40S",), ()),
        ("we currently run on A100, only H200 from now", ("H200",), ()),
        ("no redundancy, on H100", ("H100",), ()),
        ("niente AMD", (), ("MI300X", "MI325X", "MI355X")),
        ("we cannot buy Blackwell", (), ("RTX-PRO-6000", "B200", "B300", "GB200")),
    ],
)
def test_gpus(text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    found = named(message(text), "gpu")

    assert (found.wanted, set(found.unwanted)) == (wanted, set(unwanted))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a plugin that finishes the line of code you're writing", "code_completion"),
        ("turns what tourists say into Japanese", "translation"),
        ("not a chatbot: complete code in the editor", "code_completion"),
        ("no translation needed, short summaries of letters", "summarization_short"),
        ("Akten von 200 Seiten zusammenfassen", "long_document_summarization"),
        ("condense long tender documents", "long_document_summarization"),
        ("translate contracts for lawyers", "translation"),
        ("ask our manuals and get the passage quoted", "document_analysis_rag"),
        ("scrutinise NDAs clause by clause", "research_legal_analysis"),
        ("the opening hours of the shop", None),
    ],
)
def test_use_cases(text: str, expected: str | None) -> None:
    assert use_case(message(text), None).case == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("must tolerate one dead node", "n+1"),
        ("fällt ein Server aus, muss der Dienst weiterlaufen", "n+1"),
        ("que aguante si se cae un servidor", "n+1"),
        ("no redundancy needed", "none"),
        ("ha, my boss gave me this", None),
    ],
)
def test_availability(text: str, expected: str | None) -> None:
    assert availability(message(text)) == expected
