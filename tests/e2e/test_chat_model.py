"""The chat with a language model behind it, and with a cluster before it: streams, stops, pulls, diffs."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.contract.ollama_server import FakeOllama, Reply, Stage, staged
from tests.e2e.browser import NEEDS_CHROMIUM, UNDECIDED, chat_server, idle, person, planned, say, shot, tab
from tests.unit.compass.serving.api_server import api_server

pytestmark = NEEDS_CHROMIUM
WISH = {"use_case": "chatbot_conversational", "user_count": 5000}
SLO = Reply(calls=[("map_slo", WISH)])
PLAN = Reply(calls=[("plan_replicas", {})])


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    """A model that plays what a test says."""
    async with staged() as server:
        yield server


@pytest.fixture(scope="module")
async def answering(stage: Stage, data_dir: Path) -> AsyncIterator[str]:
    """The address of a chat with this model behind it."""
    server = chat_server(data_dir, OLLAMA_BASE_URL=stage.state.url, COMPASS_MODEL="ollama:qwen2.5:7b")
    # In a thread: the model answers from this one.
    yield await asyncio.to_thread(server.__enter__)
    await asyncio.to_thread(server.__exit__, None, None, None)


@pytest.fixture
def ollama(stage: Stage) -> FakeOllama:
    """The model, as one test sets it."""
    ollama = stage.fresh()
    ollama.intent = lambda said: WISH
    return ollama


@pytest.fixture
async def page(chromium: Browser, answering: str) -> AsyncIterator[Page]:
    """A new person's tab on the chat with a model."""
    async with person(chromium) as context, tab(context, answering) as opened:
        yield opened


async def test_the_answering_model_is_named_below_its_answer_and_its_tools_are_cards(
    ollama: FakeOllama, page: Page
) -> None:
    ollama.plays(SLO, PLAN, Reply("I recommend the balanced option."))
    await say(page, "A support chatbot for 5,000 users")

    await expect(planned(page)).to_be_visible()
    await expect(page.get_by_text("I recommend the balanced option.")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"^qwen2.5:7b \(Ollama\) · \d"))).to_be_visible()
    await shot(page, "model")


async def test_stop_ends_the_model_s_work_and_the_next_message_is_answered(
    ollama: FakeOllama, page: Page
) -> None:
    ollama.plays(Reply("Never heard.", wait_s=600))
    await say(page, "A support chatbot for 5,000 users")
    await until(lambda: bool(ollama.questions() and ollama.open_streams), "the model was not asked")

    await page.locator("#stop-button").click()
    await until(lambda: ollama.open_streams == 0, "the model must hear that nobody listens")
    assert ollama.broken_streams == 1
    await idle(page)

    ollama.plays(SLO, PLAN, Reply("Here it is."))
    await say(page, "A support chatbot for 5,000 users")
    await expect(page.get_by_text("Here it is.")).to_be_visible()


async def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Wait for something that another process brings about."""
    for _ in range(600):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(otherwise)


async def test_a_model_that_is_not_there_is_pulled_with_a_click(ollama: FakeOllama, page: Page) -> None:
    ollama.models.clear()
    ollama.pull = [{"status": "downloading", "total": 100, "completed": 50}, {"status": "success"}]
    await say(page, "A support chatbot for 5,000 users")
    await expect(page.get_by_text("Offline engine: no language model was used.")).to_be_visible()
    await shot(page, "pull-offered")
    await page.get_by_role("button", name="Pull qwen2.5:7b").click()

    await expect(page.get_by_text("is ready; it answers from the next message on")).to_be_visible()


async def test_a_cluster_is_changed_only_after_its_diff_was_approved(
    chromium: Browser, own_folder: Path
) -> None:
    with api_server() as cluster:
        context = {"name": "here", "context": {"cluster": "c", "user": "u"}}
        document = {
            "apiVersion": "v1", "kind": "Config", "current-context": "here", "contexts": [context],
            "clusters": [{"name": "c", "cluster": {"server": cluster.url}}],
            "users": [{"name": "u", "user": {}}],
        }  # fmt: skip
        kubeconfig = own_folder / "kubeconfig"
        kubeconfig.write_text(json.dumps(document))
        with chat_server(own_folder, KUBECONFIG=str(kubeconfig)) as address:
            async with person(chromium) as opened, tab(opened, address) as page:
                await say(page, "translation for 200 users")
                await expect(planned(page)).to_be_visible()
                await idle(page)
                await say(page, "deploy it on kubernetes")
                await expect(page.get_by_text(UNDECIDED)).to_be_visible()
                await page.get_by_text("difference", exact=True).first.click()
                await expect(page.locator(".hljs-addition").first).to_be_visible()
                await shot(page, "diff")
                assert cluster.writes == []

                await page.get_by_role("button", name="Deploy", exact=True).last.click()
                await expect(page.get_by_text("replicas ready")).to_be_visible()
                await shot(page, "cluster")
                assert ("apply", "InferenceService") in cluster.writes
