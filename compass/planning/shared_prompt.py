"""Takes the beginning that all prompts share out of a replica's work: it is computed and kept once."""

from compass.capacity import LatencyProfile
from compass.planning.types import Specification


def without_shared(
    profile: LatencyProfile, specification: Specification
) -> tuple[LatencyProfile, Specification]:
    """Return a replica and requests without the shared beginning, whose latencies are the same.

    Each decode step still reads the shared tokens for every sequence, and each new token attends to them;
    the KV cache holds them once.
    """
    session = specification.session
    if session is None:
        return profile, specification
    shared = int(session.shared_blocks)
    squared = profile.prefill_ms_per_token_squared
    rest = {
        "decode_ms": tuple(
            step + profile.kv_ms_per_token * shared * size
            for step, size in zip(profile.decode_ms, profile.batch, strict=True)
        ),
        "prefill_ms_per_token": profile.prefill_ms_per_token + squared * shared,
        "kv_capacity_tokens": max(1, profile.kv_capacity_tokens - shared),
    }
    own = {"prompt_tokens": max(1, specification.prompt_tokens - shared), "session": None}
    return profile.model_copy(update=rest), specification.model_copy(update=own)
