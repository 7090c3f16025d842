"""What a published run's row says of its server and its client."""

import pytest

from compass.catalog import load_catalog
from compass.estimates import EstimateRow, parse_row
from compass.estimates.run_conditions import release_of, run_conditions

ROW = {
    "model": "Qwen/Qwen3-8B", "gpu": "A100-80-SXM", "precision": "bf16", "gpus": "1", "tensor_parallel": "1",
    "prompt_tokens": "1024", "output_tokens": "256", "concurrency": "16", "load": "closed",
}  # fmt: skip


def parsed(row: dict[str, str]) -> EstimateRow:
    return parse_row(row, load_catalog())


def test_flags_in_the_notes_win_over_vllms_defaults() -> None:
    said = ROW | {"notes": "max-num-seqs 64; constant rate"}

    assert parsed(said).config.sequences == 64
    assert parsed(ROW).config.sequences == 256
    assert parsed(ROW | {"gpu": "H100-SXM"}).config.sequences == 1024
    assert parsed(ROW | {"gpu": "H100-SXM", "engine_version": "0.7.3"}).config.sequences == 256
    assert run_conditions(said).constant
    assert not run_conditions(ROW).constant


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        ({"dataset": "random"}, True),
        ({"dataset": "random", "output_tokens": "251.4"}, False),
        ({"dataset": "random", "notes": "openai-chat endpoint, no ignore-eos"}, False),
        ({"dataset": "sharegpt"}, False),
    ],
)
def test_random_prompts_end_together_unless_the_model_ends_them(
    change: dict[str, str], constant: bool
) -> None:
    spread = run_conditions(ROW | change).output_spread

    assert (spread == 0.0) is constant


def test_a_cache_type_is_that_of_its_column_else_vllms_own() -> None:
    assert parsed(ROW | {"kv_dtype": "fp8"}).config.cache == "fp8"
    assert parsed(ROW | {"precision": "fp8"}).config.cache == "bf16"
    assert parsed(ROW | {"model": "nvidia/Llama-3.1-8B-Instruct-FP8"}).config.cache == "fp8"
    assert parsed(ROW | {"load": ""}).config.cache is None, "a shipped run does not say"


def test_replicas_behind_a_balancer_share_no_experts() -> None:
    spread = ROW | {"gpus": "8", "tensor_parallel": "4", "data_parallel": "2", "expert_parallel": "4"}

    joined = parsed(spread)
    apart = parsed(spread | {"notes": "2 independent replicas behind nginx; --enable-expert-parallel set"})

    assert (joined.config.data_parallel, joined.concurrency) == (2, 16)
    assert (apart.config.data_parallel, apart.concurrency) == (1, 8)


def test_a_network_that_the_notes_tell_of_is_waited_for() -> None:
    notes = "client outside the cluster (about 340 ms floor on TTFT even at 1 request/s: network)"

    assert run_conditions(ROW | {"notes": notes}).network_ms == 340
    assert run_conditions(ROW).network_ms == 0


def test_a_number_of_prompts_that_only_the_notes_tell_is_read() -> None:
    notes = "number of prompts not printed (peak in flight at most 100, so about 100: short runs)"

    assert parsed(ROW | {"notes": notes}).num_prompts == 100
    assert parsed(ROW | {"notes": "about 100 ms of network"}).num_prompts is None


def test_a_model_that_leaves_little_room_was_given_more_memory() -> None:
    roomy = parsed(ROW).config
    tight = parsed(ROW | {"model": "meta-llama/Llama-3.1-70B-Instruct", "gpus": "2", "tensor_parallel": "2"})
    said = parsed(ROW | {"notes": "gpu-memory-utilization 0.5"}).config

    assert (roomy.utilization, tight.config.utilization, said.utilization) == (0.9, 0.95, 0.5)


@pytest.mark.parametrize(
    ("row", "release"),
    [
        ({"engine_version": "0.11.0"}, "0.11.0"),
        ({"engine_version": "llm-d 0.0.4", "published": "2025-05"}, "0.8.0"),
        ({"engine_version": "", "published": "2025-10"}, "0.10.0"),
        ({"engine_version": "image vllm/vllm-openai:gemma4", "published": "2026"}, "0.22.0"),
        ({"engine_version": ""}, None),
    ],
)
def test_a_release_that_is_not_named_is_that_of_the_day(row: dict[str, str], release: str | None) -> None:
    assert release_of(row) == release


def test_the_first_scheduler_computed_whole_prompts() -> None:
    assert run_conditions(ROW | {"engine_version": "0.7.3"}).whole_prompts
    assert not run_conditions(ROW | {"engine_version": "0.9.0"}).whole_prompts


def test_what_decides_on_memory_is_part_of_the_configuration() -> None:
    assert parsed(ROW).config.batched_tokens == 2048
    assert parsed(ROW | {"gpu": "H100-SXM"}).config.batched_tokens == 8192


def test_gpus_beyond_a_node_are_stages_of_a_pipeline() -> None:
    found = parsed(ROW | {"gpu": "H200", "gpus": "16", "tensor_parallel": ""}).config

    assert (found.tensor_parallel, found.pipeline_parallel) == (8, 2)


def test_a_measured_run_has_the_memory_of_those_who_measured() -> None:
    tuned = parsed(ROW | {"load": "", "gpu": "H100-SXM", "engine_version": "0.19.0"}).config
    plain = parsed(ROW | {"load": "", "gpu": "H100-SXM", "engine_version": "0.12.0"}).config

    assert (tuned.utilization, tuned.sequences) == (0.95, 256)
    assert (plain.utilization, plain.sequences) == (0.9, None)
