import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faithful import unsupported

RESULT = '{"usd_per_month": 2715.3, "ttft": 141.2, "e2e": 3801.1, "probability": 0.94}'


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("$2,715 a month, TTFT 141 ms, E2E 3.8 s, holds 94 %", []),
        ("Llama-3.1-8B on 2 × H100-SXM as plan-7f31 in 3 replicas", []),
        ("$9,000 a month", ["$9,000"]),
        ("TTFT 77 ms and 5 %", ["77 ms", "5 %"]),
    ],
)
def test_figures_without_a_source_are_found(text: str, made_up: list[str]) -> None:
    assert unsupported(text, [RESULT]) == made_up


@given(st.floats(10, 9e5))
def test_a_figure_rounded_to_three_digits_has_its_source(value: float) -> None:
    assert unsupported(f"{float(f'{value:.3g}'):,.6g} tokens", [repr(value)]) == []
