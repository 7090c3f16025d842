"""GPUs that are counted or named in unusual words, and the goals and uses beside them."""

import pytest

from agent.intent import understand

COUNTS = [
    ("MI300X, eight in the chassis, DeepSeek-V3. Is anything left for the cache?", 8),
    ("Qwen3-32B on a quartet of L40S: what is the longest context?", 4),
    ("Mixtral 8x7B on a trio of 3090: does it fit?", 3),
    ("1 prefill + 2 decode nodes, eight H200 each, DeepSeek-V3. What should the first token take?", 24),
    ("Llama 3.3 70B runs out of memory on 4 L40S. Two such nodes with tp4 pp2 then: does it fit?", 8),
]
FOLLOW_UPS = [
    ("a third one arrived, so three now", 3),
    ("hm, they take half of the cards. with 1 then?", 1),
    ("what if only half of the cards are ours", 1),
]
NAMES = [
    ("GTX 1070 here, gemma 3 4b. Does it run?", "GTX 1070"),
    ("RX 7800 XT, 32GB ram, qwen3 8b is slow here. What could I expect?", "RX 7800 XT"),
    ("5 t/s for Qwen3-32B on one Spark. Normal?", "DGX Spark"),
]
GOALS = [
    ("KServe, Llama 3.1 8B on L4, 900 calls a minute. What should I set the replicas to?", "size"),
    ("MiniMax-M2: H200 with FP8 against B200 with NVFP4, price and speed", "compare"),
    ("Does fp8 really double what bf16 gives on an L40S? Qwen3-8B", "compare"),
    ("is 24 gigs still enough these days?", "capacity"),
    ("4070 Ti + 3060 in the same box, qwen3 14b. Does one slow the other down?", "capacity"),
]


@pytest.mark.parametrize(("text", "gpus"), COUNTS)
def test_gpus_are_counted_in_other_words(text: str, gpus: int) -> None:
    assert understand([text]).gpu_count == gpus


@pytest.mark.parametrize(("text", "gpus"), FOLLOW_UPS)
def test_a_follow_up_counts_anew(text: str, gpus: int) -> None:
    assert (
        understand(["Two L40S here, Qwen3-32B in fp8. How long can the context be?", text]).gpu_count == gpus
    )


@pytest.mark.parametrize(("text", "gpu"), NAMES)
def test_older_and_short_names_are_known(text: str, gpu: str) -> None:
    assert understand([text]).preferred_gpu_types == (gpu,)


@pytest.mark.parametrize(("text", "goal"), GOALS)
def test_the_goal_is_read(text: str, goal: str) -> None:
    assert understand([text]).goal == goal


def test_a_reserved_price_rules_nothing_out() -> None:
    text = "g6.12xlarge reserved for a year vs g6e.12xlarge on demand, Qwen3-32B. which one?"
    assert set(understand([text]).preferred_gpu_types) == {"L4", "L40S"}


def test_no_rush_rules_no_model_out() -> None:
    assert understand(["Due tomorrow, so no rush: Qwen3-8B, 40 reports a day."]).preferred_models


def test_thinking_beside_the_final_answer_is_read() -> None:
    assert understand(["Proofs with Qwen3-4B: 12K thinking plus 2K final, one L4."]).reasoning is True


def test_a_name_taken_after_another_is_forgotten_is_wanted() -> None:
    found = understand(["Qwen3-32B on 2 H100, does it fit?", "forget H100, use L40S"])
    assert found.preferred_gpu_types == ("L40S",)
