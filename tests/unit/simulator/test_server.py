"""The server over HTTP: shapes, streams, queues, limits, timing."""

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import openai
import pytest

from simulator.profile import Profile
from tests.unit.simulator.conftest import Running, Starter, events


def sdk(server: Running, **more: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, **more)


async def test_the_official_client_streams_a_chat(start: Starter) -> None:
    server = await start()
    async with sdk(server) as client:
        stream = await client.chat.completions.create(
            model="tiny",
            messages=[{"role": "user", "content": "hello"}],
            max_tokens=20,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]

    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text.startswith("This text comes from a simulator, not from a language model.")
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].choices == [] and chunks[-1].usage is not None
    assert (chunks[-1].usage.completion_tokens, chunks[-1].usage.prompt_tokens) == (20, 7)
    assert sum(bool(choice.delta.content) for chunk in chunks for choice in chunk.choices) == 20


async def test_the_official_client_lists_models_and_completes(start: Starter) -> None:
    server = await start()
    async with sdk(server) as client:
        models = (await client.models.list()).data
        answer = await client.completions.create(model="also-tiny", prompt=["a b", "c"], n=2, max_tokens=3)

    assert [model.id for model in models] == ["tiny", "also-tiny"]
    assert models[0].model_dump()["root"] == "org/tiny"
    assert models[0].model_dump()["max_model_len"] == 4096
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert answer.usage is not None and answer.usage.completion_tokens == 12
    assert answer.model == "tiny"


async def test_whole_answers_have_the_keys_of_vllm(start: Starter) -> None:
    server = await start()

    chat = (await server.chat(max_completion_tokens=4, max_tokens=9)).json()
    text = (await server.complete()).json()

    assert chat["object"] == "chat.completion" and chat["id"].startswith("chatcmpl-")
    assert chat["usage"]["completion_tokens"] == 4
    assert "reasoning" in chat["choices"][0]["message"] and "tool_calls" not in chat["choices"][0]["message"]
    assert {"prompt_logprobs", "kv_transfer_params", "metrics"} <= chat.keys()
    assert text["object"] == "text_completion" and text["usage"]["completion_tokens"] == 16


async def test_usage_in_each_chunk_when_asked(start: Starter) -> None:
    server = await start()
    both = {"include_usage": True, "continuous_usage_stats": True}

    chat = events((await server.chat(max_tokens=5, stream=True, stream_options=both)).text)
    plain = events((await server.complete(max_tokens=2, stream=True)).text)

    assert [chunk["usage"]["completion_tokens"] for chunk in chat] == [0, 1, 2, 3, 4, 5, 5]
    assert chat[-1]["choices"] == []
    assert all("usage" not in chunk for chunk in plain)
    assert "system_fingerprint" in plain[-1]


@pytest.mark.parametrize(
    ("body", "tokens", "finish"),
    [
        ({}, 11, "stop"),
        ({"max_tokens": 300}, 300, "length"),
        ({"max_tokens": 1}, 1, "length"),
        ({"min_tokens": 20}, 20, "stop"),
        ({"max_tokens": 40, "ignore_eos": True, "stop": None, "unheard_of": [1]}, 40, "length"),
        ({"max_tokens": 40, "stop": ["language"]}, 13, "stop"),
    ],
)
async def test_an_answer_has_as_many_tokens_as_asked(
    start: Starter, body: dict[str, Any], tokens: int, finish: str
) -> None:
    server = await start(output_tokens=11)

    answer = (await server.chat(**body)).json()

    assert answer["usage"]["completion_tokens"] == tokens
    assert answer["choices"][0]["finish_reason"] == finish


async def test_a_streamed_stop_string_never_shows(start: Starter) -> None:
    server = await start()

    chunks = events((await server.complete(max_tokens=40, stop="language", stream=True)).text)

    text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
    assert text == "This text comes from a simulator, not from a "
    assert chunks[-1]["choices"][0]["stop_reason"] == "language"


async def test_the_same_request_has_the_same_answer_streamed_or_not(start: Starter) -> None:
    one, other = await start(seed=7), await start(seed=7)

    whole = (await one.complete(max_tokens=90)).json()["choices"][0]["text"]
    chunks = events((await other.complete(max_tokens=90, stream=True)).text)

    assert whole == "".join(chunk["choices"][0]["text"] for chunk in chunks)


@pytest.mark.parametrize(
    ("body", "status", "kind", "param"),
    [
        ({"model": "nobody"}, 404, "NotFoundError", "model"),
        ({"max_tokens": 0}, 400, "BadRequestError", "max_tokens"),
        ({"max_tokens": 5000}, 400, "BadRequestError", "max_tokens"),
        ({"max_tokens": "many"}, 400, "Bad Request", "body.max_tokens"),
        ({"prompt": ""}, 400, "BadRequestError", "prompt"),
        ({"prompt": [1] * 5000}, 400, "BadRequestError", "input_tokens"),
        ({"prompt": None}, 400, "Bad Request", "body.prompt"),
        ({"temperature": 3}, 400, "BadRequestError", "temperature"),
        ({"min_tokens": 9, "max_tokens": 3}, 400, "BadRequestError", "min_tokens"),
        ({"stream_options": {"include_usage": True}}, 400, "Bad Request", "stream_options"),
        ({"logprobs": 3}, 400, "BadRequestError", "logprobs"),
    ],
)
async def test_errors_have_the_shape_of_vllm(
    start: Starter, body: dict[str, Any], status: int, kind: str, param: str
) -> None:
    server = await start()

    answer = await server.complete(**body)

    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["param"], error["code"]) == (kind, param, status)
    assert error["message"]


async def test_errors_before_the_body_is_understood(start: Starter) -> None:
    server = await start()
    post = server.client.post

    broken = await post("/v1/completions", content=b'{"a":', headers={"content-type": "application/json"})
    typed = await post("/v1/completions", content=b"{}", headers={"content-type": "text/plain"})

    assert broken.json()["error"]["param"] == "body.5"
    assert typed.status_code == 400
    assert (await post("/v1/models")).status_code == 405
    assert (await post("/nothing")).json() == {"detail": "Not Found"}
    assert (await server.chat(tools=[{"type": "function"}])).status_code == 400
    assert (await post("/v1/chat/completions", json={})).json()["error"]["param"] == "body.messages"


async def test_a_context_that_is_nearly_full_cuts_the_answer(start: Starter) -> None:
    server = await start()

    answer = (await server.complete(prompt=[65] * 4090, max_tokens=100)).json()

    assert answer["usage"] == {
        "prompt_tokens": 4090,
        "total_tokens": 4096,
        "completion_tokens": 6,
        "prompt_tokens_details": None,
    }


async def test_small_endpoints(start: Starter) -> None:
    server = await start(api_key="secret")
    client = server.client

    assert (await client.get("/health")).content == b""
    assert (await client.post("/ping")).status_code == 200
    assert (await client.get("/version")).json() == {"version": "0.33.0"}
    assert (await client.get("/load")).json() == {"server_load": 0}
    assert (await client.get("/v1/models")).json() == {"error": "Unauthorized"}
    assert (await client.get("/v1/models", headers={"authorization": "Bearer secret"})).status_code == 200
    ids = (await client.post("/tokenize", json={"prompt": "Grüße, world!"})).json()
    back = await client.post("/detokenize", json={"tokens": ids["tokens"]})
    assert back.json() == {"prompt": "Grüße, world!"} and ids["count"] == len(ids["tokens"])


async def test_the_pace_is_that_of_the_profile(start: Starter, quick: Profile) -> None:
    server = await start(profile=replace(quick, max_num_seqs=16))

    async def gap(tokens: int = 60) -> tuple[float, float]:
        times = []
        began = time.perf_counter()
        body = {"prompt": "one", "max_tokens": tokens, "stream": True}
        async with server.client.stream("POST", "/v1/completions", json=body) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    times.append(time.perf_counter())
        return (times[-1] - times[0]) * 1000 / (tokens - 1), (times[0] - began) * 1000

    alone, first = await gap()
    together = await asyncio.gather(*(gap() for _ in range(16)))

    # A busy machine makes it slower, never faster; benches/simulator_speed.py measures how close it is.
    assert alone >= 4.0 * 0.95
    assert max(each for each, _ in together) >= 8.0 * 0.92
    assert first >= 9


async def test_waiting_requests_count_and_their_ttft_includes_the_queue(start: Starter) -> None:
    server = await start()

    tasks = [asyncio.create_task(server.complete(max_tokens=60)) for _ in range(12)]
    await server.until("vllm:num_requests_waiting", 8)
    assert await server.metric("vllm:num_requests_running") == 4
    assert await server.metric("vllm:kv_cache_usage_perc") > 0
    await asyncio.gather(*tasks)

    name = "vllm:time_to_first_token_seconds"
    assert await server.metric("vllm:num_requests_waiting") == 0
    assert await server.metric(f"{name}_count") == 12
    # The last four wait for two rounds of 60 tokens at 5 ms.
    assert await server.metric(f"{name}_bucket", le="0.5") < 12
    assert await server.metric("vllm:generation_tokens_total") == 720
    assert await server.metric("vllm:request_success_total", finished_reason="length") == 12
    assert await server.metric("vllm:inter_token_latency_seconds_count") == 12 * 59


async def test_a_full_queue_answers_503(start: Starter) -> None:
    server = await start(max_queued=2)

    tasks = [asyncio.create_task(server.complete(max_tokens=50)) for _ in range(9)]
    answers = await asyncio.gather(*tasks)

    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 3
    assert refused[0].json()["error"]["type"] == "Service Unavailable"
    assert await server.metric("vllm:admission_rejections_total") == 3


async def test_a_client_that_leaves_stops_its_request(start: Starter) -> None:
    server = await start()
    body = {"prompt": "x", "max_tokens": 3000, "stream": True}
    async with server.client.stream("POST", "/v1/completions", json=body) as answer:
        async for _ in answer.aiter_lines():
            break

    await server.until("vllm:request_success_total", 1)

    assert await server.metric("vllm:request_success_total", finished_reason="abort") == 1
    assert await server.metric("vllm:num_requests_running") == 0
    assert await server.metric("vllm:kv_cache_usage_perc") == 0
    assert not server.api.exchanges


async def test_replicas_share_the_load(start: Starter) -> None:
    server = await start(replicas=2)

    await asyncio.gather(*(server.complete(max_tokens=20) for _ in range(8)))

    counts = [
        await server.metric("vllm:request_success_total", engine=engine, finished_reason="length")
        for engine in "01"
    ]
    assert counts == [4, 4]


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("server_error", 500), ("overloaded", 503)])
async def test_one_request_fails_on_purpose(start: Starter, kind: str, status: int) -> None:
    server = await start()

    answer = await server.client.post(
        "/v1/completions", json={"prompt": "x"}, headers={"X-Return-Error": kind}
    )

    assert answer.status_code == status and "on purpose" in answer.json()["error"]["message"]
    assert (await server.complete()).status_code == 200


async def test_a_failure_within_the_stream_reaches_the_client_as_an_error(start: Starter) -> None:
    server = await start()
    async with sdk(server, default_headers={"X-Return-Error": "stream_error"}) as client:
        stream = await client.completions.create(model="tiny", prompt="x", max_tokens=50, stream=True)
        with pytest.raises(openai.APIError, match="on purpose"):
            [chunk async for chunk in stream]

    assert await server.metric("vllm:request_success_total", finished_reason="abort") == 1


async def test_failures_by_rate_are_drawn_from_the_seed(start: Starter) -> None:
    servers = [await start(failure_rate=50.0, failure_kinds=("rate_limit",), seed=3) for _ in range(2)]

    drawn = [[(await server.complete(max_tokens=1)).status_code for _ in range(20)] for server in servers]

    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {200, 429}


async def raw(server: Running, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(data)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


async def test_pipelined_requests_are_answered_in_order(start: Starter) -> None:
    server = await start()
    body = json.dumps({"prompt": "x", "max_tokens": 2, "stream": True}).encode()
    post = b"POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    last = b"GET /version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

    answer = await raw(server, post + b"content-length: %d\r\n\r\n" % len(body) + body + last)

    assert answer.index(b"[DONE]") < answer.index(b'{"version"')


async def test_what_is_no_http_is_refused(start: Starter) -> None:
    server = await start()

    assert (await raw(server, b"hello there\r\n\r\n")).startswith(b"HTTP/1.1 400")
    assert (await raw(server, b"GET /health HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200")
