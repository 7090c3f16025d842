"""`compass simulate`: a planned option, a named replica, a trace; and what is missing or cannot be."""

import asyncio
import json
from pathlib import Path

import pytest

from cli.simulate import run
from compass.core import InvalidInput, NotFound, duration
from compass.planning import Plan
from tests.commands import called, simulation_flags
from tools.specs import tool
from tools.toolbox import Toolbox

NAMED = ("--model", "Qwen3-8B", "--gpu", "H100", "--duration", "60")
LOAD = ("--rate", "6", "--prompt-tokens", "512", "--output-tokens", "128")


@pytest.fixture(scope="module")
async def plan(toolbox: Toolbox) -> Plan:
    made = await tool("plan_replicas").call(toolbox, {"use_case": "code_completion", "user_count": 100})
    assert isinstance(made, Plan)
    return made


async def test_a_plan_is_simulated_at_its_peak_on_its_replicas(toolbox: Toolbox, plan: Plan) -> None:
    result = await run(toolbox, simulation_flags("--plan", plan.plan_id, "--duration", "120"))

    assert plan.specification.burst_size > 1, "its requests come in bursts, and are sent so"
    assert result.runs[0].replicas == plan.options[0].replicas
    assert result.runs[0].requests_per_second == pytest.approx(
        plan.specification.peak_requests_per_second, rel=0.15
    )
    assert result.chances is None and result.curve == []


async def test_several_runs_of_a_plan_are_draws_of_its_chances(toolbox: Toolbox, plan: Plan) -> None:
    flags = simulation_flags("--plan", plan.plan_id, "--duration", "60", "--runs", "200", "--seed", "3")

    first, again = await run(toolbox, flags), await run(toolbox, flags)

    assert len(first.runs) == 1 and first == again
    assert first.chances is not None and (first.chances.draws, first.chances.seed) == (200, 3)


async def test_requests_in_flight_are_simulated_as_a_closed_loop(toolbox: Toolbox) -> None:
    wishes = {
        "concurrent_requests": 100,
        "preferred_models": ["gpt-oss-120b"],
        "preferred_gpu_types": ["L40S"],
    }
    made = await tool("plan_replicas").call(toolbox, wishes)
    assert isinstance(made, Plan)

    result = await run(toolbox, simulation_flags("--plan", made.plan_id))

    seen = result.runs[0]
    assert result.note == "closed loop: 100 requests always in flight"
    assert seen.replicas == made.options[0].replicas
    assert seen.concurrency * seen.replicas == pytest.approx(100, rel=0.15)
    assert seen.requests_per_second == pytest.approx(made.options[0].requests_per_second, rel=0.15)
    opened = await run(toolbox, simulation_flags("--plan", made.plan_id, "--rate", "1", "--duration", "60"))
    assert "in place of the plan's closed loop" in opened.note
    assert opened.runs[0].concurrency < seen.concurrency


async def test_a_job_is_simulated_at_full_replicas_with_its_hours(toolbox: Toolbox) -> None:
    wishes = {"batch_items": 50_000, "prompt_tokens": 2000, "output_tokens": 200, "deadline_hours": 8}
    made = await tool("plan_replicas").call(toolbox, wishes)
    assert isinstance(made, Plan)

    result = await run(toolbox, simulation_flags("--plan", made.plan_id))

    hours = 50_000 / result.runs[0].requests_per_second / 3600
    assert hours == pytest.approx(made.options[0].hours, rel=0.15)
    assert result.note.startswith("the job: each replica is kept full at ")
    assert result.note.endswith(f"50,000 items take {duration(hours)} of 8 hours at this pace")


async def test_flags_win_over_the_plan(toolbox: Toolbox, plan: Plan) -> None:
    words = (
        "--plan",
        plan.plan_id,
        "--duration",
        "200",
        "--rate",
        "2",
        "--replicas",
        "3",
        "--output-tokens",
        "20",
    )

    result = await run(toolbox, simulation_flags(*words))

    summary = result.runs[0]
    assert summary.replicas == 3 and summary.requests_per_second == pytest.approx(2, rel=0.3)
    assert summary.output_tokens_per_second / summary.requests_per_second == pytest.approx(20, rel=0.1)


async def test_several_runs_of_a_named_replica_have_other_seeds(toolbox: Toolbox) -> None:
    result = await run(toolbox, simulation_flags(*NAMED, *LOAD, "--runs", "3"))

    assert len({summary.ttft_ms.p95 for summary in result.runs}) == 3


async def test_more_load_is_slower_and_the_curve_shows_it(toolbox: Toolbox) -> None:
    result = await run(toolbox, simulation_flags(*NAMED, *LOAD, "--curve"))

    latencies = [point.itl_p95_ms for point in result.curve]
    assert len(latencies) > 3 and latencies[-1] > latencies[0]


async def test_a_trace_is_replayed_as_it_is(toolbox: Toolbox, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("arrival,prompt_tokens,output_tokens\n0,100,10\n1,200,20\n2.5,300,30\n")

    result = await run(toolbox, simulation_flags(*NAMED, "--trace", str(trace)))

    assert result.runs[0].requests == 3
    assert 2.5 < result.runs[0].seconds < 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--plan: give a plan, or --model and --gpu"),
        (("--model", "Qwen3-8B"), "--plan: give a plan, or --model and --gpu"),
        (NAMED, "--rate: is needed where no --plan is given"),
        ((*NAMED, "--rate", "1"), "--prompt-tokens: is needed"),
        ((*NAMED, "--rate", "1", "--prompt-tokens", "9"), "--output-tokens: is needed"),
        ((*NAMED, *LOAD, "--precision", "fp3"), "precision: Qwen3-8B is published in .*; not in fp3"),
        ((*NAMED, *LOAD, "--duration", "1000000"), "duration: .* more than 2,000,000 requests"),
    ],
)
async def test_what_is_missing_or_cannot_be_is_named(
    toolbox: Toolbox, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        await run(toolbox, simulation_flags(*words))


async def test_an_unknown_plan_or_model_is_named(toolbox: Toolbox) -> None:
    with pytest.raises(NotFound, match="plan-zz"):
        await run(toolbox, simulation_flags("--plan", "plan-zz"))
    with pytest.raises(NotFound, match="Qwen9"):
        await run(toolbox, simulation_flags("--model", "Qwen9-8B", "--gpu", "H100", *LOAD))


async def test_a_plan_without_an_option_has_nothing_to_simulate(toolbox: Toolbox, plan: Plan) -> None:
    empty = await toolbox.store.put("plan", plan.model_copy(update={"options": ()}))

    with pytest.raises(InvalidInput, match=f"--plan: {empty} has no option"):
        await run(toolbox, simulation_flags("--plan", empty))


async def test_a_person_reads_latencies_and_chances(data_dir: Path, plan: Plan) -> None:
    words = ("simulate", "--plan", plan.plan_id, "--duration", "60", "--runs", "50", "--curve")

    done = await asyncio.to_thread(called, data_dir, *words)

    assert done.returncode == 0, done.stderr
    for expected in (
        "TTFT",
        "ITL",
        "E2E",
        "p95",
        "simulated ·",
        "virtual s",
        "one replica, p95 by load",
        "50 draws",
    ):
        assert expected in " ".join(done.stdout.split())


async def test_a_program_reads_one_document(data_dir: Path) -> None:
    done = await asyncio.to_thread(called, data_dir, "simulate", *NAMED, *LOAD, "--runs", "2", "--json")

    document = json.loads(done.stdout)
    assert document.keys() == {"evidence", "runs"} and document["evidence"] == "simulated"
    assert [run["replicas"] for run in document["runs"]] == [1, 1]
