"""A real browser drives the real chat: plan, approval, deployment, test prompt, status, refusal, phone."""

import re
from pathlib import Path

import yaml
from playwright.async_api import Browser, Page, expect

from compass.core import chance, exact_milliseconds, milliseconds, money, number, price
from tests.e2e.browser import (
    NEEDS_CHROMIUM,
    UNDECIDED,
    choose_deploy,
    connected,
    idle,
    person,
    planned,
    say,
    shot,
    tab,
)
from tests.e2e.simulators import simulators

DEMO = (
    "I need a customer service chatbot for 5000 users with strict latency, answers must start in under 500 ms"
)

pytestmark = NEEDS_CHROMIUM


async def test_a_demonstration_from_sentence_to_status(page: Page) -> None:
    await shot(page, "empty")
    await connected(page)
    await page.get_by_role("button", name="Customer service chatbot").click()
    await expect(planned(page)).to_be_visible()
    await shot(page, "plan")

    await choose_deploy(page)
    await expect(page.get_by_text(UNDECIDED)).to_be_visible()
    await shot(page, "approval")
    await page.get_by_role("button", name="Deploy", exact=True).last.click()
    await expect(page.get_by_text("You approved it.")).to_be_visible()

    await page.get_by_label("Test prompt").fill("What are your opening hours?")
    await page.get_by_role("button", name="Send test prompt").click()
    await expect(page.get_by_text("This text comes from a simulator").first).to_be_visible()
    await shot(page, "test-prompt")
    # The card of the deployment reads it again by itself.
    await expect(page.get_by_text("1 finished").first).to_be_visible()
    await page.get_by_text("1 finished").first.scroll_into_view_if_needed()
    await shot(page, "status")

    await say(page, "remove it")
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(page.get_by_text("is removed").last).to_be_visible()
    await expect(page.get_by_text("gone", exact=True).first).to_be_visible()


async def test_the_main_message_of_a_plan_is_seen_without_scrolling(page: Page) -> None:
    await say(page, DEMO)
    await expect(planned(page)).to_be_in_viewport()

    await expect(page.locator(".compass-title")).to_be_in_viewport()
    await expect(page.get_by_text("a month", exact=True).first).to_be_in_viewport()
    await expect(page.get_by_text("chance", exact=True).first).to_be_in_viewport()


async def test_every_figure_of_the_options_has_its_interval_and_its_evidence(page: Page) -> None:
    await say(page, DEMO)
    await expect(planned(page)).to_be_visible()
    rows = page.get_by_role("region", name="All options").locator("tbody tr")
    count = await rows.count()

    assert count > 2
    for row in await rows.all():
        assert re.search(r"estimated|measured|simulated", await row.inner_text())
        assert len(re.findall(r"\d–\d", await row.inner_text())) == 3
    await rows.first.get_by_role("button", name=re.compile("^Evidence")).click()
    await expect(page.get_by_text(re.compile("No measured run is near|Nearest run:")).last).to_be_visible()


async def test_cards_write_figures_as_every_other_door_does(page: Page) -> None:
    values = [0.0042, 0.0298, 0.29, 0.5, 0.989, 0.9901, 1, 5.508, 9.99, 9.999, 47.13, 86.5, 99.6, 118.4,
              620.5, 693.5, 999.6, 1250, 1912, 2328.7, 12_345, 25_000, 1_234_567]  # fmt: skip
    rules = {"ms": milliseconds, "exactMs": exact_milliseconds, "money": money, "price": price,
             "number": number, "chance": chance}  # fmt: skip

    for name, words in rules.items():
        written = await page.evaluate(f"values => values.map(value => window.compass.{name}(value))", values)
        assert written == [words(value) for value in values]


async def test_both_charts_are_drawn_and_the_ledger_is_folded_away(page: Page) -> None:
    await say(page, DEMO)
    await expect(planned(page)).to_be_visible()

    await expect(page.locator(".js-plotly-plot")).to_have_count(2)
    ledger = page.locator("details", has_text="Why not the others")
    await expect(ledger.locator("li").first).not_to_be_visible()
    await ledger.locator("summary").click()
    await expect(ledger.locator("li").first).to_be_visible()
    await page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    await shot(page, "charts")


async def test_an_assumption_is_changed_in_its_place(page: Page) -> None:
    await say(page, DEMO)
    await page.get_by_role("button", name="share of users active at once").click()
    await page.get_by_label("share of users active at once").fill("40 %")
    await shot(page, "assumption")
    await page.get_by_role("button", name="Plan again").click()

    await expect(page.get_by_text("26.7 requests/s", exact=True)).to_be_visible()
    await expect(page.get_by_text("Changed against")).to_be_visible()


async def test_a_tool_call_is_a_flat_step_that_opens(page: Page) -> None:
    await say(page, DEMO)
    await expect(planned(page)).to_be_visible()
    step = page.get_by_role("button", name="Targets", exact=True)

    await expect(page.get_by_text("TTFT ≤ 500 ms, ITL")).not_to_be_visible()
    await step.click()
    await expect(page.get_by_text("TTFT ≤ 500 ms, ITL")).to_be_visible()


async def test_manifests_are_coloured_and_downloaded(page: Page, tmp_path: Path) -> None:
    await say(page, DEMO)
    await page.get_by_role("button", name="Manifests").last.click()
    fold = page.locator("details", has_text="InferenceService")
    await fold.locator("summary").click()
    await expect(fold.locator(".hljs-attr").first).to_be_visible()
    await shot(page, "manifests")

    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download YAML").click()
    path = tmp_path / "all.yaml"
    await (await download.value).save_as(path)
    kinds = [document["kind"] for document in yaml.safe_load_all(path.read_text())]
    assert "InferenceService" in kinds and len(kinds) > 3


async def test_benchmarks_are_a_table_with_evidence(page: Page) -> None:
    await say(page, "which benchmarks are there for H100?")

    table = page.get_by_role("region", name="Benchmark runs")
    await expect(table.get_by_text("measured", exact=True).first).to_be_visible()
    await shot(page, "benchmarks")


async def test_a_refusal_changes_nothing(page: Page, data_dir: Path) -> None:
    before = simulators(data_dir)
    await say(page, "code completion for 20 developers")
    await choose_deploy(page)
    await page.get_by_role("button", name="Do nothing").click()

    await expect(page.get_by_text(re.compile("was not approved")).first).to_be_visible()
    await expect(page.get_by_text("You declined. Nothing was changed.")).to_be_visible()
    await idle(page)
    assert simulators(data_dir) == before
    await shot(page, "refusal")


async def test_a_follow_up_changes_one_thing(page: Page) -> None:
    await say(page, "a support chatbot for 2000 users")
    await expect(page.get_by_text("2,000 users").first).to_be_visible()
    await idle(page)
    await say(page, "what about H200 instead?")

    await expect(page.locator(".compass-title", has_text="× H200")).to_be_visible()
    await expect(page.get_by_text("2,000 users").last).to_be_visible()
    await expect(page.get_by_text("what about H200 instead?")).to_be_in_viewport()
    await expect(page.locator(".compass-title", has_text="× H200")).to_be_in_viewport()
    await shot(page, "follow-up")


async def test_a_price_that_is_set_changes_prices_and_nothing_else(page: Page) -> None:
    await page.locator("#chat-settings-open-modal").click()
    await page.get_by_label("My GPU prices").fill("H100-NVL=0.50, L4=0.50")
    await shot(page, "settings")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("From the next message on: your GPU prices H100-NVL=0.50")).to_be_visible()
    await say(page, DEMO)

    await expect(page.locator(".compass-title", has_text="H100-NVL")).to_be_visible()
    await expect(page.get_by_text("$365", exact=False).first).to_be_visible()
    # A price is no wish for that GPU.
    prices = "5,000 users · your prices per GPU-hour: H100-NVL $0.50, L4 $0.50"
    await expect(
        page.get_by_text(f"Understood: chatbot conversational · {prices}", exact=True)
    ).to_be_visible()


async def test_a_setting_that_cannot_be_is_told(page: Page) -> None:
    await page.locator("#chat-settings-open-modal").click()
    await page.get_by_label("My GPU prices").fill("H1000=2")
    await page.get_by_role("button", name="Confirm").click()

    await expect(page.get_by_text("The settings are not used until that is mended")).to_be_visible()


async def test_the_keyboard_alone_goes_all_the_way(page: Page) -> None:
    await connected(page)
    await page.locator("#chat-input").focus()
    await reach(page, "Cheap batch summaries")
    await page.keyboard.press("Enter")
    await expect(planned(page)).to_be_visible()
    await idle(page)
    await page.locator("body").focus()
    await reach(page, "Deploy SmolLM3")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(UNDECIDED)).to_be_visible()
    await reach(page, "Do nothing")
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("You declined. Nothing was changed.")).to_be_visible()


async def reach(page: Page, name: str) -> None:
    """Tab until something with this name has the focus."""
    look = "() => { const e = document.activeElement; return e.ariaLabel || e.innerText || '' }"
    for _ in range(80):
        if str(await page.evaluate(look)).strip().startswith(name):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


async def test_a_phone_shows_everything_and_never_scrolls_sideways(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await say(page, "translation for 300 users")
    await expect(planned(page)).to_be_visible()
    await shot(page, "phone")
    await page.get_by_role("region", name="All options").scroll_into_view_if_needed()
    await shot(page, "phone-options")

    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    sideways = "table => table.scrollWidth > table.clientWidth"
    assert not await page.get_by_role("region", name="All options").evaluate(sideways)


async def test_dark_mode_follows_the_system(chromium: Browser, address: str) -> None:
    async with person(chromium, "dark") as context, tab(context, address) as page:
        await say(page, "a support chatbot for 2000 users")
        await expect(planned(page)).to_be_visible()
        await shot(page, "dark")

        assert await page.evaluate("document.documentElement.classList.contains('dark')")
