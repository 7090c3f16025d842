"""Traces in Mooncake's format: what is read, what a replay finds, what the closed form says of the same."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compass.capacity import Estimator, LatencyProfile
from compass.catalog import load_catalog
from compass.core import InvalidInput
from compass.planning import candidate_profile, find_candidate
from compass.sessions import TRACE_BLOCK, read_turns, simulate_turns
from compass.traffic import Pause, SessionShape, Workload, open_load, stack

# Conversations whose turns add two blocks: 1,024 tokens, a quarter of them the answer.
SHAPE = SessionShape(2048, 2048, 768, 256, 10, (Pause(1.0, 20.0),), 16_384)
SESSIONS, SECONDS = 60, 1500.0


def profile(share: float) -> LatencyProfile:
    candidate = find_candidate(load_catalog(), "Qwen3-8B", "H100-SXM", "fp8")
    made = candidate_profile(candidate, Estimator.for_plans(), SHAPE.mean_prompt_tokens, 256)
    return made.model_copy(update={"kv_capacity_tokens": int(made.kv_capacity_tokens * share)})


def recorded(path: Path) -> None:
    """Write a trace of such conversations: each turn 22 s on average after the one before."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    ids = 10_000
    for session in range(SESSIONS):
        now, turn, hashes = float(rng.random() * 22_000), int(rng.integers(0, 10)), list[int]()
        while now < SECONDS * 1000:
            if turn == 10 or not hashes:
                turn = 0 if hashes else turn
                blocks = int(SHAPE.prompts[turn]) // TRACE_BLOCK
                hashes = [*range(4), *range(ids, ids + blocks - 4)]
                ids += 100
            rows.append(
                {"timestamp": int(now), "input_length": len(hashes) * TRACE_BLOCK, "output_length": 256}
                | {"hash_ids": list(hashes), "session_id": f"s{session}"}
            )
            hashes += [ids, ids + 1]
            ids += 2
            turn += 1
            now += 2000 + float(rng.exponential(20_000))
    rows.sort(key=lambda row: row["timestamp"])
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_a_replay_finds_what_the_closed_form_says(tmp_path: Path, share: float) -> None:
    recorded(tmp_path / "trace.jsonl")
    trace = read_turns(tmp_path / "trace.jsonl")
    run = simulate_turns(profile(share), trace, len(trace.turns), block_tokens=TRACE_BLOCK)

    work = Workload(SHAPE.mean_prompt_tokens, 256, 0.25, 0.25, session=SHAPE)
    loads = open_load(stack([profile(share)]), len(trace.turns) / SECONDS, work)

    assert loads.hit_rate is not None
    assert float(loads.hit_rate[0, 0]) == pytest.approx(run.hit_rate, rel=0.1)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: must hold an object"),
        ('{"timestamp": 0, "input_length": 0, "output_length": 1}', "line 1: input_length"),
        ('{"timestamp": -1, "input_length": 5, "output_length": 1}', "line 1: timestamp"),
        ('{"timestamp": 0, "input_length": 5, "output_length": 1, "hash_ids": "x"}', "line 1: hash_ids"),
        ('{"timestamp": 0, "input_length": 5, "output_length": 0}', "no turn with an answer"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "trace.jsonl").write_text(line, encoding="utf-8")

    with pytest.raises(InvalidInput, match=problem):
        read_turns(tmp_path / "trace.jsonl")
