"""`compass ask` as a person uses it: a real terminal, keys, Ctrl-C and Ctrl-D, approval, pulling."""

import asyncio
import codecs
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contract.ollama_server import FakeOllama, Reply, serving

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
"""How long a test waits for what never comes; none waits for so long when it passes."""
CTRL_C, CTRL_D = "\x03", "\x04"
SENTENCE = "a chatbot for 700 people"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """A compass process with a terminal of its own."""

    def __init__(self, data_dir: Path, *words: str, **environment: str) -> None:
        self.screen, self.seen = "", 0
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.master, slave = pty.openpty()
        # As on a person's machine: libraries are quieter in tests.
        outside = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "CI"))}
        variables = outside | {"COMPASS_DATA_DIR": str(data_dir), "TERM": "xterm", "COLUMNS": "120"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "compass", *words],
            cwd=ROOT, env=variables | environment, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=own_terminal,
        )  # fmt: skip
        os.close(slave)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    async def shows(self, text: str) -> str:
        """Wait until a text comes up after what was waited for before; what came up to there."""
        return await asyncio.to_thread(self.wait_for, text)

    def wait_for(self, text: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while (found := self.screen.find(text, self.seen)) < 0:
            assert time.monotonic() < until, f'"{text}" never came:\n{self.screen[self.seen :]}'
            self.read()
        came, self.seen = self.screen[self.seen : found + len(text)], found + len(text)
        return came

    def read(self) -> None:
        if select.select([self.master], [], [], 0.2)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                piece = b""
            assert piece or self.process.poll() is None, f"it ended:\n{self.screen[self.seen :]}"
            self.screen += CONTROL.sub("", self.decoder.decode(piece))

    async def ends(self) -> int:
        return await asyncio.to_thread(self.process.wait, PATIENCE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


def own_terminal() -> None:
    """Make stdin the terminal that Ctrl-C comes from."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with serving() as server:
        server.intent = lambda said: {"use_case": "chatbot_conversational", "user_count": 700}
        yield server


@pytest.fixture
def talk(ollama: FakeOllama, data_dir: Path) -> Iterator[Terminal]:
    address = {"OLLAMA_BASE_URL": ollama.url, "COMPASS_MODEL": "ollama:qwen2.5:7b"}
    terminal = Terminal(data_dir, "ask", **address)
    yield terminal
    terminal.close()


async def test_ctrl_c_stops_the_answer_and_ctrl_d_ends_the_conversation(
    talk: Terminal, ollama: FakeOllama, data_dir: Path
) -> None:
    await talk.shows("Ctrl-D ends")
    await talk.shows("›")
    ollama.plays(Reply("First words. " * 3, stall_s=120))
    talk.type(SENTENCE + "\n")
    await talk.shows("qwen2.5:7b (Ollama)")
    while not (ollama.questions() and ollama.open_streams):
        await asyncio.sleep(0.02)
    talk.type(CTRL_C)
    await talk.shows("(stopped)")
    while ollama.open_streams:
        await asyncio.sleep(0.02)

    await talk.shows("›")
    talk.type("half a line" + CTRL_C)
    await talk.shows("Ctrl-D ends")
    ollama.plays(Reply("I am still here."))
    await talk.shows("›")
    talk.type("thanks\n")
    await talk.shows("I am still here.")
    assert "half a line" not in str(ollama.questions()[-1]["messages"])

    await talk.shows("›")
    talk.type(CTRL_D)
    ending = await talk.shows("--conversation ") + await talk.shows("\n")
    assert await talk.ends() == 0
    assert "pydantic" not in talk.screen.lower() and "Traceback" not in talk.screen

    identifier = ending.split()[-1]
    again = Terminal(data_dir, "ask", "--conversation", identifier, COMPASS_MODEL="offline")
    try:
        assert SENTENCE in await again.shows("Ctrl-D ends")
    finally:
        again.close()


async def test_nothing_is_deployed_without_a_yes_and_ctrl_c_is_none(
    talk: Terminal, ollama: FakeOllama
) -> None:
    ollama.plays(Reply(calls=[("map_slo", {})]), Reply(calls=[("plan_replicas", {})]), Reply("Planned."))
    await talk.shows("›")
    talk.type(SENTENCE + "\n")
    await talk.shows("Planned.")
    for keys in ("n\n", CTRL_C):
        ollama.plays(Reply(calls=[("deploy", {})]), Reply("So be it."))
        await talk.shows("›")
        talk.type("deploy it\n")
        await talk.shows("deploy? [y/N]")
        talk.type(keys)
        came = await talk.shows("›")
        talk.seen -= 1
        assert "ready" not in came and "dep-" not in came

    ollama.plays(Reply(calls=[("get_status", {"deployment_id": "dep-0000"})]), Reply("There is none."))
    await talk.shows("›")
    talk.type("status\n")
    await talk.shows("There is none.")


async def test_a_yes_deploys_once_and_undeploy_asks_again(talk: Terminal, ollama: FakeOllama) -> None:
    ollama.plays(Reply(calls=[("map_slo", {})]), Reply(calls=[("plan_replicas", {})]), Reply("Planned."))
    await talk.shows("›")
    talk.type(SENTENCE + "\n")
    await talk.shows("Planned.")
    for words, tool in (("deploy it", "deploy"), ("remove it", "undeploy")):
        ollama.plays(Reply(calls=[(tool, {})]), Reply(f"{tool} is done."))
        await talk.shows("›")
        talk.type(words + "\n")
        await talk.shows(f"{tool}? [y/N]")
        talk.type("y\n")
        assert f"{tool}: " not in await talk.shows(f"{tool} is done.")


async def test_a_missing_model_is_offered_once_pulled_with_progress_and_then_answers(
    ollama: FakeOllama, data_dir: Path
) -> None:
    ollama.models, ollama.pull_step_s = [], 0.4
    steps = [
        {"status": "pulling 1a", "total": 4_000_000_000, "completed": share * 1e9} for share in (1, 2, 3)
    ]
    ollama.pull = [{"status": "pulling manifest"}, *steps * 40]
    address = {"OLLAMA_BASE_URL": ollama.url, "COMPASS_MODEL": "ollama:qwen2.5:7b"}
    terminal = Terminal(data_dir, "ask", **address)
    try:
        await terminal.shows("›")
        terminal.type(SENTENCE + "\n")
        await terminal.shows("has no qwen2.5:7b")
        await terminal.shows("Pull qwen2.5:7b into Ollama now? [y/N]")
        terminal.type("y\n")
        await terminal.shows("25% of 4.0 GB")
        terminal.type(CTRL_C)
        await terminal.shows("(stopped")
        while ollama.pulling:
            await asyncio.sleep(0.02)

        ollama.models = ["qwen2.5:7b"]
        ollama.plays(Reply("Here I am."))
        await terminal.shows("›")
        terminal.type("explain\n")
        assert "[y/N]" not in await terminal.shows("Here I am.")
    finally:
        terminal.close()
