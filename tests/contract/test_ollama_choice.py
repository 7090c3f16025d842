"""Which model answers, and pulling one: the `ollama` client over mocked and over real HTTP."""

import json

import httpx
import pytest
import respx
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.models.ollama import OllamaModel

from agent.environment import ollama_url
from agent.llm.ollama_chat import OllamaChat
from agent.llm.ollama_choice import CONTEXT_TOKENS, OPENAI_STYLE_TOKENS, pull
from agent.llm.selection import choose_model
from compass.core import InvalidInput, Unavailable
from tests.contract.ollama_server import serving

URL = "http://ollama.test:11434"
SHOWN = {
    "capabilities": ["completion", "tools"],
    "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 32_768},
}
SAID = (
    b'{"message":{"role":"assistant","content":"Hel"},"done":false}\n'
    b'{"message":{"role":"assistant","content":"lo."},"done":false}\n'
    b'{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",'
    b'"prompt_eval_count":7,"eval_count":3}\n'
)


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

    respx.post(f"{URL}/api/show").respond(json=SHOWN)

    assert (await choose_model()).name == "qwen2.5:7b (Ollama)"
    assert (await choose_model("ollama:mistral")).name == "mistral (Ollama)"
    missing = await choose_model("ollama:qwen3:8b")
    assert missing.model is None and missing.missing == "qwen3:8b"


@respx.mock
@pytest.mark.parametrize(
    ("longest", "context"), [(32_768, CONTEXT_TOKENS), (4_096, 4_096), (None, CONTEXT_TOKENS)]
)
async def test_the_context_is_asked_for_and_no_longer_than_the_model(
    longest: int | None, context: int
) -> None:
    respx.get(f"{URL}/api/tags").respond(json={"models": [{"model": "qwen2.5:7b"}]})
    info = {"qwen2.context_length": longest} if longest else {}
    respx.post(f"{URL}/api/show").respond(json=SHOWN | {"model_info": info})
    route = respx.post(f"{URL}/api/chat").respond(content=SAID)

    choice = await choose_model()
    assert choice.model is not None and choice.context_tokens == context
    answer = await Agent(choice.model).run("Hello", model_settings={"temperature": 0.0, "max_tokens": 50})

    sent = json.loads(route.calls[0].request.content)
    assert sent["options"] == {"num_ctx": context, "num_predict": 50, "temperature": 0.0}
    assert sent["stream"] and "think" not in sent
    assert answer.output == "Hello." and answer.usage.input_tokens == 7 and answer.usage.output_tokens == 3


@respx.mock
async def test_thinking_is_switched_off_where_the_model_can() -> None:
    respx.get(f"{URL}/api/tags").respond(json={"models": [{"model": "qwen3:8b"}]})
    respx.post(f"{URL}/api/show").respond(json=SHOWN | {"capabilities": ["tools", "thinking"]})
    route = respx.post(f"{URL}/api/chat").respond(content=SAID)

    choice = await choose_model("ollama:qwen3:8b")
    assert choice.model is not None
    await Agent(choice.model).run("Hello")

    assert json.loads(route.calls[0].request.content)["think"] is False


@respx.mock
async def test_a_model_without_tools_is_refused_with_a_reason() -> None:
    respx.get(f"{URL}/api/tags").respond(json={"models": [{"model": "gemma2:2b"}]})
    respx.post(f"{URL}/api/show").respond(json=SHOWN | {"capabilities": ["completion"]})

    choice = await choose_model("ollama:gemma2:2b")
    assert choice.model is None and choice.why == "gemma2:2b cannot call tools"


@respx.mock
@pytest.mark.parametrize(("status", "kind"), [(404, OllamaModel), (503, OllamaChat)])
async def test_only_a_server_without_the_native_protocol_is_spoken_to_openai_style(
    status: int, kind: type
) -> None:
    respx.get(f"{URL}/api/tags").respond(json={"models": [{"model": "qwen2.5:7b"}]})
    respx.post(f"{URL}/api/show").respond(status)

    choice = await choose_model()
    assert isinstance(choice.model, kind)
    assert choice.context_tokens == (OPENAI_STYLE_TOKENS if kind is OllamaModel else CONTEXT_TOKENS)


@respx.mock
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b'{"message":{"role":"assistant","content":"Hel"},"done":false}\n', "in the middle"),
        (b'{"message":{"role":"assistant","content":"Hel"},"done":false}\n{"mess', "no answer"),
        (b'{"error":"CUDA error"}\n', "CUDA error"),
        (b"<html>a router</html>", "no answer"),
        (b'{"message":{"tool_calls":[{"function":{"name":"x","arguments":"{"}}]}}\n', "no answer"),
    ],
)
async def test_an_answer_that_breaks_off_is_an_error_and_no_answer(lines: bytes, words: str) -> None:
    respx.get(f"{URL}/api/tags").respond(json={"models": [{"model": "qwen2.5:7b"}]})
    respx.post(f"{URL}/api/show").respond(json=SHOWN)
    respx.post(f"{URL}/api/chat").respond(content=lines)

    choice = await choose_model()
    assert choice.model is not None
    with pytest.raises(ModelAPIError, match=words):
        await Agent(choice.model).run("Hello")


@respx.mock
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectError("refused"), "no connection"),
        (httpx.ConnectTimeout("slow"), "not in time"),
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

    choice = await choose_model()
    assert choice.model is None and URL in choice.why and words in choice.why
    assert choice.explained("x follows") == (
        f"{choice.why}, so x follows. Start it, or set OLLAMA_BASE_URL or COMPASS_MODEL."
    )


async def test_offline_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPASS_MODEL", "Offline")

    assert (await choose_model()).explained("x follows") == ""


@pytest.mark.parametrize("name", ["nonsense", "nobody:model", "openai:gpt-4o"])
async def test_a_model_that_cannot_be_used_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    choice = await choose_model(name)

    assert choice.model is None and name in choice.why and choice.misnamed


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
        assert (await choose_model()).missing == "qwen2.5:7b"

        assert [line async for line in pull("qwen2.5:7b")][-1] == "success"
        assert (await choose_model()).model is not None
