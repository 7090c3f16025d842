"""Published runs of the same configuration, the nearest in load first."""

import math

from compass.capacity import Estimator
from compass.deployment_capacity.operation import three
from compass.deployment_capacity.types import Arrangement, LoadPoint, MeasuredRun, StatedLoad

MOST_RUNS = 3


def measured_runs(
    estimator: Estimator, best: Arrangement, gpu: str, load: StatedLoad, point: LoadPoint
) -> tuple[MeasuredRun, ...]:
    """Runs of this model, format and GPU with as many GPUs a replica; empty where there is none."""
    if best.data_parallel > 1:
        return ()
    runs = estimator.runs
    each = point.concurrent_requests / best.replicas
    wanted = (best.model, best.precision, gpu, best.tensor_parallel, best.pipeline_parallel)
    same = [
        at
        for at, config in enumerate(runs.configs)
        if (config.model, config.precision, config.gpu.name, config.tensor_parallel, config.pipeline_parallel)
        == wanted
        and config.data_parallel == 1
    ]

    def farness(at: int) -> float:
        pairs = (
            (runs.concurrency[at], each),
            (runs.prompt_tokens[at], load.prompt_tokens),
            (runs.output_tokens[at], load.output_tokens),
        )
        return sum(abs(math.log(float(seen) / max(asked, 1e-9))) for seen, asked in pairs)

    return tuple(as_run(estimator, at) for at in sorted(same, key=farness)[:MOST_RUNS])


def as_run(estimator: Estimator, at: int) -> MeasuredRun:
    """One run with its throughput by Little's law."""
    runs = estimator.runs
    ttft, itl, output = float(runs.ttft_ms[at]), float(runs.itl_ms[at]), float(runs.output_tokens[at])
    concurrency = float(runs.concurrency[at])
    return MeasuredRun(
        run=runs.ids[at],
        source=runs.sources[at],
        kind=runs.kinds[at],
        tensor_parallel=runs.configs[at].tensor_parallel,
        concurrency=concurrency,
        prompt_tokens=float(runs.prompt_tokens[at]),
        output_tokens=output,
        ttft_ms=three(ttft),
        itl_ms=three(itl),
        output_tokens_per_second=three(1000 * concurrency * output / (ttft + itl * (output - 1))),
    )
