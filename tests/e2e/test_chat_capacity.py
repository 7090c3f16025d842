"""Questions about given GPUs and comparisons in the chat, as a person sees them."""

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.e2e.browser import NEEDS_CHROMIUM, idle, person, say, shot, tab

pytestmark = NEEDS_CHROMIUM
PHONE: ViewportSize = {"width": 390, "height": 844}


async def test_a_capacity_question_shows_the_verdict_and_a_follow_up_changes_the_count(page: Page) -> None:
    await say(page, "tokens per second of Qwen3-32B on 2 L40S with 16 concurrent requests?")

    card = page.locator(".compass-capacity")
    await expect(card.last).to_contain_text("Yes")
    await expect(card.last.get_by_role("img", name="Memory of a GPU in GiB")).to_be_visible()
    await expect(card.last).to_contain_text("Output at 16 at once")
    await idle(page)
    await shot(page, "capacity-card")

    await say(page, "and with 4?")
    await expect(card.last).to_contain_text("4 × L40S")
    await idle(page)
    await page.set_viewport_size(PHONE)
    await card.last.scroll_into_view_if_needed()
    await shot(page, "capacity-card-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_alternatives_stand_side_by_side_in_the_dark_too(chromium: Browser, address: str) -> None:
    async with person(chromium, "dark") as context, tab(context, address) as page:
        await say(page, "H100 or L40S for Qwen3-32B at 20 requests a second?")

        card = page.locator(".compass-comparison").last
        await expect(card).to_contain_text("H100-SXM")
        await expect(card).to_contain_text("cost a month")
        await idle(page)
        await card.scroll_into_view_if_needed()
        await shot(page, "comparison-card-dark")


async def test_words_that_no_field_took_stand_before_the_answer(page: Page) -> None:
    await say(page, "Qwen3-32B on 2 L40S for 212 francs a month, 16 concurrent requests, tokens per second?")

    await idle(page)
    await expect(page.get_by_text("Not used: 212 francs a month")).to_be_visible()
    await expect(page.locator(".compass-capacity").last).to_contain_text("Yes")
    await shot(page, "not-used")
