"""Applies the prefix cache hit rate and the speculative speedup that a user assumes to step times.

Neither is measured. A hit rate h of the prefix cache leaves 1 − h of the prefill; the context stays in KV
memory and is read by every decode step. Speculative decoding that yields s tokens a step makes a token s
times as cheap.
"""

from dataclasses import replace

from compass.capacity import LatencyProfile
from compass.planning.types import Specification
from compass.traffic import ProfileBatch


def batch_as_assumed(profiles: ProfileBatch, specification: Specification) -> ProfileBatch:
    """Return the step times of many configurations under the user's assumptions."""
    prefill, speedup = 1.0 - specification.prefix_cache_hit_rate, specification.speculative_speedup
    if prefill == 1.0 == speedup:
        return profiles
    return replace(
        profiles,
        decode_ms=profiles.decode_ms / speedup,
        kv_ms_per_token=profiles.kv_ms_per_token / speedup,
        prefill_ms_per_token=profiles.prefill_ms_per_token * prefill,
        prefill_ms_per_token_squared=profiles.prefill_ms_per_token_squared * prefill,
    )


def profile_as_assumed(profile: LatencyProfile, specification: Specification) -> LatencyProfile:
    """Return the step times of one configuration under the user's assumptions."""
    prefill, speedup = 1.0 - specification.prefix_cache_hit_rate, specification.speculative_speedup
    return profile.model_copy(
        update={
            "decode_ms": tuple(value / speedup for value in profile.decode_ms),
            "kv_ms_per_token": profile.kv_ms_per_token / speedup,
            "prefill_ms_per_token": profile.prefill_ms_per_token * prefill,
            "prefill_ms_per_token_squared": profile.prefill_ms_per_token_squared * prefill,
        }
    )
