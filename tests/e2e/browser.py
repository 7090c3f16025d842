"""A chat server as users run it, and what a person does in front of it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.network import free_port

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-output"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# For what takes a moment; a busy machine is no mistake of the chat.
expect.set_options(timeout=30_000)
UNDECIDED = "Nothing happens without your yes"
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install Debian's package chromium"),
]
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
HURRIED = """
from chat.launch import prepare_environment, run
prepare_environment("127.0.0.1", {port})
import chat.approval
chat.approval.SECONDS_TO_DECIDE = {seconds}
run("127.0.0.1", {port})
"""


@contextmanager
def chat_server(
    data_dir: Path, decide_in_s: int | None = None, port: int = 0, **environment: str
) -> Iterator[str]:
    """The address of a running chat; `decide_in_s` shortens the time that an approval waits."""
    port = port or free_port()
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
    for _ in range(600):
        try:
            httpx.get(url, timeout=60, trust_env=False)
            return
        except httpx.ConnectError:
            assert server.poll() is None, "the chat ended before it answered"
            time.sleep(0.1)
    raise AssertionError("the chat did not answer within a minute")


def planned(page: Page) -> Locator:
    """What a finished plan shows."""
    return page.get_by_role("button", name="Why this one?").last


async def idle(page: Page) -> None:
    """Until no answer is under way."""
    await expect(page.locator("#stop-button")).to_have_count(0)


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@asynccontextmanager
async def person(
    chromium: Browser, scheme: Literal["light", "dark"] = "light"
) -> AsyncIterator[BrowserContext]:
    """Somebody's browser: nothing is remembered of others, nothing known to them."""
    context = await chromium.new_context(viewport=LAPTOP, color_scheme=scheme)
    yield context
    await context.close()


@asynccontextmanager
async def tab(context: BrowserContext, address: str) -> AsyncIterator[Page]:
    """A tab on an empty conversation; an error in its scripts, or a call to another host, fails the test."""
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda request: wrong.append(request.url) if is_foreign(request.url, address) else None
    )
    await page.goto(address)
    await fresh(page)
    yield page
    assert not wrong


def is_foreign(url: str, address: str) -> bool:
    """Whether an address leads away from the chat."""
    host = address.removeprefix("http://")
    return not url.startswith((f"http://{host}", f"ws://{host}", "data:", "blob:"))


async def fresh(page: Page) -> None:
    """Until the page shows an empty conversation whose start has ended: that end puts a stop button away.

    The settings come last; a chat without a database has none.
    """
    await expect(page.get_by_role("button", name="Cheap batch summaries")).to_be_visible()
    with suppress(AssertionError):
        await expect(page.locator("#chat-settings-open-modal")).to_be_visible(timeout=5_000)


async def connected(page: Page) -> None:
    """Until the page's socket is connected, when a text's button wakes; a starter clicked before is lost."""
    await page.locator("#chat-input").click()
    await page.keyboard.insert_text("x")
    await expect(page.locator("#chat-submit")).to_be_enabled()
    await page.keyboard.press("Backspace")


async def say(page: Page, text: str) -> None:
    """Write a message and send it, as soon as the page takes one.

    A key pressed before the socket is connected is lost, and while a conversation is taken up again the
    button that sends is one that stops: so the message is sent by key, and again while it still stands there.
    """
    box = page.locator("#chat-input")
    await box.click()
    await page.keyboard.insert_text(text)
    for _ in range(20):
        await expect(page.locator("#chat-submit")).to_be_enabled()
        await box.press("Enter")
        try:
            await expect(page.locator("#chat-input", has_text=text)).to_have_count(0, timeout=2_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"the page did not take the message: {text}")


async def choose_deploy(page: Page) -> None:
    """Choose the plan's first Deploy once its answer has ended: cards are drawn anew until then."""
    await expect(planned(page)).to_be_visible()
    await idle(page)
    await page.get_by_role("button", name=re.compile("^Deploy ")).first.click()


async def twice(button: Locator) -> None:
    """Click twice before the page does anything: a second click of the mouse may miss what moves away."""
    await expect(button).to_be_enabled()
    await button.evaluate("button => { button.click(); button.click() }")


async def shot(page: Page, name: str) -> None:
    """Keep what the page shows, what moves at its end."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=str(SHOTS / f"{name}.png"), animations="disabled")
