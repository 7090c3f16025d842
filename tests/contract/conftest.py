"""A server that speaks Ollama's protocol, whole and its OpenAI-style half, for each file that asks for it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.contract.ollama_server import FakeOllama, Stage, staged
from tests.contract.ollama_talk import WISH


@pytest.fixture(scope="module", params=["native", "openai-style"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with staged(speaks_native=request.param == "native") as server:
        yield server


@pytest.fixture
def ollama(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOllama]:
    ollama = stage.fresh()
    monkeypatch.setenv("OLLAMA_BASE_URL", f"{ollama.url}/v1")
    monkeypatch.setenv("COMPASS_MODEL", "ollama:qwen2.5:7b")
    ollama.intent = lambda said: WISH
    yield ollama
    assert ollama.overflows() == [], "tokens beyond the context, which Ollama cuts without a word"
