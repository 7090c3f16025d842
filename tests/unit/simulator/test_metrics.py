"""The metrics page: names, labels and bounds of vLLM 0.33."""

from prometheus_client.parser import text_string_to_metric_families

from tests.unit.simulator.conftest import Starter

EXPECTED = {
    "vllm:num_requests_running": "gauge",
    "vllm:num_requests_waiting": "gauge",
    "vllm:num_requests_waiting_by_reason": "gauge",
    "vllm:kv_cache_usage_perc": "gauge",
    "vllm:prefix_cache_queries": "counter",
    "vllm:prefix_cache_hits": "counter",
    "vllm:num_preemptions": "counter",
    "vllm:prompt_tokens": "counter",
    "vllm:prompt_tokens_by_source": "counter",
    "vllm:prompt_tokens_cached": "counter",
    "vllm:generation_tokens": "counter",
    "vllm:request_success": "counter",
    "vllm:admission_rejections": "counter",
    "vllm:time_to_first_token_seconds": "histogram",
    "vllm:inter_token_latency_seconds": "histogram",
    "vllm:request_time_per_output_token_seconds": "histogram",
    "vllm:e2e_request_latency_seconds": "histogram",
    "vllm:request_queue_time_seconds": "histogram",
    "vllm:request_inference_time_seconds": "histogram",
    "vllm:request_prefill_time_seconds": "histogram",
    "vllm:request_decode_time_seconds": "histogram",
    "vllm:request_prompt_tokens": "histogram",
    "vllm:request_generation_tokens": "histogram",
    "vllm:request_max_num_generation_tokens": "histogram",
    "vllm:request_params_max_tokens": "histogram",
    "vllm:request_prefill_kv_computed_tokens": "histogram",
    "vllm:request_params_n": "histogram",
    "vllm:request_num_preemptions": "histogram",
    "vllm:iteration_tokens_total": "histogram",
    "vllm:cache_config_info": "gauge",
}


async def test_the_page_parses_and_has_every_family(start: Starter) -> None:
    server = await start()
    await server.complete()

    page = (await server.client.get("/metrics")).text

    found = {family.name: family for family in text_string_to_metric_families(page)}
    assert {name: found[name].type for name in EXPECTED} == EXPECTED
    with_model = [name for name in EXPECTED if name not in ("vllm:cache_config_info",)]
    assert all(s.labels["model_name"] == "tiny" for name in with_model for s in found[name].samples)
    assert "model_name" not in found["vllm:cache_config_info"].samples[0].labels
    assert found["http_requests"].samples[0].labels == {
        "handler": "/v1/completions",
        "method": "POST",
        "status": "2xx",
    }


async def test_bounds_are_written_as_the_python_client_does(start: Starter) -> None:
    server = await start()

    page = (await server.client.get("/metrics")).text

    bounds = [
        line.split('le="')[1].split('"')[0]
        for line in page.splitlines()
        if line.startswith("vllm:time_to_first_token_seconds_bucket")
    ]
    assert bounds[:3] == ["0.001", "0.005", "0.01"]
    assert bounds[-3:] == ["640.0", "2560.0", "+Inf"]
    tokens = [line for line in page.splitlines() if line.startswith("vllm:request_prompt_tokens_bucket")]
    assert 'le="2000.0"' in tokens[-2]


async def test_bounds_can_be_replaced_by_family(start: Starter) -> None:
    server = await start(buckets={"inter_token_latency": (0.003, 0.006)})
    await server.complete(max_tokens=10)

    name = "vllm:request_time_per_output_token_seconds_bucket"
    assert await server.metric(name, le="0.003") == 0
    assert await server.metric(name, le="0.006") == 1
