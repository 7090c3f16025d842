"""What goes wrong in front of a chat: reloads, tabs, haste, odd input, a database that is gone."""

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import NEEDS_CHROMIUM, PLANNED, browser, chat_server, say, shot, tab

pytestmark = NEEDS_CHROMIUM
UNDECIDED = "Nothing happens without your yes"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A data directory with a database that nobody else uses."""
    folder = Path(tempfile.mkdtemp(prefix="compass-chat-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def ask_to_deploy(page: Page, need: str) -> None:
    """A plan, and the question whether to deploy its first option."""
    await say(page, need)
    await page.get_by_role("button", name=re.compile("^Deploy ")).first.click(timeout=30_000)
    await expect(page.get_by_text(UNDECIDED)).to_be_visible(timeout=20_000)


async def test_a_reload_in_the_middle_of_a_run_starts_afresh_and_deploys_nothing(page: Page) -> None:
    await ask_to_deploy(page, "translation for 200 users")

    await page.reload()
    await expect(page.get_by_role("button", name="Cheap batch summaries")).to_be_visible(timeout=20_000)
    await say(page, "how is it doing?")

    await expect(page.get_by_text(re.compile("no deployment|nothing is deployed", re.I)).first).to_be_visible(
        timeout=20_000
    )
    await shot(page, "reload")


async def test_a_database_that_is_gone_gets_a_sentence_and_the_next_message_recovers(
    own_folder: Path,
) -> None:
    with chat_server(own_folder) as address:
        async with browser() as context, tab(context, address) as page:
            postmaster = int((own_folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(postmaster, signal.SIGQUIT)
            await say(page, "translation for 200 users")
            await expect(page.get_by_text("does not answer").first).to_be_visible(timeout=30_000)
            await shot(page, "database-gone")

            await say(page, "translation for 200 users")
            await expect(page.get_by_text(PLANNED)).to_be_visible(timeout=30_000)


async def test_a_database_that_never_was_says_what_to_check(own_folder: Path) -> None:
    nowhere = "postgresql://compass@127.0.0.1:1/compass"
    with chat_server(own_folder, COMPASS_DATABASE_URL=nowhere) as address:
        async with browser() as context, tab(context, address) as page:
            told = page.get_by_text("Check COMPASS_DATABASE_URL")
            await expect(told).to_have_count(1, timeout=30_000)
            await say(page, "translation for 200 users")

            await expect(told).to_have_count(2, timeout=30_000)
            await shot(page, "database-never")


async def test_dark_mode_follows_the_system(address: str) -> None:
    async with browser("dark") as context, tab(context, address) as page:
        await say(page, "a support chatbot for 2000 users")
        await expect(page.get_by_text(PLANNED)).to_be_visible(timeout=30_000)
        await shot(page, "dark")

        assert await page.evaluate("document.documentElement.classList.contains('dark')")


async def test_two_tabs_hold_two_conversations(address: str) -> None:
    async with browser() as context, tab(context, address) as one, tab(context, address) as other:
        await say(one, "translation for 200 users")
        await say(other, "code completion for 20 developers")

        await expect(one.get_by_text(PLANNED)).to_be_visible(timeout=30_000)
        await expect(other.get_by_text(PLANNED)).to_be_visible(timeout=30_000)
        await say(one, "what about H200 instead?")
        await expect(one.get_by_text("200 users").last).to_be_visible(timeout=30_000)
        await expect(other.get_by_text("200 users")).to_have_count(0)


async def test_an_approval_that_nobody_gives_means_no(data_dir: Path) -> None:
    with chat_server(data_dir, decide_in_s=3) as address:
        async with browser() as context, tab(context, address) as page:
            await ask_to_deploy(page, "code completion for 20 developers")

            await expect(page.get_by_text(re.compile("was not deployed")).first).to_be_visible(timeout=20_000)
            await expect(page.get_by_role("button", name="Do nothing")).to_have_count(0)
            await shot(page, "approval-timed-out")


async def test_an_empty_message_cannot_be_sent(page: Page) -> None:
    await page.locator("#chat-input").click()
    await page.keyboard.insert_text("   \n  ")

    await expect(page.locator("#chat-submit")).to_be_disabled()


async def test_a_binary_paste_is_answered_in_words(page: Page) -> None:
    await say(page, "".join(chr(code) for code in range(256)) * 20 + "\ufffd\u202e\x7fELF")

    await expect(page.locator(".ai-message").last).to_contain_text(re.compile(r"\w+ \w+ \w+"), timeout=20_000)
    await shot(page, "binary")
    await say(page, "translation for 200 users")
    await expect(page.get_by_text(PLANNED)).to_be_visible(timeout=30_000)


async def test_two_messages_at_once_are_answered_one_after_the_other(page: Page) -> None:
    await say(page, "translation for 200 users")
    deploy = page.get_by_role("button", name=re.compile("^Deploy ")).first
    await deploy.dblclick(timeout=30_000)

    await expect(page.get_by_text("the answer before this one comes first")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text(UNDECIDED)).to_have_count(1)
    await page.get_by_role("button", name="Do nothing").click()
    await expect(page.get_by_text("was not deployed")).to_have_count(1, timeout=20_000)
    await page.get_by_role("button", name="Do nothing").click()
    await expect(page.get_by_text("was not deployed")).to_have_count(2, timeout=20_000)
    await shot(page, "two-at-once")
