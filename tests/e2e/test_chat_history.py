"""Behind a password: log-in, the list of conversations, what a reload brings back."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

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
)

pytestmark = NEEDS_CHROMIUM
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def guarded(data_dir: Path) -> Iterator[str]:
    """The address of a chat with a password."""
    with chat_server(data_dir, COMPASS_PASSWORD=PASSWORD) as url:
        yield url


async def log_in(context: BrowserContext, address: str, name: str, password: str = PASSWORD) -> Page:
    """A tab after the log-in form."""
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign In").click()
    return page


Visit = Callable[[str], AbstractAsyncContextManager[Page]]


@pytest.fixture
def visit(chromium: Browser, guarded: str) -> Visit:
    """Somebody's tab on an empty conversation, by the name."""

    @asynccontextmanager
    async def logged_in(name: str) -> AsyncIterator[Page]:
        async with person(chromium) as context:
            page = await log_in(context, guarded, name)
            await fresh(page)
            yield page

    return logged_in


async def test_a_wrong_password_opens_nothing(chromium: Browser, guarded: str) -> None:
    async with person(chromium) as context:
        page = await log_in(context, guarded, "ann", "wrong")

        await expect(page.get_by_text("not the password")).to_be_visible()
        await shot(page, "log-in")
        answer = await context.request.post(f"{guarded}/project/threads", data={"pagination": {"first": 9}})
        assert answer.status == 401


async def test_a_reload_brings_the_conversation_back_with_its_cards_and_charts(visit: Visit) -> None:
    async with visit("ann") as page:
        await say(page, "translation for 310 users")
        await expect(planned(page)).to_be_visible()
        await idle(page)
        await page.wait_for_url(re.compile("/thread/"))

        await page.reload()
        await expect(planned(page)).to_be_visible()
        await expect(page.locator(".js-plotly-plot")).to_have_count(2)
        await say(page, "what about H200 instead?")

        await expect(page.locator(".compass-title", has_text="× H200")).to_be_visible()
        await expect(page.get_by_text("310 users").last).to_be_visible()


async def test_the_list_finds_resumes_and_forgets_conversations(visit: Visit) -> None:
    async with visit("bob") as page:
        await say(page, "translation for 320 users")
        await expect(planned(page)).to_be_visible()
        await idle(page)
        await page.locator("#header #new-chat-button").click()
        await page.get_by_role("button", name="Confirm").click()
        await fresh(page)
        await say(page, "code completion for 33 developers")
        await expect(planned(page)).to_be_visible()
        await idle(page)
        await page.locator("#header #sidebar-trigger-button").click()
        await shot(page, "history")

        await page.get_by_role("link", name="translation for 320 users").click()
        await expect(page.get_by_text("320 users").first).to_be_visible()
        await expect(planned(page)).to_be_visible()
        await page.get_by_role("link", name="translation for 320 users").hover()
        entry = page.locator("li", has_text="translation for 320 users").last
        await entry.locator("#thread-options").click()
        await page.get_by_role("menuitem", name="Delete").click()
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("link", name="translation for 320 users")).to_have_count(0)


async def test_nobody_sees_the_conversations_of_another(visit: Visit) -> None:
    async with visit("cat") as page:
        await say(page, "translation for 330 users")
        await expect(planned(page)).to_be_visible()
        await idle(page)
        address = page.url
    async with visit("dan") as other:
        await other.locator("#header #sidebar-trigger-button").click()
        await expect(other.get_by_text("No threads found")).to_be_visible()
        await other.goto(address)

        await other.wait_for_timeout(1500)
        await expect(other.get_by_text("330 users")).to_have_count(0)
        kept = await other.request.get(address.replace("/thread/", "/project/thread/"))
        assert kept.status in (401, 403, 404) and "330 users" not in await kept.text()


async def test_a_reload_during_an_approval_asks_on_and_deploys_once(visit: Visit) -> None:
    async with visit("eve") as page:
        await say(page, "translation for 340 users")
        await choose_deploy(page)
        await expect(page.get_by_text(UNDECIDED)).to_be_visible()

        await page.reload()
        await expect(page.get_by_text(UNDECIDED)).to_be_visible()
        await expect(page.locator("#stop-button")).to_be_visible()
        await page.get_by_role("button", name="Deploy", exact=True).last.click()

        await expect(page.get_by_text("You approved it.")).to_be_visible()
        await expect(page.get_by_text("replicas ready")).to_have_count(1)
        await idle(page)
        await page.reload()
        await expect(page.get_by_text("You approved it.")).to_be_visible()
        await expect(page.get_by_text(re.compile("^Read every")).first).to_be_visible()
        await say(page, "remove it")
        await page.get_by_role("button", name="Remove", exact=True).click()
        await expect(page.get_by_text("is removed").last).to_be_visible()


async def test_two_tabs_on_one_conversation_deploy_once(visit: Visit) -> None:
    async with visit("fay") as page:
        await say(page, "translation for 350 users")
        await choose_deploy(page)
        await expect(page.get_by_text(UNDECIDED)).to_be_visible()
        other = await page.context.new_page()
        await other.goto(page.url)
        await expect(other.get_by_text(UNDECIDED)).to_be_visible()

        await other.get_by_role("button", name="Do nothing").click()
        await expect(other.get_by_text("You declined")).to_be_visible()
        await page.get_by_role("button", name="Deploy", exact=True).last.click()

        await expect(page.get_by_text(re.compile("This question is over|You declined"))).to_be_visible()
        await idle(other)
        await expect(page.get_by_text("replicas ready")).to_have_count(0)


async def test_a_log_in_that_ended_asks_again(visit: Visit) -> None:
    async with visit("gus") as page:
        await say(page, "translation for 360 users")
        await expect(planned(page)).to_be_visible()
        await idle(page)
        await page.context.clear_cookies()

        await page.reload()
        await expect(page.get_by_label("Your name")).to_be_visible()
        await page.get_by_label("Your name").fill("gus")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign In").click()
        await fresh(page)
        await page.locator("#header #sidebar-trigger-button").click()
        await expect(page.get_by_text("translation for 360 users")).to_be_visible()


async def test_a_conversation_with_odd_bytes_is_kept(visit: Visit) -> None:
    async with visit("hal") as page:
        await say(page, "translation for 370 users \x00\x01\ufffd")
        await expect(planned(page)).to_be_visible()
        await idle(page)

        await page.reload()
        await expect(planned(page)).to_be_visible()
