"""A real browser drives the real chat: plan, approval, deployment, test prompt, status, refusal, phone."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "test-output"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DEMO = (
    "I need a customer service chatbot for 5000 users with strict latency, answers must start in under 500 ms"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install Debian's package chromium"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(data_dir: Path) -> Iterator[str]:
    """The address of a chat that runs as users run it."""
    port = free_port()
    environment = os.environ | {"COMPASS_DATA_DIR": str(data_dir), "COMPASS_MODEL": "offline"}
    command = [sys.executable, "-m", "compass", "chat", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            httpx.get(url, timeout=1)
            return
        except httpx.HTTPError:
            assert server.poll() is None, "the chat ended before it answered"
            time.sleep(0.25)
    raise AssertionError("the chat did not answer within a minute")


@pytest.fixture
async def page(address: str) -> AsyncIterator[Page]:
    SHOTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 1100}, color_scheme="light")
        await page.goto(address)
        await expect(page.get_by_role("button", name="Cheap batch summaries")).to_be_visible(timeout=20_000)
        yield page
        await browser.close()


async def say(page: Page, text: str) -> None:
    await page.locator("#chat-input").click()
    await page.keyboard.insert_text(text)
    # The button wakes when the page's socket is connected; a key pressed before is lost.
    await page.locator("#chat-submit").click(timeout=20_000)


async def shot(page: Page, name: str) -> None:
    await page.wait_for_timeout(800)
    await page.screenshot(path=str(SHOTS / f"{name}.png"))


async def test_a_demonstration_from_sentence_to_status(page: Page) -> None:
    await say(page, DEMO)
    await expect(page.get_by_text("configurations considered")).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("Holds with")).to_be_visible()
    await shot(page, "plan")

    await page.get_by_role("button", name=re.compile("^Deploy ")).first.click()
    await expect(page.get_by_text("Nothing happens without your yes")).to_be_visible(timeout=20_000)
    await shot(page, "approval")
    await page.get_by_role("button", name="Deploy", exact=True).last.click()
    await expect(page.get_by_text(re.compile(r"dep-[0-9a-f]+")).first).to_be_visible(timeout=30_000)

    await say(page, "send it a prompt: What are your opening hours?")
    await expect(page.get_by_text("This text comes from a simulator").first).to_be_visible(timeout=30_000)
    await say(page, "how is it doing?")
    await expect(page.get_by_text("replicas ready").first).to_be_visible(timeout=30_000)
    await shot(page, "status")

    await say(page, "remove it")
    await page.get_by_role("button", name="Remove", exact=True).last.click(timeout=20_000)
    await expect(page.get_by_text("is removed").last).to_be_visible(timeout=20_000)


async def test_a_refusal_changes_nothing(page: Page) -> None:
    await say(page, "code completion for 20 developers")
    await page.get_by_role("button", name=re.compile("^Deploy ")).first.click(timeout=30_000)
    await page.get_by_role("button", name="Do nothing").click(timeout=20_000)

    await expect(page.get_by_text(re.compile("was not deployed")).first).to_be_visible(timeout=20_000)


async def test_a_follow_up_changes_one_thing(page: Page) -> None:
    await say(page, "a support chatbot for 2000 users")
    await expect(page.get_by_text("2,000 users").first).to_be_visible(timeout=30_000)
    await say(page, "what about H200 instead?")

    await expect(page.get_by_text(re.compile(r"× H200")).first).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("2,000 users").last).to_be_visible()


async def test_an_overlong_message_gets_a_sentence(page: Page) -> None:
    await say(page, "x" * 20_500)

    await expect(page.get_by_text("20,000 are the most I read")).to_be_visible(timeout=20_000)


async def test_a_phone_shows_the_whole_card(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await say(page, "translation for 300 users")
    await expect(page.get_by_text("configurations considered")).to_be_visible(timeout=30_000)
    await shot(page, "phone")

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
