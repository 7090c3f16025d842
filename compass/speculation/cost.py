"""Step times with speculation: a step that drafts and verifies, over the tokens that it yields.

A step of b sequences takes R(b) times as long as one without speculation (`capacity.drafting`) and yields a
tokens for each: a token takes R(b) / a as long. Profiles keep their own step times, which runs corrected; R
is physics.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from compass.capacity import (
    CompiledBatch,
    Drafting,
    FloatArray,
    LatencyProfile,
    cache_left,
    cache_share,
    prompt_share,
    verification_ratio,
)
from compass.speculation.types import SpeculationChoice
from compass.traffic import ProfileBatch, stack

Case = Literal["typical", "best", "worst"]
"""Of what is uncertain: "best" has most accepted tokens and least work of the CPU, "worst" the opposite."""
LEAST_STEP = 0.05
"""Share of a token's time that does not depend on the context, at least; as in the profiles themselves."""


@dataclass(frozen=True)
class HostWork:
    """Milliseconds of a step that the GPU waits for, beside its own work."""

    pass_ms: float
    """Before each pass of the drafter."""
    check_ms: float
    """Once a step."""
    sequence_ms: float
    """Once a step for each sequence."""


HOST_WORK: dict[Case, HostWork] = {
    "best": HostWork(pass_ms=0.05, check_ms=0.1, sequence_ms=0.0),
    "typical": HostWork(pass_ms=0.2, check_ms=0.4, sequence_ms=0.03),
    "worst": HostWork(pass_ms=0.7, check_ms=1.2, sequence_ms=0.15),
}
"""Fitted by hand on published runs. Typical: AngelSlim's of six sizes of Qwen3, one request, vLLM 0.11.2.
Worst: vLLM of July 2025 (issue 20780, one request), and SGLang of 2025 with 64 requests, whose speculation
gave up overlapping the scheduler with the GPU (lmsys.org, DeepSeek V3 on MI300X, 2025-09-02)."""


@dataclass(frozen=True)
class Yields:
    """N choices as arrays: how they draft, and the tokens that a step yields, shape (N, 1)."""

    drafting: Drafting
    tokens: FloatArray


def yields_of(choices: Sequence[SpeculationChoice | None], case: Case = "typical") -> Yields:
    """Return N choices as arrays; None neither drafts nor yields more than one token."""
    keys = np.fromiter(map(id, choices), dtype=np.int64, count=len(choices))
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    rows = np.array([_row(choices[index], case) for index in first], dtype=np.float64)
    *columns, tokens = (column[which, None] for column in rows.T)
    return Yields(drafting=Drafting(*columns), tokens=tokens)


def speedups(
    batch: CompiledBatch,
    choices: Sequence[SpeculationChoice | None],
    context_tokens: float,
    concurrency: FloatArray,
    case: Case = "typical",
) -> FloatArray:
    """Return how many times as fast a token comes with speculation, shape (N, B); 1 without a choice.

    `concurrency`: requests in flight of a replica, shape (B,) or (N, B).
    """
    yields = yields_of(choices, case)
    ratio = _ratio(batch, yields.drafting, concurrency, context_tokens)
    result: FloatArray = yields.tokens / ratio
    return result


def speculated(
    profiles: ProfileBatch,
    batch: CompiledBatch,
    choices: Sequence[SpeculationChoice | None],
    context_tokens: float,
    case: Case = "typical",
) -> ProfileBatch:
    """Return the profiles of the batch's N configurations with speculation; the same where none is chosen.

    Step times and the term of the context are those of one token: the step over the tokens that it yields.
    The drafter's weights and cache are taken off the KV cache, and its work on prompts is added.
    `context_tokens`: mean of a decoding sequence.
    """
    if not any(choices):
        return profiles
    yields = yields_of(choices, case)
    drafting, tokens = yields.drafting, yields.tokens
    loads = profiles.batch[None, :]
    ratio = _ratio(batch, drafting, loads, context_tokens)
    cached = loads * context_tokens
    step = (profiles.decode_ms + profiles.kv_ms_per_token[:, None] * cached) * ratio / tokens
    kv = profiles.kv_ms_per_token * (1.0 + cache_share(batch.shapes, drafting)) / tokens[:, 0]
    # The term of the context grows with the load as the profile has it, not as physics does.
    decode = np.maximum.accumulate(np.maximum(step - kv[:, None] * cached, LEAST_STEP * step), axis=1)
    drafts = drafting.tokens[:, 0] > 0
    prompt = 1.0 + prompt_share(batch.shapes, drafting)
    left = cache_left(batch.shapes, batch.memory, drafting)
    held = np.maximum(1.0, np.floor(profiles.kv_capacity_tokens * left))
    return replace(
        profiles,
        decode_ms=np.where(drafts[:, None], decode, profiles.decode_ms),
        kv_ms_per_token=np.where(drafts, kv, profiles.kv_ms_per_token),
        prefill_ms_per_token=profiles.prefill_ms_per_token * prompt,
        kv_capacity_tokens=np.where(drafts, held, profiles.kv_capacity_tokens),
    )


def speculated_profile(
    profile: LatencyProfile,
    batch: CompiledBatch,
    choice: SpeculationChoice | None,
    context_tokens: float,
    case: Case = "typical",
) -> LatencyProfile:
    """Return the profile of the batch's only configuration with speculation, as `speculated` does of many."""
    if choice is None:
        return profile
    changed = speculated(stack([profile]), batch, [choice], context_tokens, case)
    return profile.model_copy(
        update={
            "decode_ms": tuple(float(value) for value in changed.decode_ms[0]),
            "kv_ms_per_token": float(changed.kv_ms_per_token[0]),
            "prefill_ms_per_token": float(changed.prefill_ms_per_token[0]),
            "kv_capacity_tokens": int(changed.kv_capacity_tokens[0]),
        }
    )


def _ratio(
    batch: CompiledBatch, drafting: Drafting, concurrency: FloatArray, context_tokens: float
) -> FloatArray:
    loads = np.atleast_2d(np.asarray(concurrency, dtype=np.float64))
    constants = batch.estimator.constants
    return verification_ratio(batch.coefficients, constants, batch.shapes, loads, context_tokens, drafting)


def _row(choice: SpeculationChoice | None, case: Case) -> tuple[float, ...]:
    """The fields of `Drafting` in their order, then the tokens that a step yields."""
    if choice is None:
        return (0.0,) * len(Drafting.__dataclass_fields__) + (1.0,)
    drafter, host = choice.drafter, HOST_WORK[case]
    tokens = {"typical": choice.accepted_tokens, "best": choice.high, "worst": choice.low}[case]
    passes = 0 if choice.method == "ngram" else choice.draft_tokens
    return (
        choice.draft_tokens,
        passes,
        drafter.own_layers,
        drafter.layers,
        drafter.read_parameters,
        drafter.stored_parameters,
        drafter.kv_bytes_per_token,
        host.pass_ms,
        host.check_ms,
        host.sequence_ms,
        tokens,
    )
