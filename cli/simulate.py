"""`compass simulate`: what load does to the replicas of an option, by discrete-event simulation."""

from dataclasses import dataclass
from typing import Literal

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from cli.session import print_json, with_toolbox
from tools.capacity import Configuration, LatencyProfile
from tools.catalog import find_gpu, find_model
from tools.errors import InvalidInput
from tools.planning import Option, Plan
from tools.toolbox import Toolbox
from tools.traffic.arrivals import Requests, arrival_times, lengths
from tools.traffic.fleet import Summary
from tools.traffic.fleet import simulate as serve

Arrivals = Literal["poisson", "bursts", "diurnal"]
LENGTH_CV = 0.25
MOST_REQUESTS = 2_000_000


@dataclass(frozen=True)
class Load:
    """What is sent: mean rate of the whole fleet, lengths, arrivals, virtual seconds."""

    rate: float
    prompt_tokens: int
    output_tokens: int
    arrivals: Arrivals
    burst: float
    seconds: float


@click.command()
@click.option("--plan", "plan_id", help="Simulate the balanced option of a stored plan at its peak.")
@click.option("--model", help="Without --plan: a model of the catalog.")
@click.option("--gpu", help="Without --plan: a GPU of the catalog.")
@click.option("--precision", default="fp8", show_default=True)
@click.option("--tp", default=1, show_default=True, type=click.IntRange(1, 64), help="Tensor parallel.")
@click.option(
    "--replicas", type=click.IntRange(1, 10_000), help="Replicas; those of the plan where it is given."
)
@click.option(
    "--rate", type=float, help="Requests a second to all replicas; the plan's peak where it is given."
)
@click.option("--prompt-tokens", type=click.IntRange(1, 1_000_000))
@click.option("--output-tokens", type=click.IntRange(1, 1_000_000))
@click.option("--arrivals", default="poisson", type=click.Choice(["poisson", "bursts", "diurnal"]))
@click.option("--burst", default=3.0, show_default=True, type=float, help="Mean size of a burst.")
@click.option("--duration", default=600.0, show_default=True, type=float, help="Virtual seconds.")
@click.option(
    "--runs", default=1, show_default=True, type=click.IntRange(1, 1000), help="Repeat with other seeds."
)
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def simulate(
    plan_id: str | None,
    model: str | None,
    gpu: str | None,
    precision: str,
    tp: int,
    replicas: int | None,
    rate: float | None,
    prompt_tokens: int | None,
    output_tokens: int | None,
    arrivals: Arrivals,
    burst: float,
    duration: float,
    runs: int,
    seed: int,
    as_json: bool,
) -> None:
    """Serve a stream of requests by the planned engines in virtual time, and show the latencies.

    compass simulate --plan plan-7f3a
    compass simulate --model Qwen3-8B --gpu H100 --rate 12 --prompt-tokens 512 --output-tokens 256
    """

    async def work(box: Toolbox) -> list[Summary]:
        option = await planned(box, plan_id) if plan_id else None
        wish = (await box.store.get(plan_id, Plan)).specification if plan_id else None
        load = Load(
            rate=rate or (wish.peak_requests_per_second if wish else missing("--rate")),
            prompt_tokens=prompt_tokens or (wish.prompt_tokens if wish else int(missing("--prompt-tokens"))),
            output_tokens=output_tokens or (wish.output_tokens if wish else int(missing("--output-tokens"))),
            arrivals=arrivals,
            burst=burst,
            seconds=duration,
        )
        if load.rate * load.seconds > MOST_REQUESTS:
            raise InvalidInput("--duration", f"that is more than {MOST_REQUESTS:,} requests. Shorten it.")
        config = configuration(box, option, model, gpu, precision, tp)
        profile = box.estimator.profile(config, load.prompt_tokens, load.output_tokens)
        count = replicas or (option.replicas if option else 1)
        return [run_once(profile, load, count, seed + at) for at in range(runs)]

    show(with_toolbox(work), as_json)


def missing(name: str) -> float:
    """Refuse a flag that is needed where no plan is given.

    Raises:
        InvalidInput: always.
    """
    raise InvalidInput(name, "is needed where no --plan is given.")


async def planned(box: Toolbox, plan_id: str) -> Option:
    """The balanced option of a plan.

    Raises:
        NotFound: no such plan.
        InvalidInput: the plan has no option.
    """
    plan = await box.store.get(plan_id, Plan)
    if not plan.options:
        raise InvalidInput("--plan", f"{plan_id} has no option: nothing holds its targets.")
    return plan.options[0]


def configuration(
    box: Toolbox, option: Option | None, model: str | None, gpu: str | None, precision: str, tp: int
) -> Configuration:
    """One replica, from the option or from the flags.

    Raises:
        InvalidInput: neither a plan nor model and GPU, or a precision without checkpoint.
        NotFound: an unknown model or GPU.
    """
    if option is None and not (model and gpu):
        raise InvalidInput("--plan", "give a plan, or --model and --gpu.")
    known = find_model(box.catalog, option.model if option else str(model))
    wanted = option.precision if option else precision
    checkpoint = next((entry for entry in known.checkpoints if entry.precision == wanted), None)
    if checkpoint is None:
        published = ", ".join(entry.precision for entry in known.checkpoints)
        raise InvalidInput("--precision", f"{known.name} is published in {published}, not in {wanted}.")
    return Configuration(
        model=known.id,
        architecture=known.architecture,
        parameters_b=known.parameters_b,
        active_parameters_b=known.active_parameters_b,
        precision=checkpoint.precision,
        gpu=find_gpu(box.catalog, option.gpu if option else str(gpu)),
        tensor_parallel=option.tensor_parallel if option else tp,
        weight_gib=checkpoint.weight_gib,
    )


def run_once(profile: LatencyProfile, load: Load, replicas: int, seed: int) -> Summary:
    """One simulation; a twentieth of the time warms the engines up and is not counted."""
    rng = np.random.default_rng(seed)
    times = arrival_times(rng, load.rate, load.seconds, load.arrivals, load.burst)
    requests = Requests(
        times,
        lengths(rng, load.prompt_tokens, LENGTH_CV, len(times)),
        lengths(rng, load.output_tokens, LENGTH_CV, len(times)),
    )
    return serve(profile, requests, replicas, "least-loaded", load.seconds / 20, seed).summary()


def show(found: list[Summary], as_json: bool) -> None:
    """Percentiles of the first run; over several runs, the range of the p95s."""
    if as_json:
        print_json({"evidence": "simulated", "runs": [summary.model_dump() for summary in found]})
        return
    first = found[0]
    table = Table(box=None, header_style="dim")
    for heading in ("ms", "mean", "p50", "p90", "p95", "p99"):
        table.add_column(heading, justify="left" if heading == "ms" else "right")
    for name, values in (("TTFT", first.ttft_ms), ("ITL", first.itl_ms), ("E2E", first.e2e_ms)):
        table.add_row(name, *(f"{values.at(key):,.1f}" for key in ("mean", "p50", "p90", "p95", "p99")))
    console = Console()
    console.print(table)
    console.print(
        f"simulated · {first.requests:,} requests on {first.replicas} "
        f"replica{'s' if first.replicas > 1 else ''} in {first.seconds:,.0f} virtual s · "
        f"{first.requests_per_second:.2f}/s served · engines busy {first.utilization:.0%} · "
        f"{first.concurrency:.1f} requests a replica, {first.waiting:.1f} waiting · "
        f"{first.preemptions} preemptions",
        highlight=False,
    )
    if len(found) > 1:
        for name in ("ttft_ms", "itl_ms", "e2e_ms"):
            tails = [getattr(summary, name).p95 for summary in found]
            console.print(f"{name} p95 over {len(found)} runs: {min(tails):,.1f} to {max(tails):,.1f}")
