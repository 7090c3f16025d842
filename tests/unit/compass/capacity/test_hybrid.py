"""Models whose layers keep a state in place of a KV cache."""

from dataclasses import replace

import numpy as np
import pytest

from compass.capacity import (
    Configuration,
    Estimator,
    coefficients_of,
    efficiency_of,
    load_constants,
    memory_of,
    shapes_of,
)
from compass.capacity.constants import load_generations
from compass.capacity.physics import held_tokens, step_ms
from compass.catalog import load_catalog, resolve
from tests.unit.compass.capacity.conftest import default_server

STATE_BYTES = 48 * (48 * 128 * 128 * 4 + (2 * 16 * 128 + 48 * 128) * 3 * 2)
"""Of Qwen3.6-27B: 48 layers of 48 heads of 128 x 128 values in 32 bits, 3 inputs of a convolution in 16."""
TOKEN_BYTES = 16 * 2 * 4 * 256 * 2
"""16 layers of attention; keys and values of 4 heads of 256 in 16 bits."""


@pytest.fixture(scope="module")
def hybrid() -> Configuration:
    found = resolve(load_catalog(), "Qwen/Qwen3.6-27B")
    return replace(
        default_server("Qwen3-32B", "H100-SXM", "fp8"),
        model=found.name,
        architecture=found.architecture,
        parameters_b=found.parameters_b,
        active_parameters_b=found.active_parameters_b,
    )


def test_only_layers_with_attention_cache_tokens(hybrid: Configuration) -> None:
    found = memory_of(shapes_of([hybrid]))

    assert found.kv_bytes_per_token[0] == TOKEN_BYTES
    assert found.state_bytes[0] == STATE_BYTES
    assert found.weights_gib[0] == pytest.approx(27.5, abs=1.5)


def test_a_state_stands_in_the_place_of_the_tokens_that_weigh_as_much(
    hybrid: Configuration, estimator: Estimator
) -> None:
    short, long = (estimator.compile([hybrid]).cache_tokens(prompt, 100)[0] for prompt in (100, 100_000))

    room = memory_of(shapes_of([hybrid])).kv_capacity_tokens[0] * TOKEN_BYTES
    request = 200 * TOKEN_BYTES + STATE_BYTES
    assert short / 200 == pytest.approx(room / request, rel=0.001)
    assert long > 10 * short


def test_every_step_reads_and_writes_the_states(hybrid: Configuration) -> None:
    recurrent = hybrid.architecture.recurrent
    assert recurrent is not None
    small = recurrent.model_copy(update={"state_values": 0, "state_bytes": 1})
    stateless = replace(hybrid, architecture=hybrid.architecture.model_copy(update={"recurrent": small}))
    counted = shapes_of([hybrid, stateless])
    constants = load_constants()
    base = coefficients_of(
        [hybrid, stateless],
        counted,
        memory_of(counted),
        constants,
        efficiency_of([hybrid, stateless], load_generations()),
    )
    with_state, without = step_ms(base, constants, np.array([[64.0]]), np.array([[1000.0]]))[:, 0]

    moved = 64 * 2 * STATE_BYTES / (3350e6 * constants.bandwidth_cache)
    assert with_state - without == pytest.approx(moved, rel=0.01)
    assert held_tokens(base, 1000.0)[0, 0] - held_tokens(base, 1000.0)[1, 0] > 2000


def test_runs_of_other_families_say_little_of_it(hybrid: Configuration, estimator: Estimator) -> None:
    near = estimator.predict([default_server("Qwen3-32B", "H100-SXM")], np.array([16.0]), 1024, 256)
    far = estimator.predict([hybrid], np.array([16.0]), 1024, 256)

    assert far.distance[0] > near.distance[0]
    assert far.itl_log_spread[0, 0] > near.itl_log_spread[0, 0]
