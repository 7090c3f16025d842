"""The server as a process: closed port while it starts, signals, bad flags."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.network import free_port

ROOT = Path(__file__).parents[3]
Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start `python -m simulator` with words; what is left at the end is killed."""
    processes = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def listening(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert line["event"] == "listening"
    return int(line["port"])


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_the_port_is_closed_until_the_engine_is_ready(spawn: Spawn) -> None:
    port, began = free_port(), time.monotonic()
    process = spawn("--port", str(port), "--startup-seconds", "0.6")
    while not answers(port):
        assert process.poll() is None
        time.sleep(0.02)

    assert time.monotonic() - began >= 0.6
    assert listening(process) == port
    assert httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200


@pytest.mark.parametrize(("timeout", "ending"), [("5", "[DONE]"), ("0", "shutting down")])
def test_sigterm_drains_or_aborts(spawn: Spawn, timeout: str, ending: str) -> None:
    process = spawn("--port", "0", "--shutdown-timeout", timeout)
    url = f"http://127.0.0.1:{listening(process)}/v1/completions"
    body = {"prompt": "x", "max_tokens": 60, "stream": True}

    with httpx.stream("POST", url, json=body, trust_env=False) as answer:
        lines = answer.iter_lines()
        next(lines)
        process.terminate()
        rest = "".join(lines)

    assert rest.endswith("[DONE]") and ending in rest
    assert rest.count('"text"') >= (59 if timeout == "5" else 0)
    assert process.wait(5) == 0


def test_a_port_in_use_is_a_sentence(spawn: Spawn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = spawn("--port", str(taken.getsockname()[1]))
        _, problem = process.communicate(timeout=10)

    assert process.returncode == 1
    assert "is in use. Choose another with --port" in problem and "Traceback" not in problem


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "99999"], "not a whole number from 0 to 65535"),
        (["--profile", "nowhere.json"], "nowhere.json: No such file"),
        (["--replicas", "0"], "--replicas"),
        (["--failure-types", "fire"], "fire"),
        (["--custom-histogram-buckets", '{"x": [1]}'], "time_to_first_token"),
    ],
)
def test_bad_flags_are_sentences(spawn: Spawn, words: list[str], said: str) -> None:
    _, problem = (process := spawn(*words)).communicate(timeout=10)

    assert process.returncode == 2
    assert said in problem and "Traceback" not in problem


def test_the_front_door_has_the_same_flags() -> None:
    words = [sys.executable, "-m", "compass", "simulator"]

    wrong = subprocess.run([*words, "--port", "x"], cwd=ROOT, capture_output=True, text=True)
    shown = subprocess.run([*words, "--help"], cwd=ROOT, capture_output=True, text=True)

    assert wrong.returncode == 2 and "compass simulator: error: argument --port" in wrong.stderr
    assert shown.returncode == 0 and "--failure-types" in shown.stdout
