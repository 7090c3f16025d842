"""Estimates of replicas over several machines against what people published of them."""

from pathlib import Path

import numpy as np
import pytest

from compass.capacity import CompiledBatch, Configuration
from compass.catalog import quantises_all, resolve_gpu
from compass.core import parse_yaml
from tests.contract.test_published_capacity import Row, planner

DATA = parse_yaml((Path(__file__).parent / "data" / "published_multi_node.yaml").read_bytes())
MOST_A_GPU = 256
"""Sequences of a GPU, as plans start the engine."""


class Run(Row):
    """Output tokens that a replica over several machines wrote a second."""

    served: str = ""
    pipeline_parallel: int = 1
    data_parallel: int = 1
    engine: str
    engine_version: str | None = None
    """Of vLLM, where it is known or follows from the day."""
    prompt_tokens: int
    output_tokens: int
    concurrency: float | None = None
    output_tokens_per_second: float
    times: float = 0.0

    @property
    def batch(self) -> CompiledBatch:
        """The replica as the capacity model takes it."""
        model = planner().find_model(self.model)
        published = [at for at in model.checkpoints if at.precision == self.precision]
        gpus = self.tensor_parallel * self.pipeline_parallel * self.data_parallel
        return planner().estimator.compile(
            [
                Configuration(
                    model=model.id,
                    architecture=model.architecture,
                    parameters_b=model.parameters_b,
                    active_parameters_b=model.active_parameters_b,
                    precision=self.precision,
                    gpu=resolve_gpu(planner().catalog, self.gpu),
                    tensor_parallel=self.tensor_parallel,
                    pipeline_parallel=self.pipeline_parallel,
                    data_parallel=self.data_parallel,
                    expert_parallel=gpus if self.data_parallel > 1 else 1,
                    attention_ranks=self.data_parallel > 1,
                    all_linear=quantises_all(published[0].id) if published else False,
                    weight_gib=published[0].weight_gib if published else None,
                    sequences=MOST_A_GPU,
                    engine_version=self.engine_version,
                )
            ]
        )

    @property
    def estimated(self) -> tuple[float, float, float]:
        """Output tokens a second: the low end of the 80 % interval, the estimate, and the high end."""
        batch, lengths = self.batch, (self.prompt_tokens, self.output_tokens)
        held = batch.cache_tokens(*lengths)[0] / sum(lengths)
        gpus = batch.configs[0].gpus
        load = self.concurrency or min(float(held), float(MOST_A_GPU * gpus))
        found = batch.predict(np.array([load]), *lengths)
        tokens = 1000.0 * load * self.output_tokens

        def rate(sign: float) -> float:
            ttft = found.ttft_ms[0, 0] * np.exp(-sign * found.ttft_log_spread[0, 0])
            itl = found.itl_ms[0, 0] * np.exp(-sign * found.itl_log_spread[0, 0])
            return float(tokens / (ttft + itl * (self.output_tokens - 1)))

        return rate(-1.0), rate(0.0), rate(1.0)


RUNS = [Run.model_validate(row) for row in DATA["runs"]]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.source)
def test_what_people_run_over_several_machines_fits_there(run: Run) -> None:
    assert run.batch.memory.fits[0]
    assert run.batch.cache_tokens(run.prompt_tokens, run.output_tokens)[0] > run.prompt_tokens


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.source)
def test_throughput_lies_in_the_interval_or_why_not_is_said(run: Run) -> None:
    low, middle, high = run.estimated

    assert low <= run.output_tokens_per_second <= high or run.unlike
    assert run.output_tokens_per_second / middle == pytest.approx(run.times, rel=0.1)


def test_every_figure_names_its_source() -> None:
    assert {run.source for run in RUNS} == set(DATA["sources"])
    assert len(DATA["sources"]) >= 5


def test_intervals_of_several_machines_hold_most_published_figures() -> None:
    inside = [low <= run.output_tokens_per_second <= high for run in RUNS for low, _, high in [run.estimated]]

    assert sum(inside) >= 6
