"""`compass simulate`: what load does to the replicas of an option, by discrete-event simulation."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click
import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_text import show
from cli.plan_wording import odds
from cli.session import print_json, with_toolbox
from compass.capacity import Configuration, LatencyProfile, closed_loop_profile
from compass.catalog import find_gpu, find_model
from compass.core import InvalidInput
from compass.planning import Chances, Option, Plan, Specification
from compass.planning.monte_carlo import chances
from compass.planning.user_assumptions import profile_as_assumed
from compass.traffic import LENGTH_CV
from compass.traffic.arrivals import Requests, arrival_times, requests_of
from compass.traffic.capacity_curve import CurvePoint, load_points
from compass.traffic.fleet import Summary
from compass.traffic.fleet import simulate as serve
from compass.traffic.replica import longest_request
from compass.traffic.trace import read_trace
from tools.toolbox import Toolbox

Arrivals = Literal["poisson", "bursts", "diurnal"]
BAR = 30
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
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    help="Replay a CSV or JSONL file: arrival, prompt and output tokens (also Azure LLM, BurstGPT).",
)
@click.option("--curve", is_flag=True, help="One replica's latencies from idle to where it breaks.")
@click.option("--arrivals", default="poisson", type=click.Choice(["poisson", "bursts", "diurnal"]))
@click.option("--burst", default=3.0, show_default=True, type=float, help="Mean size of a burst.")
@click.option("--duration", default=600.0, show_default=True, type=float, help="Virtual seconds.")
@click.option(
    "--runs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Repeat with other seeds; with --plan: draws of a Monte Carlo.",
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
    trace: Path | None,
    curve: bool,
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

    async def work(box: Toolbox) -> Shown:
        option = await planned(box, plan_id) if plan_id else None
        wish = (await box.store.get(plan_id, Plan)).specification if plan_id else None
        replayed = read_trace(trace) if trace else None
        load = Load(
            rate=rate or (wish.peak_requests_per_second if wish else rate_of(replayed) or missing("--rate")),
            prompt_tokens=prompt_tokens or mean_of(replayed, "prompt_tokens") or said(wish, "prompt_tokens"),
            output_tokens=output_tokens or mean_of(replayed, "output_tokens") or said(wish, "output_tokens"),
            arrivals=arrivals,
            burst=burst,
            seconds=duration,
        )
        if load.rate * load.seconds > MOST_REQUESTS:
            raise InvalidInput("--duration", f"that is more than {MOST_REQUESTS:,} requests. Shorten it.")
        config = configuration(box, option, model, gpu, precision, tp)
        profile = closed_loop_profile(box.estimator.compile([config]), load.prompt_tokens, load.output_tokens)
        profile = profile_as_assumed(profile, wish) if wish else profile
        count = replicas or (option.replicas if option else 1)
        again = 1 if wish or replayed else runs
        return Shown(
            summaries=[run_once(profile, load, count, seed + at, replayed) for at in range(again)],
            points=load_points(profile, load.prompt_tokens, load.output_tokens, seed) if curve else [],
            odds=odds_of(box, config, profile, wish, option, count, runs, seed)
            if wish and option and runs > 1
            else None,
        )

    present(with_toolbox(work), as_json)


@dataclass(frozen=True)
class Shown:
    """What one call found."""

    summaries: list[Summary]
    points: list[CurvePoint]
    odds: Chances | None


def odds_of(
    box: Toolbox,
    config: Configuration,
    profile: LatencyProfile,
    wish: Specification,
    option: Option,
    replicas: int,
    draws: int,
    seed: int,
) -> Chances:
    """Monte Carlo of a planned option."""
    load = np.array([option.concurrency_per_replica])
    seen = box.estimator.predict([config], load, wish.prompt_tokens, wish.output_tokens)
    spreads = float(seen.ttft_log_spread[0, 0]), float(seen.itl_log_spread[0, 0])
    return chances(profile, wish, replicas, spreads, draws, seed)


def rate_of(trace: Requests | None) -> float:
    """Mean requests a second of a trace; 0 without one."""
    if trace is None or len(trace) < 2:
        return 0.0
    return len(trace) / max(1e-3, float(trace.arrival_ms[-1]) / 1000)


def mean_of(trace: Requests | None, name: str) -> int:
    """Mean tokens of a trace; 0 without one."""
    return 0 if trace is None else max(1, round(float(getattr(trace, name).mean())))


def said(wish: Specification | None, name: str) -> int:
    """Tokens of the plan.

    Raises:
        InvalidInput: there is no plan.
    """
    return int(getattr(wish, name)) if wish else int(missing(f"--{name.replace('_', '-')}"))


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


def run_once(
    profile: LatencyProfile, load: Load, replicas: int, seed: int, trace: Requests | None = None
) -> Summary:
    """One simulation; a twentieth of the time warms up and is not counted, but of a trace all is."""
    if trace is not None:
        return serve(profile, trace, replicas, "least-loaded", 0.0, seed).summary()
    rng = np.random.default_rng(seed)
    times = arrival_times(rng, load.rate, load.seconds, load.arrivals, load.burst)
    longest = longest_request(profile)
    requests = requests_of(rng, times, load.prompt_tokens, load.output_tokens, LENGTH_CV, longest)
    return serve(profile, requests, replicas, "least-loaded", load.seconds / 20, seed).summary()


def present(found: Shown, as_json: bool) -> None:
    """Percentiles of the first run; over several runs, the range of the p95s; the curve; the chances."""
    if as_json:
        document: dict[str, Any] = {
            "evidence": "simulated",
            "runs": [summary.model_dump() for summary in found.summaries],
        }
        if found.points:
            document["curve"] = [asdict(point) for point in found.points]
        if found.odds:
            document["monte_carlo"] = found.odds.model_dump()
        print_json(document)
        return
    show(*lines(found))


def lines(found: Shown) -> Iterator[RenderableType]:
    """The same for a person."""
    yield percentiles(found.summaries[0])
    yield Text(footer(found.summaries[0]))
    if len(found.summaries) > 1:
        for name, label in (("ttft_ms", "TTFT"), ("itl_ms", "ITL"), ("e2e_ms", "E2E")):
            tails = [getattr(summary, name).p95 for summary in found.summaries]
            yield Text(f"{label} p95 over {len(tails)} runs: {min(tails):,.1f} to {max(tails):,.1f} ms")
    if found.points:
        yield curve_chart(found.points)
    if found.odds:
        said = odds(found.odds, found.summaries[0].replicas)
        yield Text(f"chances: {said} ({found.odds.draws:,} draws, seed {found.odds.seed})")


def percentiles(seen: Summary) -> Table:
    """The three latencies."""
    table = Table(box=None, header_style="dim")
    for heading in ("ms", "mean", "p50", "p90", "p95", "p99"):
        table.add_column(heading, justify="left" if heading == "ms" else "right")
    for name, values in (("TTFT", seen.ttft_ms), ("ITL", seen.itl_ms), ("E2E", seen.e2e_ms)):
        table.add_row(name, *(f"{values.at(key):,.1f}" for key in ("mean", "p50", "p90", "p95", "p99")))
    return table


def footer(seen: Summary) -> str:
    """What the engines did."""
    return (
        f"simulated · {seen.requests:,} requests on {seen.replicas} "
        f"replica{'s' if seen.replicas > 1 else ''} in {seen.seconds:,.0f} virtual s · "
        f"{seen.requests_per_second:.2f}/s served · engines busy {seen.utilization:.0%} · "
        f"{seen.concurrency:.1f} requests a replica, {seen.waiting:.1f} waiting · "
        f"{seen.preemptions} preemptions"
    )


def curve_chart(points: list[CurvePoint]) -> Table:
    """p95 against load, a line a load; bars on a log scale, as latency explodes near the end."""
    table = Table(box=None, header_style="dim", title="one replica, p95 by load (simulated)")
    for heading in ("requests/s", "inside", "TTFT ms", "", "ITL ms", "E2E ms"):
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    logs = [math.log(max(point.ttft_p95_ms, 1e-3)) for point in points]
    low, high = min(logs), max(logs)
    for point, log in zip(points, logs, strict=True):
        bar = "█" * max(1, round(BAR * (log - low) / max(1e-9, high - low)))
        table.add_row(
            f"{point.requests_per_second:.3g}", f"{point.concurrency:.1f}", f"{point.ttft_p95_ms:,.0f}", bar,
            f"{point.itl_p95_ms:.1f}", f"{point.e2e_p95_ms:,.0f}",
        )  # fmt: skip
    return table
