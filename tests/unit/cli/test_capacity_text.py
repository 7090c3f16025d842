"""What given GPUs carry, and comparisons, on one screen."""

import io

import pytest
from rich.console import Console, RenderableType

from cli.capacity_text import BAR, memory_bar, render_capacity
from cli.comparison_text import render_comparison
from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.comparison import Side, compare_alternatives
from compass.deployment_capacity import CapacityAnswer, MemoryOfGpu, deployment_capacity
from compass.planning import Wishes

SCREEN = 40


def lines_of(part: RenderableType) -> list[str]:
    written = io.StringIO()
    Console(file=written, width=120, highlight=False).print(part)
    return written.getvalue().rstrip().splitlines()


def capacity(**wishes: object) -> CapacityAnswer:
    return deployment_capacity(load_catalog(), Estimator.for_plans(), Wishes().changed(**wishes), ("fits",))


@pytest.mark.parametrize(
    "wishes",
    [
        {"preferred_models": ("gpt-oss-120b",), "preferred_gpu_types": ("RTX PRO 6000",), "user_count": 20},
        {"preferred_models": ("Qwen3-32B",), "preferred_gpu_types": ("L40S",), "gpu_count": 8},
        {"preferred_models": ("DeepSeek-R1",), "preferred_gpu_types": ("H100",), "gpu_count": 8},
        {"preferred_gpu_types": ("RTX 3090",), "gpu_count": 3, "batch_items": 10_000},
    ],
    ids=["fits", "many arrangements", "does not fit", "no model"],
)
def test_an_answer_fits_on_a_screen_and_begins_with_the_verdict(wishes: dict[str, object]) -> None:
    answer = capacity(**wishes)
    shown = lines_of(render_capacity(answer))

    assert len(shown) <= SCREEN, "\n".join(shown)
    assert shown[0].startswith(answer.verdict_words)
    assert (answer.verdict_words == "For example") == (not wishes.get("preferred_models"))


def test_words_that_no_field_took_come_first_and_the_stated_load_is_marked() -> None:
    answer = capacity(
        preferred_models=("Qwen3-32B",), preferred_gpu_types=("L40S",), gpu_count=2, concurrent_requests=20
    )
    shown = lines_of(render_capacity(answer.model_copy(update={"unread": ("by Friday",)})))

    assert shown[0] == "Not used: by Friday"
    marked = [line.split() for line in shown if line.startswith("→")]
    assert len(marked) == 1 and marked[0][1] == "20"


def test_the_bar_is_as_long_as_memory() -> None:
    memory = MemoryOfGpu(weights=40, runtime=2, kv_cache=30, free=8, total_per_gpu=80)
    bar = memory_bar(memory).plain.splitlines()[0]

    assert len(bar) == BAR
    assert bar.count("█") == BAR // 2


def test_a_comparison_fits_on_a_screen() -> None:
    made = compare_alternatives(
        load_catalog(),
        Estimator.for_plans(),
        Wishes(preferred_models=("Qwen3-32B",), requests_per_second=20),
        [Side(gpu="H100"), Side(gpu="L40S")],
    )
    shown = lines_of(render_comparison(made))

    assert len(shown) <= SCREEN
    assert any(line.startswith("Differences") for line in shown)
