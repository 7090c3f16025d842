"""The interval of a KV cache's size against published start-up logs."""

import pytest

from compass.deployment_capacity.memory import cache_tokens_interval
from tests.contract.test_published_capacity import SERVERS, planner


def test_intervals_hold_four_fifths_of_published_caches() -> None:
    judged = [server for server in SERVERS if not server.unlike]
    inside = 0
    for server in judged:
        batch = planner().estimator.compile([server.configuration])
        seen = cache_tokens_interval(batch, 0)
        logged = seen.value / (1.0 + server.error)
        inside += seen.low <= logged <= seen.high

    assert len(judged) >= 25
    # No wider than it must be either.
    assert 0.75 * len(judged) <= inside <= 0.95 * len(judged), f"{inside} of {len(judged)}"


def test_an_interval_is_wide_where_little_is_left() -> None:
    tight = next(server for server in SERVERS if server.name == "Qwen3-32B on H100")
    roomy = next(server for server in SERVERS if server.name == "Qwen3-0.6B on H100")
    widths = []
    for server in (tight, roomy):
        seen = cache_tokens_interval(planner().estimator.compile([server.configuration]), 0)
        widths.append((seen.high - seen.low) / seen.value)

    # 4.1 % of 66.9 GiB to either side of 4.3; of 7 GiB to either side of 64.
    assert widths == pytest.approx([2 * 0.041 * 66.9 / 4.34, 2 * 0.041 * 7.0 / 64.2], rel=0.02)
