"""`compass simulate`: what load does to the replicas of an option, by discrete-event simulation."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from cli.plan_text import show
from cli.session import print_json, with_toolbox
from cli.simulation_text import simulation_text
from compass.capacity import LatencyProfile
from compass.core import InvalidInput, counted, duration
from compass.planning import (
    Chances,
    Plan,
    Specification,
    as_served,
    candidate_profile,
    chances,
    find_candidate,
    peak_load,
    replica_log_spreads,
    replica_of,
    simulate_closed_loop,
    without_shared,
)
from compass.traffic import (
    ArrivalKind,
    CurvePoint,
    OfferedLoad,
    Requests,
    Summary,
    load_points,
    read_trace,
    replay_trace,
    simulate_load,
    trace_load,
)
from tools.toolbox import Toolbox


@dataclass(frozen=True)
class Flags:
    """The flags of the command; None is one that was not given."""

    plan_id: str | None
    model: str | None
    gpu: str | None
    precision: str
    tp: int
    replicas: int | None
    rate: float | None
    prompt_tokens: int | None
    output_tokens: int | None
    trace: Path | None
    curve: bool
    arrivals: ArrivalKind | None
    burst: float | None
    duration: float
    runs: int
    seed: int


@dataclass(frozen=True)
class ClosedLoop:
    """Requests that are always in flight, over all replicas: of people who wait, or of a job."""

    specification: Specification
    in_flight: int


@dataclass(frozen=True)
class Fleet:
    """Like replicas and what is sent to them."""

    profile: LatencyProfile
    replicas: int
    load: OfferedLoad
    chances: Chances | None = None
    loop: ClosedLoop | None = None
    """In place of the open load."""
    note: str = ""
    """What is sent, where it is not the open load of the plan."""


@dataclass(frozen=True)
class Result:
    """What the command found."""

    runs: list[Summary]
    curve: list[CurvePoint]
    chances: Chances | None
    note: str = ""
    """What was sent, where it was not the open load of the plan."""


@click.command()
@click.option("--plan", "plan_id", help="Simulate the balanced option of a stored plan at its load.")
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
@click.option(
    "--arrivals",
    type=click.Choice(["poisson", "bursts", "diurnal"]),
    help="Those of the plan where it is given, else poisson.",
)
@click.option("--burst", type=float, help="Mean size of a burst; that of the plan, else 3.")
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
def simulate(as_json: bool, **flags: Any) -> None:
    """Serve a stream of requests by the planned engines in virtual time, and show the latencies.

    compass simulate --plan plan-7f3a
    compass simulate --model Qwen3-8B --gpu H100 --rate 12 --prompt-tokens 512 --output-tokens 256
    """

    async def work(box: Toolbox) -> Result:
        return await run(box, Flags(**flags))

    result = with_toolbox(work)
    if as_json:
        print_json(document(result))
    else:
        show(*simulation_text(result.runs, result.curve, result.chances, result.note))


async def run(box: Toolbox, flags: Flags) -> Result:
    """Simulate what the flags say.

    Raises:
        InvalidInput: a flag is missing, or cannot be.
        NotFound: no such plan, model or GPU.
    """
    trace = read_trace(flags.trace) if flags.trace else None
    if flags.plan_id:
        fleet = planned_fleet(box, flags, await box.store.get(flags.plan_id, Plan), trace)
    else:
        fleet = named_fleet(box, flags, trace)
    profile, load = fleet.profile, fleet.load
    if fleet.loop is not None:
        loop = fleet.loop
        runs = [simulate_closed_loop(profile, loop.specification, loop.in_flight, flags.seed, fleet.replicas)]
    elif trace is not None:
        runs = [replay_trace(profile, trace, fleet.replicas)]
    else:
        seeds = range(flags.seed, flags.seed + (1 if flags.plan_id else flags.runs))
        runs = [simulate_load(profile, load, fleet.replicas, seed) for seed in seeds]
    points = load_points(profile, load.prompt_tokens, load.output_tokens, flags.seed) if flags.curve else []
    return Result(runs, points, fleet.chances, note_of(fleet, runs[0]))


def planned_fleet(box: Toolbox, flags: Flags, plan: Plan, trace: Requests | None) -> Fleet:
    """Return the balanced option of a plan at its peak, changed by the flags; several runs draw chances.

    Raises:
        InvalidInput: the plan has no option.
    """
    if not plan.options:
        raise InvalidInput("--plan", f"{plan.plan_id} has no option: nothing holds its targets.")
    option = plan.options[0]
    served = as_served(plan.specification, option)
    load = load_of(flags, trace_load(trace) if trace else peak_load(served))
    lengths = {"prompt_tokens": load.prompt_tokens, "output_tokens": load.output_tokens}
    specification = served.model_copy(update=lengths)
    profile = replica_of(option, specification, box.catalog, box.estimator)
    if specification.load_form == "sessions" and not (flags.rate or flags.trace):
        raise InvalidInput(
            "--plan",
            f"{plan.plan_id} is of sessions, whose simulation stands in the plan itself: `compass explain "
            f"{plan.plan_id}`. Give --rate to send requests that come by themselves.",
        )
    profile, specification = without_shared(profile, specification)
    load = replace(load, prompt_tokens=specification.prompt_tokens)
    replicas = flags.replicas or option.replicas
    loop, note = closed_loop_of(flags, plan, specification, replicas)
    if flags.runs == 1:
        return Fleet(profile, replicas, load, None, loop, note)
    spreads = replica_log_spreads(option, specification, box.catalog, box.estimator)
    drawn = chances(profile, specification, replicas, spreads, flags.runs, flags.seed)
    return Fleet(profile, replicas, load, drawn, loop, note)


def closed_loop_of(
    flags: Flags, plan: Plan, specification: Specification, replicas: int
) -> tuple[ClosedLoop | None, str]:
    """Return the closed loop of a plan for requests in flight or for a job, and what is sent in words."""
    form = specification.load_form
    if form == "rate":
        return None, ""
    planned = "closed loop" if form == "in_flight" else "job"
    if flags.trace or flags.rate or flags.arrivals or flags.burst:
        return None, f"requests arrive by themselves, as the flags say, in place of the plan's {planned}"
    if form == "in_flight":
        in_flight = specification.concurrent_requests or 1
        return ClosedLoop(specification, in_flight), f"closed loop: {in_flight:,} requests always in flight"
    each = max(1, round(plan.options[0].concurrency_per_replica))
    note = f"the job: each replica is kept full at {counted(each, 'request')}"
    return ClosedLoop(specification, each * replicas), note


def note_of(fleet: Fleet, seen: Summary) -> str:
    """Return what was sent, and how long a job takes at the pace that was seen."""
    loop = fleet.loop
    if loop is None or loop.specification.load_form != "batch":
        return fleet.note
    items, window = loop.specification.batch_items or 1, loop.specification.deadline_hours or 0.0
    hours = items / seen.requests_per_second / 3600
    return f"{fleet.note}; {counted(items, 'item')} take {duration(hours)} of {duration(window)} at this pace"


def named_fleet(box: Toolbox, flags: Flags, trace: Requests | None) -> Fleet:
    """Return replicas of the named model on the named GPU.

    Raises:
        InvalidInput: the model, the GPU, the rate or a length is missing; or there is no such precision.
        NotFound: no such model or GPU.
    """
    if not flags.model or not flags.gpu:
        raise InvalidInput("--plan", "give a plan, or --model and --gpu.")
    for name in ("rate", "prompt_tokens", "output_tokens"):
        if trace is None and not getattr(flags, name):
            raise InvalidInput(f"--{name.replace('_', '-')}", "is needed where no --plan is given.")
    load = load_of(flags, trace_load(trace) if trace else OfferedLoad(0, 0, 0))
    candidate = find_candidate(box.catalog, flags.model, flags.gpu, flags.precision, flags.tp)
    profile = candidate_profile(candidate, box.estimator, load.prompt_tokens, load.output_tokens)
    return Fleet(profile, flags.replicas or 1, load)


def load_of(flags: Flags, usual: OfferedLoad) -> OfferedLoad:
    """Return the usual load with what the flags say otherwise."""
    given: dict[str, Any] = {
        "requests_per_second": flags.rate,
        "prompt_tokens": flags.prompt_tokens,
        "output_tokens": flags.output_tokens,
        "arrivals": flags.arrivals,
        "burst": flags.burst or (3.0 if flags.arrivals == "bursts" and usual.burst == 1 else None),
    }
    changed = {name: value for name, value in given.items() if value}
    return replace(usual, seconds=flags.duration, **changed)


def document(result: Result) -> dict[str, Any]:
    """Return the result as one JSON document."""
    fields: dict[str, Any] = {
        "evidence": "simulated",
        "runs": [summary.model_dump() for summary in result.runs],
    }
    if result.note:
        fields["load"] = result.note
    if result.curve:
        fields["curve"] = [asdict(point) for point in result.curve]
    if result.chances:
        fields["monte_carlo"] = result.chances.model_dump()
    return fields
