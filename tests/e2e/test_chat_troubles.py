"""What goes wrong in front of a chat: reloads, tabs, haste, odd input, a database that is gone."""

import os
import re
import signal
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import (
    NEEDS_CHROMIUM,
    UNDECIDED,
    chat_server,
    choose_deploy,
    fresh,
    idle,
    person,
    planned,
    say,
    shot,
    tab,
    twice,
)
from tests.e2e.simulators import simulators
from tests.network import free_port

pytestmark = NEEDS_CHROMIUM


async def ask_to_deploy(page: Page, need: str) -> None:
    """A plan, and the question whether to deploy its first option."""
    await say(page, need)
    await choose_deploy(page)
    await expect(page.get_by_text(UNDECIDED)).to_be_visible()


async def test_a_reload_in_the_middle_of_a_run_starts_afresh_and_deploys_nothing(
    page: Page, data_dir: Path
) -> None:
    before = simulators(data_dir)
    await ask_to_deploy(page, "translation for 200 users")

    await page.reload()
    await fresh(page)
    await say(page, "how is it doing?")

    await expect(
        page.get_by_text(re.compile("no deployment|nothing is deployed", re.I)).first
    ).to_be_visible()
    assert simulators(data_dir) == before
    await shot(page, "reload")


async def test_a_database_that_is_gone_gets_a_sentence_and_the_next_message_recovers(
    chromium: Browser, own_folder: Path
) -> None:
    with chat_server(own_folder) as address:
        async with person(chromium) as context, tab(context, address) as page:
            await say(page, "hello")
            await expect(page.locator(".ai-message")).to_have_count(1)
            postmaster = int((own_folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(postmaster, signal.SIGQUIT)
            await say(page, "translation for 200 users")
            await expect(page.get_by_text("does not answer").first).to_be_visible()
            await shot(page, "database-gone")

            await say(page, "translation for 200 users")
            await expect(planned(page)).to_be_visible()


async def test_a_database_that_never_was_says_what_to_check(chromium: Browser, own_folder: Path) -> None:
    nowhere = "postgresql://compass@127.0.0.1:1/compass"
    with chat_server(own_folder, COMPASS_DATABASE_URL=nowhere) as address:
        async with person(chromium) as context, tab(context, address) as page:
            told = page.get_by_text("Check COMPASS_DATABASE_URL")
            await expect(told).to_have_count(1)
            await say(page, "translation for 200 users")

            await expect(told).to_have_count(2)
            await shot(page, "database-never")


async def test_two_tabs_hold_two_conversations(chromium: Browser, address: str) -> None:
    async with person(chromium) as context, tab(context, address) as one, tab(context, address) as other:
        await say(one, "translation for 200 users")
        await say(other, "code completion for 20 developers")

        await expect(planned(one)).to_be_visible()
        await expect(planned(other)).to_be_visible()
        await say(one, "what about H200 instead?")
        await expect(one.get_by_text("200 users").last).to_be_visible()
        await expect(other.get_by_text("200 users")).to_have_count(0)


async def test_an_approval_that_nobody_gives_means_no(chromium: Browser, data_dir: Path) -> None:
    with chat_server(data_dir, decide_in_s=1) as address:
        async with person(chromium) as context, tab(context, address) as page:
            await say(page, "code completion for 20 developers")
            await choose_deploy(page)

            # Not the question before: a busy machine may show it when its time is over.
            await expect(page.get_by_text("Nobody answered in time, which means no")).to_be_visible()
            await expect(page.get_by_text(re.compile("was not approved")).first).to_be_visible()
            await expect(page.get_by_role("button", name="Do nothing")).to_have_count(0)
            await shot(page, "approval-timed-out")


async def test_an_approval_clicked_twice_deploys_once(page: Page, data_dir: Path) -> None:
    before = simulators(data_dir)
    await ask_to_deploy(page, "translation for 210 users")
    await twice(page.get_by_role("button", name="Deploy", exact=True).last)
    await expect(page.get_by_text("replicas ready").first).to_be_visible()
    await idle(page)
    await expect(page.get_by_text("replicas ready")).to_have_count(1)
    assert len(simulators(data_dir)) == len(before) + 1

    await say(page, "remove it")
    await twice(page.get_by_role("button", name="Remove", exact=True))
    await expect(page.get_by_text("is removed").first).to_be_visible()
    await idle(page)
    await expect(page.get_by_text("is removed")).to_have_count(1)


async def test_stop_at_an_approval_means_no(page: Page) -> None:
    await ask_to_deploy(page, "translation for 220 users")

    await page.locator("#stop-button").click()

    await expect(page.get_by_text("Stopped before an answer, which means no")).to_be_visible()
    await idle(page)
    await say(page, "how is it doing?")
    await expect(page.get_by_text(re.compile("nothing is deployed", re.I)).first).to_be_visible()
    await shot(page, "stopped")


async def test_stop_ends_the_answers_that_wait_too(page: Page) -> None:
    await say(page, "translation for 230 users")
    await expect(planned(page)).to_be_visible()
    await idle(page)
    await twice(page.get_by_role("button", name=re.compile("^Deploy ")).first)
    await expect(page.get_by_text("the answer before this one comes first")).to_be_visible()
    await expect(page.get_by_text(UNDECIDED)).to_have_count(1)

    await page.locator("#stop-button").click()

    await expect(page.get_by_text("Stopped before an answer, which means no")).to_be_visible()
    await idle(page)
    await expect(page.get_by_text(UNDECIDED)).to_have_count(0)
    await say(page, "translation for 240 users")
    await expect(page.get_by_text("240 users").last).to_be_visible()
    await expect(page.get_by_text(UNDECIDED)).to_have_count(0)


async def test_an_empty_message_cannot_be_sent(page: Page) -> None:
    await page.locator("#chat-input").click()
    await page.keyboard.insert_text("   \n  ")

    await expect(page.locator("#chat-submit")).to_be_disabled()


async def test_a_message_of_the_greatest_length_is_read(page: Page) -> None:
    need = "a support chatbot for 2000 users. "
    await say(page, need + "It is about parcels. " * ((20_000 - len(need)) // 21))

    await expect(page.get_by_text("2,000 users").first).to_be_visible()


async def test_an_overlong_message_gets_a_sentence(page: Page) -> None:
    await say(page, "x" * 20_500)

    await expect(page.get_by_text("20,000 are the most I read")).to_be_visible()


async def test_a_binary_paste_is_answered_in_words(page: Page) -> None:
    await say(page, "".join(chr(code) for code in range(256)) * 20 + "\ufffd\u202e\x7fELF")

    await expect(page.locator(".ai-message").last).to_contain_text("no language model was used")
    await shot(page, "binary")
    await say(page, "translation for 200 users")
    await expect(planned(page)).to_be_visible()


async def test_two_messages_at_once_are_answered_one_after_the_other(page: Page) -> None:
    await say(page, "translation for 200 users")
    await expect(planned(page)).to_be_visible()
    await idle(page)
    await twice(page.get_by_role("button", name=re.compile("^Deploy ")).first)

    await expect(page.get_by_text("the answer before this one comes first")).to_be_visible()
    await expect(page.get_by_text(UNDECIDED)).to_have_count(1)
    await page.get_by_role("button", name="Do nothing").click()
    await expect(page.get_by_text("You declined")).to_have_count(1)
    await page.get_by_role("button", name="Do nothing").click()
    await expect(page.get_by_text("You declined")).to_have_count(2)
    await shot(page, "two-at-once")


async def test_a_server_that_restarts_loses_no_conversation(chromium: Browser, own_folder: Path) -> None:
    port = free_port()
    async with person(chromium) as context:
        with chat_server(own_folder, port=port) as address:
            page = await context.new_page()
            await page.goto(address)
            await fresh(page)
            await say(page, "a support chatbot for 2000 users")
            await expect(planned(page)).to_be_visible()
            await idle(page)
        # The tab stays open while the server goes and comes back: its session is lost, as an expired one is.
        with chat_server(own_folder, port=port):
            await say(page, "what about H200 instead?")

            await expect(page.locator(".compass-title", has_text="× H200")).to_be_visible()
            await expect(page.get_by_text("2,000 users").last).to_be_visible()
            await shot(page, "restarted")
