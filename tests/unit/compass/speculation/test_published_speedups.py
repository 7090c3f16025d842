"""Published speed-ups lie between the model's worst and best case.

Acceptance is that of the choice, not of the run, unless the run publishes its own.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from compass.catalog import Precision
from compass.speculation import speculation_for, speedups
from tests.unit.compass.speculation.conftest import model_named, replica


@dataclass(frozen=True)
class Published:
    """Speed-ups of a token's time by requests in flight."""

    model: str
    precision: Precision
    gpu: str
    gpus: int
    drafts: int
    context: float
    speedups: dict[int, float]
    source: str
    accepted: float | None = None


RUNS = [
    # TPOT 7.07 ms without, 4.32, 4.09, 4.05 and 4.29 with; MT-Bench, greedy, vLLM of July 2025.
    *(
        Published(
            "Llama-3.1-8B-Instruct", "bf16", "H100-SXM", 1, drafts, 500, {1: 7.07 / tpot},
            "vLLM issue 20780", al,
        )
        for drafts, al, tpot in ((2, 2.36, 4.32), (3, 2.79, 4.09), (4, 3.08, 4.05), (7, 3.54, 4.29))
    ),
    # SGLang, MT-Bench; from the paper's abstract, which does not say how many tokens were drafted.
    Published(
        "Llama-3.1-8B-Instruct", "bf16", "H100-SXM", 1, 3, 300, {64: 1.38}, "EAGLE-3, arXiv 2503.01840",
    ),
    # Tokens/s of the mean of four data sets, vLLM 0.11.2, one request.
    *(
        Published(model, "bf16", "H20", 1, 2, 600, {1: after / before}, "AngelSlim, 2026-01-13", al)
        for model, al, before, after in (
            ("Qwen3-1.7B", 2.17, 381.05, 642.93),
            ("Qwen3-4B", 2.08, 233.26, 386.94),
            ("Qwen3-8B", 1.99, 151.81, 257.52),
            ("Qwen3-14B", 1.79, 93.26, 145.33),
            ("Qwen3-32B", 1.91, 43.32, 74.10),
            ("Qwen3-30B-A3B", 2.04, 320.87, 438.07),
        )
    ),
    # Tokens/s of whole runs of 80 prompts, SGLang, MT-Bench at temperature 0.7.
    Published(
        "gpt-oss-120b", "mxfp4", "H100-SXM", 1, 3, 700, {1: 285 / 212, 8: 1044 / 795, 64: 2339 / 1620},
        "Model card of Dogacel/specdrift-gpt-oss-120b-eagle3", 2.42,
    ),
    # P-EAGLE is 1.52 and 1.34 times as fast as no drafts, 1.12 and 1.07 times as fast as EAGLE-3's best.
    Published(
        "gpt-oss-120b", "mxfp4", "B200", 1, 3, 900, {1: 1.52 / 1.12, 8: 1.34 / 1.07},
        "vLLM pull request 32887",
    ),
    # MT-Bench, SGLang: a tree of three steps at one request; a chain of five, "parity", at 32.
    Published("MiniMax-M2.5", "fp8", "H200", 4, 3, 600, {1: 1.78}, "thoughtworks/MiniMax-M2.5-Eagle3"),
    Published("MiniMax-M2.5", "fp8", "H200", 4, 5, 600, {32: 1.0}, "thoughtworks/MiniMax-M2.5-Eagle3"),
    # End-to-end latency on ShareGPT, prompts included, SGLang 0.4.10.
    Published(
        "DeepSeek-V3", "fp8", "MI300X", 8, 2, 500, {4: 1.80, 8: 1.75, 16: 1.58, 32: 1.51, 64: 1.36},
        "lmsys.org, DeepSeek V3 on MI300X, 2025-09-02",
    ),
    Published("DeepSeek-V3", "fp8", "H200", 8, 1, 1500, {1: 1.76}, "SGLang pull request 3582"),
    # Without relaxed acceptance; TensorRT-LLM, 1,000 tokens in, 2,000 out.
    Published("DeepSeek-R1", "nvfp4", "B200", 8, 3, 2000, {1: 2.16}, "TensorRT-LLM tech blog 2, 2025"),
    Published(
        "DeepSeek-R1", "fp8", "Gaudi3", 8, 1, 1500, {4: 1.6, 32: 1.5, 128: 1.35}, "HabanaAI/vllm-fork 1264",
    ),
]  # fmt: skip


def named(run: Published) -> str:
    return f"{run.model} on {run.gpus} {run.gpu}, {run.drafts} drafts, {run.source}"


@pytest.mark.parametrize("run", RUNS, ids=named)
def test_a_published_speedup_lies_between_the_worst_and_the_best_case(run: Published) -> None:
    batch = replica(run.model, run.precision, run.gpu, run.gpus)
    choice = speculation_for(model_named(run.model), "chatbot_conversational", draft_tokens=run.drafts)
    assert choice is not None
    if run.accepted is not None:
        own = {"accepted_tokens": run.accepted, "low": run.accepted * 0.97, "high": run.accepted * 1.03}
        choice = choice.model_copy(update=own)
    loads = np.array(list(run.speedups), dtype=np.float64)
    worst, best = (speedups(batch, [choice], run.context, loads, case)[0] for case in ("worst", "best"))
    published = np.array(list(run.speedups.values()))
    assert (worst <= published).all() and (published <= best).all(), (worst, published, best)


def test_the_typical_case_is_near_the_published_speedups() -> None:
    """On vLLM 0.11, with the acceptance of each run: half of them within 8 %, all within 15 %."""
    errors = {}
    for run in RUNS:
        if run.accepted is None or run.gpu != "H20":
            continue
        batch = replica(run.model, run.precision, run.gpu, run.gpus)
        choice = speculation_for(model_named(run.model), "chatbot_conversational", draft_tokens=run.drafts)
        assert choice is not None
        choice = choice.model_copy(update={"accepted_tokens": run.accepted})
        gain = speedups(batch, [choice], run.context, np.array([1.0]))[0, 0]
        errors[run.model] = abs(np.log(gain / run.speedups[1]))
    assert max(errors.values()) < 0.15 and np.median(list(errors.values())) < 0.08, errors
