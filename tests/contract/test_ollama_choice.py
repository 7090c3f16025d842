"""Which model answers, and pulling one: the `ollama` client over mocked and over real HTTP."""

import json
import time

import httpx
import pytest
import respx

from agent.environment import ollama_url
from agent.model_choice import choose, pull, pulled
from tests.contract.ollama_server import serving
from tools.errors import InvalidInput, Unavailable

URL = "http://ollama.test:11434"


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", f"{URL}/v1/")
    monkeypatch.delenv("COMPASS_MODEL", raising=False)


def test_the_address_loses_its_path() -> None:
    assert ollama_url() == URL


@respx.mock
async def test_a_model_that_is_there_answers() -> None:
    respx.get(f"{URL}/api/tags").respond(
        json={"models": [{"model": "qwen2.5:7b"}, {"model": "mistral:latest"}]}
    )

    assert (await choose()).name == "qwen2.5:7b (Ollama)"
    assert (await choose("ollama:mistral")).name == "mistral (Ollama)"
    missing = await choose("ollama:qwen3:8b")
    assert missing.model is None and missing.missing == "qwen3:8b"


@respx.mock
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectError("refused"), "no connection"),
        (httpx.ConnectTimeout("slow"), "within a second"),
        (httpx.Response(503, text="busy"), "HTTP 503"),
        (httpx.Response(200, text="<html>a router</html>"), "no connection"),
    ],
)
async def test_an_unreachable_ollama_means_the_offline_engine(
    failure: Exception | httpx.Response, words: str
) -> None:
    route = respx.get(f"{URL}/api/tags")
    route.mock(return_value=failure) if isinstance(failure, httpx.Response) else route.mock(
        side_effect=failure
    )

    choice = await choose()
    assert (
        choice.model is None and words in choice.reason and choice.reason.endswith("offline engine answers.")
    )
    with pytest.raises(Unavailable):
        await pulled()


async def test_a_black_hole_costs_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://192.0.2.1:11434")
    began = time.perf_counter()
    choice = await choose()

    assert choice.model is None and time.perf_counter() - began < 15


async def test_offline_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPASS_MODEL", "Offline")

    assert (await choose()).reason == ""


@pytest.mark.parametrize("name", ["nonsense", "nobody:model", "openai:gpt-4o"])
async def test_a_model_that_cannot_be_used_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    choice = await choose(name)

    assert choice.model is None and name in choice.reason


@respx.mock
async def test_pulling_shows_progress() -> None:
    steps = [
        {"status": "pulling manifest"},
        {"status": "pulling 1a", "total": 4_000_000_000, "completed": 1_000_000_000},
        {"status": "pulling 1a", "total": 4_000_000_000, "completed": 1_000_000_001},
        {"status": "success"},
    ]
    lines = "\n".join(json.dumps(step) for step in steps).encode()
    route = respx.post(f"{URL}/api/pull").respond(content=lines)

    assert [line async for line in pull("ollama:qwen2.5:7b")] == [
        "pulling manifest", "pulling 1a 25% of 4.0 GB", "success",
    ]  # fmt: skip
    assert b'"qwen2.5:7b"' in route.calls[0].request.content


@respx.mock
async def test_pulling_fails_in_a_sentence() -> None:
    route = respx.post(f"{URL}/api/pull")
    route.respond(content=b'{"error":"pull model manifest: file does not exist"}\n')
    with pytest.raises(InvalidInput, match='no "qwen9:9b"'):
        [line async for line in pull("qwen9:9b")]

    route.mock(side_effect=httpx.ConnectError("gone"))
    with pytest.raises(Unavailable, match="stopped answering"):
        [line async for line in pull("qwen9:9b")]


async def test_pulled_over_real_http_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as server:
        monkeypatch.setenv("OLLAMA_BASE_URL", server.url)
        server.models, server.pull = [], [{"status": "pulling manifest"}, {"status": "success"}]
        assert (await choose()).missing == "qwen2.5:7b"

        assert [line async for line in pull("qwen2.5:7b")][-1] == "success"
        assert (await choose()).model is not None
