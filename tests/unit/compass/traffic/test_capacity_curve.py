"""The capacity curve of a replica."""

from itertools import pairwise

from compass.traffic import load_points, saturation
from tests.unit.compass.traffic.test_approximation import CASES, profile


def test_latency_grows_with_load_up_to_where_the_replica_breaks() -> None:
    chosen = profile(*CASES[0])
    points = load_points(chosen, 512, 256, seed=1)

    rates = [point.requests_per_second for point in points]
    assert rates == sorted(rates) and points[-1].saturated and not points[0].saturated
    assert points[-1].e2e_p95_ms > 3 * points[0].e2e_p95_ms
    assert all(later.itl_p95_ms >= 0.97 * point.itl_p95_ms for point, later in pairwise(points))


def test_longer_answers_saturate_a_replica_earlier() -> None:
    chosen = profile(*CASES[0])

    assert saturation(chosen, 512, 512) < saturation(chosen, 512, 256)
