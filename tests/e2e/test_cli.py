"""The command line as a stranger uses it: contract fields, one JSON document, sentences and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from compass.store import Store
from tests.commands import called, started
from tests.e2e.simulators import simulators

DEMO = (
    "I need a customer service chatbot for 5000 users with strict latency, answers must start in under 500 ms"
)


@pytest.fixture(autouse=True)
def database(store: Store) -> None:
    """Held open, so that no command has to start it."""


def fields(document: dict[str, Any], *names: str) -> bool:
    return all(name in document for name in names)


def test_a_plan_as_json_keeps_the_contract(data_dir: Path) -> None:
    done = started(data_dir, "plan", DEMO, "--json")

    plan = json.loads(done.stdout)
    assert done.returncode == 0
    assert fields(plan, "plan_id", "specification", "options", "rejected", "relaxations", "tipping_points")
    assert fields(plan, "assumptions", "question")
    assert plan["specification"]["user_count"] == 5000
    assert plan["specification"]["ttft_p95_ms"] == 500
    for option in plan["options"]:
        assert fields(
            option, "option_id", "views", "model", "checkpoint", "precision", "gpu", "why", "quality"
        )
        assert fields(option["evidence"], "kind", "nearest", "distance")
        assert option["gpus"] == option["replicas"] * option["tensor_parallel"]
        assert option["usd_per_month"] == pytest.approx(
            option["gpus_billed"] * option["usd_per_gpu_hour"] * 730, abs=0.02
        )
        carried = option["capacity_requests_per_second"] * option["replicas"] * 0.8
        assert carried >= plan["specification"]["peak_requests_per_second"] * 0.999


def test_a_plan_for_a_person_fits_a_screen(data_dir: Path) -> None:
    done = called(data_dir, "plan", DEMO)

    assert "offline engine" in done.stdout
    assert "ceil(" in done.stdout and "730 h" in done.stdout
    assert len(done.stdout.splitlines()) <= 43
    assert all(line == line.rstrip() and len(line) <= 120 for line in done.stdout.splitlines())


FITS = "will gpt-oss-120b fit on one RTX PRO 6000 for 20 users"
OR = "H100 or L40S for Qwen3-32B at 20 requests a second?"


def test_given_gpus_are_answered_for_a_person_on_one_screen(data_dir: Path) -> None:
    done = called(data_dir, "plan", FITS)
    lines = done.stdout.splitlines()

    assert lines[1].startswith("Yes   gpt-oss-120b mxfp4 on 1 × RTX-PRO-6000 fits")
    assert len(lines) <= 40
    assert any(line.startswith("→") and " 20 " in line for line in lines)


def test_given_gpus_as_json_keep_the_contract(data_dir: Path) -> None:
    asked = json.loads(started(data_dir, "plan", FITS, "--json").stdout)
    flags = started(
        data_dir, "capacity", "--model", "gpt-oss-120b", "--gpu", "RTX PRO 6000", "--gpus", "1",
        "--users", "20", "--asked", "fits", "--json",
    )  # fmt: skip

    assert fields(asked, "goal", "model", "gpu", "gpu_count", "verdict", "why", "arrangements", "best")
    assert fields(asked, "unread", "assumptions", "question")
    assert (asked["goal"], asked["verdict"], asked["gpu_count"]) == ("capacity", "yes", 1)
    by_flags = json.loads(flags.stdout)
    assert flags.returncode == 0
    assert by_flags["best"] == asked["best"]


def test_alternatives_as_json_keep_the_contract(data_dir: Path) -> None:
    made = json.loads(started(data_dir, "plan", OR, "--json").stdout)

    assert made["goal"] == "compare"
    assert [plan["gpu"] for plan in made["plans"]] == ["H100-SXM", "L40S"]
    assert made["differences"]


def test_words_that_were_not_used_come_before_the_answer(data_dir: Path) -> None:
    said = "Llama-3.3-70B fp8 on 8xH100, how many requests at once, and my dog weighs 40 kg"
    done = called(data_dir, "plan", said)

    assert done.stdout.splitlines()[1].startswith("Not used: 40 kg")


def test_an_intent_with_history_keeps_what_was_said(data_dir: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text(json.dumps(["a support chatbot for 1000 users"]))

    done = called(
        data_dir, "intent", "what about 300 ms to the first token?", "--history", str(history), "--json"
    )

    intent = json.loads(done.stdout)
    assert (intent["use_case"], intent["user_count"], intent["ttft_ms"]) == (
        "chatbot_conversational",
        1000,
        300,
    )


def test_a_stored_plan_is_explained_and_still_right(data_dir: Path) -> None:
    plan = json.loads(called(data_dir, "plan", "translation for 300 users", "--json").stdout)

    explained = called(data_dir, "explain", plan["plan_id"])
    again = called(data_dir, "recheck", plan["plan_id"])

    assert "Rejected" in explained.stdout
    assert "Still right" in again.stdout


def test_two_plans_differ_by_what_was_asked(data_dir: Path, tmp_path: Path) -> None:
    few = called(data_dir, "plan", "translation for 300 users", "--json").stdout
    saved = tmp_path / "plan.json"
    saved.write_text(called(data_dir, "plan", "translation for 900 users", "--json").stdout)

    found = called(data_dir, "diff", json.loads(few)["plan_id"], str(saved))

    assert "user_count: 300 → 900" in found.stdout
    assert called(data_dir, "diff", str(saved), str(saved)).stdout == "No difference.\n"
    assert called(data_dir, "diff", str(saved), "plan-0000").returncode == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("plann",), 2, "Did you mean plan"),
        (("plan", ""), 2, "TEXT"),
        (("plan", "what is the weather in Paris?"), 2, "what to serve"),
        (("plan", "chatbot for 0 users"), 2, "0 users"),
        (("tools", "call", "plan_replicas", "user_count=-5"), 2, "user_count"),
        (("tools", "call", "plan_replicas", "use_case=chatbott"), 3, "chatbot_conversational"),
        (("tools", "call", "lookup_benchmarks", "modle=x"), 2, "model"),
        (("tools", "call", "nothing"), 3, "No tool"),
        (("explain", "plan-0000"), 3, "plan-0000"),
        (("chat", "--host", "0.0.0.0"), 2, "COMPASS_PASSWORD"),
        (("mcp", "--http", "nowhere"), 2, "HOST:PORT"),
        (("estimate", "--batch", "nope.csv", "--out", "x.csv"), 2, "nope.csv"),
    ],
)
def test_bad_input_gets_a_sentence_and_its_exit_code(
    data_dir: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = called(data_dir, *words)

    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_ends_with_its_exit_code_and_without_a_traceback(data_dir: Path) -> None:
    done = started(data_dir, "plan", "chatbot for 0 users")

    assert (done.returncode, done.stdout) == (2, "")
    assert "0 users" in done.stderr and "Traceback" not in done.stderr


def test_a_wrong_database_url_never_shows_its_password(data_dir: Path) -> None:
    url = "postgresql://somebody:hunter2@127.0.0.1:9/db"

    done = called(data_dir, "plan", "chatbot for 10 users", COMPASS_DATABASE_URL=url)

    assert done.returncode == 4
    assert "127.0.0.1:9" in done.stderr and "hunter2" not in done.stderr


def test_deploying_without_a_yes_changes_nothing(data_dir: Path) -> None:
    plan = json.loads(called(data_dir, "plan", "code completion for 20 developers", "--json").stdout)

    done = called(data_dir, "tools", "call", "deploy", f"option_id={plan['options'][0]['option_id']}")

    assert done.returncode == 5
    assert "nobody approved" in done.stderr


def test_the_demonstrations_end_and_leave_nothing(data_dir: Path) -> None:
    done = started(data_dir, "demo")

    assert done.returncode == 0, done.stderr
    assert "nothing runs any more" in done.stdout
    assert simulators(data_dir) == []
