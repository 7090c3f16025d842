"""From an option to an answering endpoint and back, on this machine."""

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import openai
import psutil
import pytest

import tools.test_inference as inference
from compass.core import (
    CompassError,
    Conflict,
    InvalidInput,
    NotApproved,
    NotFound,
    Unavailable,
    data_directory,
)
from compass.planning import Option
from compass.serving import ApprovalRequest, Deployment
from compass.serving.local import LocalRun, folder_of, run_id
from tests.e2e.load import send
from tests.e2e.simulators import simulators
from tools.deploy import DeployRequest, deploy
from tools.get_status import StatusRequest, get_status
from tools.plan_replicas import PlanRequest, plan_replicas
from tools.test_inference import PromptRequest
from tools.toolbox import Toolbox
from tools.undeploy import UndeployRequest, undeploy

ROOT = Path(__file__).parents[2]
# Under its own name pytest would take the tool for a test.
ask = inference.test_inference


async def yes(request: ApprovalRequest) -> bool:
    return True


def running() -> list[psutil.Process]:
    """The simulators of this test's data directory."""
    return simulators(data_directory())


@pytest.fixture
async def box(toolbox: Toolbox) -> AsyncIterator[Toolbox]:
    """A toolbox whose person says yes; nothing it deployed is left."""
    box = dataclasses.replace(toolbox, approver=yes)
    yield box
    for identifier in await box.store.ids("dep"):
        await undeploy(box, UndeployRequest(deployment_id=identifier))
    assert running() == []


@pytest.fixture(scope="session")
async def option(toolbox: Toolbox) -> Option:
    plan = await plan_replicas(
        toolbox,
        PlanRequest(use_case="chatbot_conversational", user_count=500, prompt_tokens=64, output_tokens=24),
    )
    return plan.options[0]


async def test_deploy_ask_status_undeploy(box: Toolbox, option: Option) -> None:
    deployment = await deploy(box, DeployRequest(option_id=option.option_id))
    assert deployment.simulated and deployment.endpoint and deployment.usd_per_hour == 0
    assert deployment.deployment_id.startswith("dep-")

    answer = await ask(
        box, PromptRequest(deployment_id=deployment.deployment_id, prompt="Hello", max_tokens=30)
    )
    assert answer.output_tokens == 30 and "simulator" in answer.text
    assert 0 < answer.ttft_ms < answer.e2e_ms

    first = await get_status(box, StatusRequest())
    assert first.ready and first.replicas_ready == option.replicas
    assert first.verdict == "not measured" and first.requests_total == 1
    assert {metric.samples for metric in first.metrics} == {1}

    await send(deployment.endpoint, option.model, 40, 2, 64, 24)
    status = await get_status(box, StatusRequest(deployment_id=deployment.deployment_id))
    assert status.requests_total == 41
    assert [metric.verdict for metric in status.metrics] != ["not measured"] * 3
    # The simulator runs on the plan's own profile: what it shows is near what was promised.
    for metric in status.metrics[:2]:
        assert metric.measured is not None
        assert metric.measured < 2.5 * metric.promised.high

    removed = await undeploy(box, UndeployRequest(deployment_id=deployment.deployment_id))
    assert removed.removed and running() == []
    assert not folder_of(deployment.deployment_id).exists()
    with pytest.raises(NotFound, match="Nothing is deployed"):
        await get_status(box, StatusRequest())


async def test_the_official_client_talks_to_a_deployment(box: Toolbox, option: Option) -> None:
    deployment = await deploy(box, DeployRequest(option_id=option.option_id))

    async with openai.AsyncOpenAI(base_url=f"{deployment.endpoint}/v1", api_key="none") as client:
        stream = await client.chat.completions.create(
            model=option.checkpoint,
            messages=[{"role": "user", "content": "hi"}],
            max_tokens=8,
            stream=True,
        )
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert text.startswith("This text comes")


async def test_nothing_happens_without_a_yes(toolbox: Toolbox, option: Option) -> None:
    with pytest.raises(NotApproved, match="nobody approved"):
        await deploy(toolbox, DeployRequest(option_id=option.option_id))
    dry = await deploy(toolbox, DeployRequest(option_id=option.option_id, dry_run=True))

    assert dry.dry_run and "nothing was made" in dry.brief() and dry.changes
    assert await toolbox.store.ids("dep") == [] and running() == []


async def test_an_option_is_deployed_once(box: Toolbox, option: Option) -> None:
    both = await asyncio.gather(
        deploy(box, DeployRequest(option_id=option.option_id)),
        deploy(box, DeployRequest(option_id=option.option_id)),
        return_exceptions=True,
    )

    made = [one for one in both if isinstance(one, Deployment)]
    refused = [one for one in both if isinstance(one, Conflict)]
    assert len(made) == len(refused) == len(running()) == 1
    assert made[0].deployment_id in str(refused[0])


async def test_a_dead_process_is_said_and_makes_room(box: Toolbox, option: Option) -> None:
    deployment = await deploy(box, DeployRequest(option_id=option.option_id))
    running()[0].kill()
    async with asyncio.timeout(5):
        while running():
            await asyncio.sleep(0.02)

    status = await get_status(box, StatusRequest())
    assert not status.ready and status.verdict == "not measured" and status.replicas_ready == 0
    assert "not running any more" in status.note and all(m.measured is None for m in status.metrics)
    with pytest.raises(Unavailable, match="get_status"):
        await ask(box, PromptRequest())

    again = await deploy(box, DeployRequest(option_id=option.option_id))
    assert await box.store.ids("dep") == [again.deployment_id] != [deployment.deployment_id]


async def test_a_process_number_that_was_given_away_is_left_alone(box: Toolbox, option: Option) -> None:
    deployment = await deploy(box, DeployRequest(option_id=option.option_id))
    run = await box.store.get(run_id(deployment.deployment_id), LocalRun)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    other = run.process.model_copy(update={"pid": stranger.pid})

    assert other.find() is None
    await other.stop()

    assert stranger.poll() is None
    stranger.communicate(b"\n")


async def test_cancelling_leaves_nothing(box: Toolbox, option: Option) -> None:
    started = asyncio.Event()
    watched = dataclasses.replace(box, progress=lambda message: started.set())
    task = asyncio.create_task(deploy(watched, DeployRequest(option_id=option.option_id)))
    await started.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert running() == [] and await box.store.ids("dep") == []


async def test_a_simulator_that_cannot_start_is_a_sentence(
    box: Toolbox, option: Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(Unavailable, match="cannot be started"):
        await deploy(box, DeployRequest(option_id=option.option_id))

    assert await box.store.ids("dep") == []


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda box: deploy(box, DeployRequest(option_id="option-zz")), NotFound, "Did you mean option-"),
        (lambda box: deploy(box, DeployRequest(option_id="plan-zz")), NotFound, "plan"),
        (lambda box: ask(box, PromptRequest(prompt=" ")), InvalidInput, "prompt"),
        (lambda box: ask(box, PromptRequest(max_tokens=0)), InvalidInput, "max_tokens"),
        (lambda box: undeploy(box, UndeployRequest(deployment_id="")), InvalidInput, "deployment_id"),
        (lambda box: get_status(box, StatusRequest(deployment_id="dep-1")), NotFound, "deployed"),
    ],
)
async def test_bad_input_is_a_sentence(
    box: Toolbox,
    option: Option,
    call: Callable[[Toolbox], Awaitable[Any]],
    error: type[CompassError],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        await call(box)


def compass(*words: str) -> list[str]:
    return [sys.executable, "-m", "compass", "tools", "call", *words]


async def test_it_outlives_the_command_that_made_it(box: Toolbox, option: Option) -> None:
    deployed = await asyncio.to_thread(
        subprocess.run,
        compass("deploy", f"option_id={option.option_id}", "--yes"),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert deployed.returncode == 0, deployed.stderr

    status = await get_status(box, StatusRequest())
    assert status.ready and status.deployment_id in deployed.stdout
    assert (await ask(box, PromptRequest(max_tokens=3))).output_tokens == 3


async def test_ctrl_c_while_deploying_leaves_nothing(box: Toolbox, option: Option, tmp_path: Path) -> None:
    # A replica that is long in starting, however late the signal comes on a busy machine.
    slow = "import sys, time\nif 'simulator' in sys.orig_argv:\n    time.sleep(30)\n"
    (tmp_path / "sitecustomize.py").write_text(slow)
    command = subprocess.Popen(
        compass("deploy", f"option_id={option.option_id}", "--yes"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(tmp_path)},
    )

    def interrupt() -> str:
        assert command.stderr is not None
        for line in command.stderr:
            if line.startswith("Started"):
                command.send_signal(signal.SIGINT)
                break
        return command.communicate(timeout=20)[1]

    problem = await asyncio.to_thread(interrupt)

    assert "Traceback" not in problem
    assert command.returncode == 130, problem
    assert running() == [] and await box.store.ids("dep") == []
