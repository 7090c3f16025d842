"""The simulator reads latency profiles by itself, and as the capacity model writes them."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compass.capacity import LatencyProfile
from simulator.profile import Profile, parse_profile

positive = st.floats(1e-6, 1e4)
whole = st.integers(1, 10**7)
curves = st.lists(st.integers(1, 4096), min_size=1, max_size=8, unique=True).flatmap(
    lambda batch: st.tuples(st.just(tuple(sorted(batch))), st.tuples(*[positive] * len(batch)))
)
profiles = st.builds(
    lambda curve, **more: LatencyProfile(batch=curve[0], decode_ms=curve[1], **more),
    curve=curves,
    model=st.text(min_size=1),
    kv_ms_per_token=positive,
    prefill_ms_per_token=positive,
    prefill_ms_per_token_squared=positive,
    request_overhead_ms=positive,
    max_num_seqs=whole,
    max_num_batched_tokens=whole,
    kv_capacity_tokens=whole,
    max_model_len=whole,
)


@given(profiles)
def test_both_read_the_same_profile(profile: LatencyProfile) -> None:
    read = parse_profile(profile.model_dump_json(), "profile.json")

    assert {field.name: getattr(read, field.name) for field in fields(Profile)} == profile.model_dump()


@given(profiles, st.integers(0, 5000))
def test_both_mean_the_same_decode_step(profile: LatencyProfile, sequences: int) -> None:
    read = parse_profile(profile.model_dump_json(), "profile.json")

    expected = float(np.interp(max(1, sequences), profile.batch, profile.decode_ms))
    assert read.decode_step_ms(sequences) == pytest.approx(expected)
