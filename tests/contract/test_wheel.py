"""The wheel holds what runs and nothing else, and runs without the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from compass.store import Store
from tests.network import free_port

ROOT = Path(__file__).parents[2]
LIBRARIES = sysconfig.get_path("purelib")
PACKAGES = {"agent", "chat", "cli", "compass", "mcp_server", "simulator", "templates", "tools"}
EVALUATION_SETS = "agent/evaluation/data/"
LOAD = "--rate 2 --prompt-tokens 256 --output-tokens 64 --duration 30"


@pytest.fixture(scope="module")
def wheel() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        yield next(Path(folder).glob("*.whl"))


@pytest.fixture(scope="module")
def held(wheel: Path) -> set[str]:
    """The files of the wheel."""
    return set(ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Path]:
    """A folder that holds the installed wheel alone."""
    folder = Path(tempfile.mkdtemp(prefix="compass-wheel-"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-index", "--no-compile", "--target", str(folder)]
    subprocess.run([*pip, *options, str(wheel)], check=True)
    yield folder
    shutil.rmtree(folder)


def outside(installed: Path, data_dir: Path) -> dict[str, str]:
    """An environment whose Python finds the installed wheel and the libraries, and not the checkout."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join((str(installed), LIBRARIES)),
        "COMPASS_DATA_DIR": str(data_dir),
        "COMPASS_MODEL": "offline",
    }


def python(*words: str) -> list[str]:
    """A command without the `site` module, which would read the .pth file of an editable installation."""
    return [sys.executable, "-S", "-P", *words]


def ran(installed: Path, data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = outside(installed, data_dir)
    return subprocess.run(
        python(*words), cwd=data_dir, env=environment, capture_output=True, text=True, timeout=300
    )


def under(folder: str) -> set[str]:
    """The data files that git tracks in a folder."""
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.splitlines() if not name.endswith(".py")}


def test_nothing_is_held_that_only_developers_need(held: set[str]) -> None:
    ours = {name for name in held if ".dist-info/" not in name}

    assert {name.split("/")[0] for name in ours} == PACKAGES
    assert not [name for name in ours if name.startswith(EVALUATION_SETS) or "/tests/" in name]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git lists the files of a checkout")
def test_every_other_data_file_is_held(held: set[str]) -> None:
    data = {name for package in PACKAGES for name in under(package)}

    assert {"simulator/default_profile.json", "chat/app/.chainlit/config.toml"} < data
    assert [name for name in data - held if not name.startswith(EVALUATION_SETS)] == []


def test_the_checkout_is_not_found(installed: Path, data_dir: Path) -> None:
    names = ", ".join(sorted(PACKAGES))
    shown = ran(installed, data_dir, "-c", f"import {names}\nfor m in ({names}): print(m.__path__[0])")

    assert shown.returncode == 0, shown.stderr
    assert {Path(line).parent for line in shown.stdout.splitlines()} == {installed}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["plan", "--json", "a chatbot for 200 users"], '"plan_id"'),
        ([*"simulate --model Qwen3-8B --gpu H100".split(), *LOAD.split()], "p95"),
        (["simulator", "--help"], "--profile"),
    ],
)
def test_commands_run(installed: Path, data_dir: Path, store: Store, words: list[str], says: str) -> None:
    done = ran(installed, data_dir, "-m", "compass", *words)

    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_an_evaluation_says_that_it_needs_a_set(
    installed: Path, data_dir: Path, store: Store, tmp_path: Path
) -> None:
    refused = ran(installed, data_dir, "-m", "compass", "eval", "--model", "offline")
    assert (
        refused.returncode == 2 and "in a checkout" in refused.stderr and "--requests FILE" in refused.stderr
    )

    own = tmp_path / "own.yaml"
    own.write_text("- {say: [a chatbot for 200 users], expect: {user_count: 200}}")
    done = ran(
        installed, data_dir, "-m", "compass", "eval", "--model", "offline", "--requests", str(own), "--json"
    )
    assert done.returncode == 0 and '"requests": 1' in done.stdout, done.stderr


def test_the_page_of_the_chat_answers(installed: Path, data_dir: Path, store: Store) -> None:
    port = free_port()
    command = python("-m", "compass", "chat", "--port", str(port))
    server = subprocess.Popen(command, cwd=data_dir, env=outside(installed, data_dir))
    try:
        page = answer_of(f"http://127.0.0.1:{port}", server)
        style = httpx.get(f"http://127.0.0.1:{port}/public/compass.css", trust_env=False)
    finally:
        server.terminate()
        server.wait(20)

    assert page.status_code == 200 and "<html" in page.text
    assert style.status_code == 200


def answer_of(url: str, server: subprocess.Popen[bytes]) -> httpx.Response:
    """The first answer of a server that is starting."""
    while server.poll() is None:
        try:
            return httpx.get(url, timeout=60, trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the chat ended before it answered")
