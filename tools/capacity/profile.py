"""Engine step times that behave, in a closed loop, as the estimator predicts."""

from typing import TYPE_CHECKING

import numpy as np

from tools.capacity.types import FloatArray, LatencyProfile

if TYPE_CHECKING:
    from tools.capacity.estimator import CompiledBatch

BATCH = (1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
MAX_SEQUENCES = 1024
"""vLLM's default `--max-num-seqs` on data-centre GPUs."""
MAX_BATCHED_TOKENS = 8192
CONTEXT_SHARE = 0.15
"""Most of a decode step that is put down to resident context; the rest moves with the batch."""


def closed_loop_profile(batch: "CompiledBatch", prompt: float, output: float) -> LatencyProfile:
    """The profile of the batch's only configuration for one shape of traffic.

    In the simulated engine a gap between tokens is a decode step plus the prompts that share it, b / output
    of them on average, and a first token waits for the step in progress and for its own prompt. Prefill is
    chosen so that the TTFT curve comes out, the decode step so that ITL comes out at every batch size.
    """
    loads = np.array(BATCH, dtype=np.float64)
    predicted = batch.predict(loads, prompt, output)
    itl, ttft = predicted.itl_ms[0], predicted.ttft_ms[0]
    capacity = float(batch.memory.kv_capacity_tokens[0])
    holds = loads * (prompt + 0.5 * output) <= max(capacity, prompt + 0.5 * output)
    whole, overhead = _prefill(loads[holds], itl[holds], ttft[holds], output)
    context = prompt + 0.5 * output
    kv = _context_share(itl, loads, context)
    decode = np.maximum.accumulate(
        np.maximum(itl - loads / output * whole - kv * loads * context, 0.05 * itl)
    )
    # The square term is physics' own share of attention in a prompt.
    c = batch.coefficients
    seen = 0.5 * prompt
    linear = float(c.prefill[0, 0])
    square = float(c.attention[0, 0] * seen + c.attention_window[0, 0] * min(seen, float(c.window[0, 0])))
    quadratic = square / (linear + square)
    return LatencyProfile(
        model=batch.configs[0].model,
        batch=BATCH,
        decode_ms=tuple(float(value) for value in decode),
        kv_ms_per_token=kv,
        prefill_ms_per_token=whole * (1.0 - quadratic) / prompt,
        prefill_ms_per_token_squared=whole * quadratic / (prompt * seen),
        request_overhead_ms=overhead,
        max_num_seqs=MAX_SEQUENCES,
        max_num_batched_tokens=MAX_BATCHED_TOKENS,
        kv_capacity_tokens=max(1, int(capacity)),
        max_model_len=max(int(prompt + output), 131072),
    )


def _prefill(loads: FloatArray, itl: FloatArray, ttft: FloatArray, output: float) -> tuple[float, float]:
    """Milliseconds of one prompt and of a request's overhead that give the TTFT curve.

    A first token waits half a step, its own prompt, and the prompts that arrived in the meantime: as many
    as a cycle of b requests brings, weighted by how busy prefill keeps the engine.
    """
    best = (np.inf, 0.0, 0.0)
    ceiling = float(np.min(0.9 * itl * output / loads))
    for whole in np.geomspace(max(ttft[0] * 0.02, 1e-3), max(min(ttft[0], ceiling), 2e-3), 60):
        busy = np.minimum(loads * whole / (itl * output), 0.95)
        reached = whole * (1.0 + 0.5 * busy / (1.0 - busy)) + 0.5 * itl
        overhead = max(0.0, float(np.median(ttft - reached)))
        error = float(np.mean(np.abs(np.log((reached + overhead) / ttft))))
        best = min(best, (error, float(whole), overhead))
    return best[1], best[2]


def _context_share(itl: FloatArray, loads: FloatArray, context: float) -> float:
    """Milliseconds a token of resident context costs in a step."""
    grows = max(0.0, float(itl[-1] - itl[0]))
    return CONTEXT_SHARE * grows / float(loads[-1] * context)
