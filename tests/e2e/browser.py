"""A chat server as users run it, and what a person does in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-output"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PLANNED = "configurations considered"
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install Debian's package chromium"),
]
HURRIED = """
from chat.launch import prepare_environment, run
prepare_environment("127.0.0.1", {port})
import chat.approval
chat.approval.SECONDS_TO_DECIDE = {seconds}
run("127.0.0.1", {port})
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def chat_server(data_dir: Path, decide_in_s: int | None = None, **environment: str) -> Iterator[str]:
    """The address of a running chat; `decide_in_s` shortens the time that an approval waits."""
    port = free_port()
    variables = os.environ | {"COMPASS_DATA_DIR": str(data_dir), "COMPASS_MODEL": "offline"} | environment
    command = [sys.executable, "-m", "compass", "chat", "--port", str(port)]
    if decide_in_s is not None:
        command = [sys.executable, "-c", HURRIED.format(port=port, seconds=decide_in_s)]
    server = subprocess.Popen(command, cwd=ROOT, env=variables)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers, a minute at most."""
    for _ in range(240):
        try:
            httpx.get(url, timeout=1)
            return
        except httpx.HTTPError:
            assert server.poll() is None, "the chat ended before it answered"
            time.sleep(0.25)
    raise AssertionError("the chat did not answer within a minute")


@asynccontextmanager
async def browser(scheme: Literal["light", "dark"] = "light") -> AsyncIterator[BrowserContext]:
    """A browser of its own, without anything remembered."""
    SHOTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield await chromium.new_context(viewport={"width": 1280, "height": 1100}, color_scheme=scheme)
        await chromium.close()


@asynccontextmanager
async def tab(context: BrowserContext, address: str) -> AsyncIterator[Page]:
    """A tab on an empty conversation; an error in the page's own scripts fails the test."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(address)
    await expect(page.get_by_role("button", name="Cheap batch summaries")).to_be_visible(timeout=20_000)
    yield page
    assert not errors


async def say(page: Page, text: str) -> None:
    """Write a message and send it."""
    await page.locator("#chat-input").click()
    await page.keyboard.insert_text(text)
    # The button wakes when the page's socket is connected; a key pressed before is lost.
    await page.locator("#chat-submit").click(timeout=20_000)


async def shot(page: Page, name: str) -> None:
    """Keep what the page shows."""
    await page.wait_for_timeout(800)
    await page.screenshot(path=str(SHOTS / f"{name}.png"))
