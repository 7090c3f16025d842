"""Applies the prefix cache hit rate and the speculative speedup that a user assumes to step times.

Neither is measured. A hit rate h of the prefix cache leaves 1 − h of the prefill; the context stays in KV
memory and is read by every decode step. Speculative decoding that yields s tokens a step makes a token s
times as cheap.
"""

from dataclasses import replace

import numpy as np

from compass.capacity import LatencyProfile
from compass.planning.candidates import SEQUENCES
from compass.planning.types import Specification
from compass.traffic import ProfileBatch

JOB_SEQUENCES = 2 * SEQUENCES
"""Requests in flight of a full replica of a batch job, at most. Memory is reserved for half as many: what the
others take of it, half a GiB or so, is within the error of the capacity."""


def most_sequences(specification: Specification) -> int | None:
    """Return the most requests in flight that a replica of a batch job takes; None of any other load.

    As many as keep the memory of the sampler small, or as were said.
    """
    if specification.load_form != "batch":
        return None
    return min(JOB_SEQUENCES, specification.concurrent_requests or JOB_SEQUENCES)


def batch_as_assumed(profiles: ProfileBatch, specification: Specification) -> ProfileBatch:
    """Return the step times of many configurations under the user's assumptions."""
    prefill, speedup = 1.0 - specification.prefix_cache_hit_rate, specification.speculative_speedup
    most = most_sequences(specification)
    if prefill == 1.0 == speedup and most is None:
        return profiles
    return replace(
        profiles,
        max_num_seqs=profiles.max_num_seqs if most is None else np.minimum(profiles.max_num_seqs, most),
        decode_ms=profiles.decode_ms / speedup,
        kv_ms_per_token=profiles.kv_ms_per_token / speedup,
        prefill_ms_per_token=profiles.prefill_ms_per_token * prefill,
        prefill_ms_per_token_squared=profiles.prefill_ms_per_token_squared * prefill,
    )


def profile_as_assumed(profile: LatencyProfile, specification: Specification) -> LatencyProfile:
    """Return the step times of one configuration under the user's assumptions."""
    prefill, speedup = 1.0 - specification.prefix_cache_hit_rate, specification.speculative_speedup
    most = most_sequences(specification) or profile.max_num_seqs
    return profile.model_copy(
        update={
            "max_num_seqs": min(profile.max_num_seqs, most),
            "decode_ms": tuple(value / speedup for value in profile.decode_ms),
            "kv_ms_per_token": profile.kv_ms_per_token / speedup,
            "prefill_ms_per_token": profile.prefill_ms_per_token * prefill,
            "prefill_ms_per_token_squared": profile.prefill_ms_per_token_squared * prefill,
        }
    )
