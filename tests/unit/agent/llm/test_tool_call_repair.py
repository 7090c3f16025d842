import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.llm.tool_call_repair import as_number, fit_arguments, nearest_tool, without_thinking, written_calls

TOOLS = ("map_slo", "plan_replicas", "lookup_benchmarks", "render_yaml", "deploy", "get_status", "undeploy")
SCHEMA: dict[str, Any] = {
    "properties": {
        "user_count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "ttft_ms": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "preferred_gpu_types": {"anyOf": [{"type": "array"}, {"type": "null"}]},
        "use_case": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "dry_run": {"type": "boolean"},
        "option_id": {"type": "string"},
    },
    "required": ["option_id"],
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("map_slo", "map_slo"),
        ("mapSLO", "map_slo"),
        ("functions.plan_replicas", "plan_replicas"),
        ("plan_replica", "plan_replicas"),
        ("status", "get_status"),
        ("Undeploy", "undeploy"),
        ("remove_deployment", None),
        ("deploy_to_production", None),
        ("get_weather", None),
    ],
)
def test_a_tool_is_found_by_a_near_name_and_one_that_changes_things_only_by_its_own(
    written: str, meant: str | None
) -> None:
    assert nearest_tool(written, TOOLS) == meant


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"user_count": "5,000"}, {"user_count": 5000}),
        ({"user_count": "5k users"}, {"user_count": 5000}),
        ({"user_count": 5000.0}, {"user_count": 5000}),
        ({"users": 12}, {"user_count": 12}),
        ({"ttft": "0.3 s"}, {"ttft_ms": 300}),
        ({"ttft_ms": "fast"}, {"ttft_ms": "fast"}),
        ({"preferred_gpu_types": "H100, L40S"}, {"preferred_gpu_types": ["H100", "L40S"]}),
        ({"preferred_gpu_types": '["H100"]'}, {"preferred_gpu_types": ["H100"]}),
        ({"use_case": ["translation"]}, {"use_case": "translation"}),
        ({"use_case": "unknown", "ttft_ms": None}, {}),
        ({"dry_run": "true"}, {"dry_run": True}),
        ({"nonsense": 1}, {}),
    ],
)
def test_arguments_are_fitted_where_nothing_is_lost(
    given: dict[str, object], expected: dict[str, object]
) -> None:
    assert fit_arguments(given, SCHEMA) == expected


@given(
    st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.text(), st.floats(), st.lists(st.text())))
)
def test_fitting_never_fails_and_invents_no_parameter(arguments: dict[str, object]) -> None:
    assert fit_arguments(arguments, SCHEMA).keys() <= SCHEMA["properties"].keys()


@given(st.integers(0, 10**12))
def test_whole_numbers_keep_their_value(number: int) -> None:
    assert as_number(str(number)) == as_number(f"{number:,}") == number


@given(st.text(alphabet=st.characters(exclude_characters="<>`{}[]()"), max_size=200))
def test_prose_stays_as_it_is(text: str) -> None:
    assert written_calls(text, TOOLS) == ([], text) and without_thinking(text) == text


@given(st.text(max_size=300))
def test_reading_calls_never_fails(text: str) -> None:
    written_calls(text, TOOLS)


@given(st.dictionaries(st.sampled_from(["use_case", "user_count"]), st.one_of(st.integers(), st.text())))
def test_a_call_survives_being_written_in_a_fence(arguments: dict[str, object]) -> None:
    text = f"I will do that.\n```json\n{json.dumps({'name': 'map_slo', 'arguments': arguments})}\n```\nWait."
    calls, rest = written_calls(text, TOOLS)

    assert [(call.name, call.arguments) for call in calls] == [("map_slo", arguments)]
    assert rest.startswith("I will do that.") and "```" not in rest


def test_json_that_is_no_call_is_left_alone() -> None:
    text = 'Set {"replicas": 2} in the values, and {"name": "web"} as the name.'

    assert written_calls(text, TOOLS) == ([], text)


def test_thinking_is_taken_out_wherever_it_ends() -> None:
    assert without_thinking("<think>a</think>b<THINKING>c</THINKING>d") == "bd"
    assert without_thinking("what was thought</think>said") == "said"
    assert without_thinking("said<think>never ended") == "said"
