"""A real browser drives the real chat: plan, approval, deployment, test prompt, status, refusal, phone."""

import re

from playwright.async_api import Page, expect

from tests.e2e.browser import NEEDS_CHROMIUM, PLANNED, say, shot

DEMO = (
    "I need a customer service chatbot for 5000 users with strict latency, answers must start in under 500 ms"
)

pytestmark = NEEDS_CHROMIUM


async def test_a_demonstration_from_sentence_to_status(page: Page) -> None:
    await say(page, DEMO)
    await expect(page.get_by_text(PLANNED)).to_be_visible(timeout=30_000)
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
    await expect(page.get_by_text(PLANNED)).to_be_visible(timeout=30_000)
    await shot(page, "phone")

    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
