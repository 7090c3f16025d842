"""No invented figure passes, and no honest one is flagged."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import Conversation
from agent.evaluation.conversations import texts_of
from agent.grounding.check import SMALLEST_CLAIM, unsupported_figures
from agent.grounding.figures import WrittenFigure, figures_in_text
from compass.planning import Plan
from tools.toolbox import Toolbox

RESULT = (
    '{"usd_per_month": 2715.3, "ttft_p95_ms": {"value": 141.2, "low": 118.4, "high": 168.9}, '
    '"e2e_ms": 3801.1, "slo_probability": 0.94, "gpus": 2, "replicas": 2, '
    '"user_count": 5000, "option_id": "option-7f31"}'
)
BRIEF = "option-7f31: Llama-3.1-8B fp8 on 2 x H100-SXM, $1,226 a month, ITL 14.73 ms [12.1-17.9], holds 92 %"


@pytest.mark.parametrize(
    "honest",
    [
        "$2,715 a month, TTFT 141 ms, E2E 3.8 s, holds 94 %",
        "$2,700 a month, about 140 ms to the first token [118–169]",
        "It costs $32,584 a year, or $2,715 a month",
        "$1,226 instead of $2,715: $1,489 less, 55 % cheaper",
        "$2,715 against $1,226: 121% more",
        "Llama-3.1-8B on 2 × H100-SXM as option-7f31 for 5,000 users",
        "5k users on 2 GPUs",
        "First token in 0.14 s; 3,801 ms in all",
        "1. It is cheap.\n2. It has 3 views.\n3. As of 2026-11-09.",
        "It takes 15 ms a token, at least 12.",
        "Set p95 on H100 with fp8.",
        "see http://127.0.0.1:40123/v1",
        "E2E 3.8 s; TTFT 0.141 s [0.118–0.169]; ITL 14.7 [12.1–17.9] ms",
    ],
)
def test_an_honest_answer_is_not_flagged(honest: str) -> None:
    assert unsupported_figures(honest, [RESULT, BRIEF]) == []


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("$9,000 a month", ["$9,000"]),
        ("TTFT 77 ms and 5 %", ["77 ms", "5 %"]),
        ("$141 a month", ["$141"]),
        ("$2,800 a month", ["$2,800"]),
        ("TTFT 150 ms", ["150 ms"]),
        ("You need 7 GPUs", ["7 GPUs"]),
        ("You need 40 × H100", ["40"]),
        ("holds with 98 %", ["98 %"]),
        ("8,000 users", ["8,000 users"]),
        ("2,715 ms to the first token", ["2,715 ms"]),
        ("about 60 % cheaper than the $2,715", ["60 %"]),
        ("$3,941 a year", ["$3,941"]),
        ("it takes 99.5", ["99.5"]),
        ("TTFT 141 ms [101–169]", ["101 ms"]),
    ],
)
def test_an_invented_figure_is_found(text: str, made_up: list[str]) -> None:
    assert unsupported_figures(text, [RESULT, BRIEF]) == made_up


@given(st.floats(10, 9e5), st.integers(2, 5))
def test_a_rounded_figure_has_its_source(value: float, digits: int) -> None:
    written = f"{float(f'{value:.{digits}g}'):,.10g} tokens"

    assert unsupported_figures(written, [f'{{"prompt_tokens": {value!r}}}']) == []


@given(st.integers(1_000, 900_000), st.sampled_from([0.8, 0.93, 1.07, 1.3, 10]))
def test_a_figure_that_is_off_has_none(value: int, factor: float) -> None:
    assert unsupported_figures(f"${value * factor:,.0f}", [f'{{"usd_per_month": {value}}}']) != []


async def test_real_answers_pass_and_falsified_ones_do_not(toolbox: Toolbox) -> None:
    talk = await Conversation.open(toolbox, model="offline")
    answer = await talk.say("A support chatbot for 5,000 users, answers must start within 300 ms")
    plan = next(result for result in answer.results if isinstance(result, Plan))
    sources = [*texts_of(plan), "5,000 users within 300 ms"]
    assert unsupported_figures(answer.text, sources) == []

    dice, claims, found = random.Random(7), 0, 0
    for figure in figures_in_text(answer.text):
        if figure.unit and figure.value >= SMALLEST_CLAIM:
            false = falsified(figure, dice)
            claims += 1
            found += false in unsupported_figures(f"It is {false}, I think.", [plan.brief()])
    assert claims > 30 and found / claims > 0.85, f"{found} of {claims} false figures were found"


def falsified(figure: WrittenFigure, dice: random.Random) -> str:
    """The figure as a model would get it wrong: by more than rounding."""
    number = re.search(r"\d[\d,.]*\d|\d", figure.written)
    assert number is not None
    value = float(number[0].replace(",", "")) * dice.choice([0.55, 0.7, 1.35, 1.9, 4.3])
    return figure.written.replace(number[0], f"{value:,.0f}" if value >= 100 else f"{value:.3g}")
