"""The local target: a simulator on this machine answers at the pace of the planned engines."""

import asyncio
import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from compass.capacity import LatencyProfile
from compass.core import NotFound, Unavailable, data_directory, price_per
from compass.serving.metrics_reading import MetricsReading, read_metrics
from compass.serving.process import SimulatorProcess, last_log_line, start_simulator
from compass.serving.types import Change, Deployment, Progress, Status, TargetName
from compass.serving.verdict import bucket_bounds, live_metrics, overall
from compass.store import Store

if TYPE_CHECKING:
    import httpx

READY_S = 15.0
READINGS_KEPT = 30
READINGS_APART_S = 5.0


class LocalRun(BaseModel):
    """The process of a deployment, what happened to it, and readings of its metrics."""

    model_config = ConfigDict(frozen=True)

    process: SimulatorProcess
    events: tuple[str, ...]
    readings: tuple[MetricsReading, ...] = ()


class LocalTarget:
    """Starts, watches and stops simulators; state is in the store and in the data directory."""

    name: TargetName = "local"

    def __init__(self, store: Store) -> None:
        self._store = store

    async def plan(self, wanted: Deployment) -> tuple[Change, ...]:
        """One process; nothing else on this machine changes."""
        option = wanted.receipt.option
        engines = "1 engine" if option.replicas == 1 else f"{option.replicas} engines"
        what = (
            f"a simulator process on a free port of 127.0.0.1: {engines} at the pace of {option.model} "
            f"{option.precision} on {option.tensor_parallel} × {option.gpu}. It costs nothing; the planned "
            f"hardware costs {price_per(option.usd_per_hour, 'an hour')}"
        )
        return (Change(action="create", what=what),)

    async def apply(self, wanted: Deployment, profile: LatencyProfile, progress: Progress) -> Deployment:
        """Start the simulator and wait until it answers.

        Raises:
            Unavailable: it does not start, with its last words.
        """
        deployment_id = wanted.deployment_id
        folder = folder_of(deployment_id)
        process: SimulatorProcess | None = None
        try:
            began = time.monotonic()
            process = launch_simulator(folder, wanted, profile)
            progress(f"Started the simulator (process {process.pid}).")
            port = await wait_until_ready(process, folder)
            took = time.monotonic() - began
            event = f"{timestamp()} started, ready after {took:.1f} s, process {process.pid}"
            endpoint = f"http://127.0.0.1:{port}"
            # The first reading is the beginning of the first window.
            first = await read_metrics(endpoint)
            run = LocalRun(process=process, events=(event,), readings=(first,) if first else ())
            await self._store.put_as(run_id(deployment_id), run)
            # From here on the store knows of the process, which otherwise ends by itself.
            (folder / "adopted").touch()
        except BaseException:
            # Also for Ctrl-C: nothing stays behind.
            await self._clean(deployment_id, process)
            raise
        progress(f"Ready after {took:.1f} s on port {port}.")
        return wanted.model_copy(update={"endpoint": endpoint})

    async def status(self, deployment: Deployment) -> Status:
        """What the process and its metrics say now."""
        run = await self._run(deployment)
        alive = run is not None and run.process.find() is not None
        now = await read_metrics(deployment.endpoint) if alive and deployment.endpoint else None
        metrics = live_metrics(deployment.receipt, now, run.readings if run else ())
        if run and now:
            await self._remember(deployment.deployment_id, run, now)
        return Status(
            deployment_id=deployment.deployment_id,
            target="local",
            ready=now is not None,
            replicas_ready=now.engines if now else 0,
            replicas_wanted=deployment.receipt.option.replicas,
            endpoint=deployment.endpoint,
            model=deployment.model,
            simulated=True,
            requests_running=now.running if now else None,
            requests_waiting=now.waiting if now else None,
            requests_total=now.answered if now else None,
            kv_cache_usage=now.kv_cache_usage if now else None,
            metrics=metrics,
            verdict=overall(metrics),
            events=run.events if run else (),
            note=status_note(deployment, run, now, alive),
        )

    async def exists(self, deployment: Deployment) -> bool:
        """Whether its process runs."""
        run = await self._run(deployment)
        return run is not None and run.process.find() is not None

    async def remove(self, deployment: Deployment) -> None:
        """Stop the process and forget its files."""
        run = await self._run(deployment)
        await self._clean(deployment.deployment_id, run.process if run else None)

    async def _run(self, deployment: Deployment) -> LocalRun | None:
        try:
            return await self._store.get(run_id(deployment.deployment_id), LocalRun)
        except NotFound:
            return None

    async def _remember(self, deployment_id: str, run: LocalRun, now: MetricsReading) -> None:
        """Keep a reading for later windows, not more often than every few seconds."""
        if run.readings and now.at - run.readings[-1].at < READINGS_APART_S:
            return
        kept = (*run.readings, now)[-READINGS_KEPT:]
        await self._store.put_as(run_id(deployment_id), run.model_copy(update={"readings": kept}))

    async def _clean(self, deployment_id: str, process: SimulatorProcess | None) -> None:
        if process is not None:
            await process.stop()
        await self._store.delete(run_id(deployment_id))
        shutil.rmtree(folder_of(deployment_id), ignore_errors=True)


def launch_simulator(folder: Path, deployment: Deployment, profile: LatencyProfile) -> SimulatorProcess:
    """Write the profile and start the process.

    Raises:
        Unavailable: the folder cannot be written to, or the process not started.
    """
    option, wanted = deployment.receipt.option, deployment.receipt.specification
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profile.json").write_text(profile.model_dump_json())
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written to ({error.strerror}).") from error
    # Where there is no target, the bounds lie around what is promised.
    buckets = {
        "time_to_first_token": bucket_bounds(wanted.ttft_p95_ms or option.ttft_p95_ms.value),
        "inter_token_latency": bucket_bounds(wanted.itl_p95_ms or option.itl_p95_ms.value),
        "request_latency": bucket_bounds(wanted.e2e_p95_ms or option.e2e_p95_ms.value),
    }
    flags = {
        "--port": "0",
        "--port-file": str(folder / "port"),
        "--adopted-file": str(folder / "adopted"),
        "--profile": str(folder / "profile.json"),
        "--model": option.checkpoint,
        "--replicas": str(option.replicas),
        "--output-tokens": str(wanted.output_tokens),
        "--custom-histogram-buckets": json.dumps(buckets),
    }
    # A client that will call the service by its name in a cluster can do so here.
    names = list(dict.fromkeys((option.model, option.checkpoint, deployment.name)))
    words = [word for pair in flags.items() for word in pair]
    return start_simulator(folder, [*words, "--served-model-name", *names])


async def wait_until_ready(process: SimulatorProcess, folder: Path) -> int:
    """Wait until the server answers; its port.

    Raises:
        Unavailable: it ended, or is not ready in time.
    """
    import httpx

    deadline = time.monotonic() + READY_S
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.find() is None:
                words = last_log_line(folder) or "it said nothing"
                raise Unavailable(f"The simulator ended while starting: {words}")
            port = read_port(folder / "port")
            if port and await is_healthy(client, port):
                return port
            await asyncio.sleep(0.05)
    raise Unavailable(f"The simulator was not ready within {READY_S:.0f} s. Is this machine overloaded?")


def read_port(file: Path) -> int | None:
    """The port that the server wrote, if it did."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


async def is_healthy(client: "httpx.AsyncClient", port: int) -> bool:
    """Whether /health says 200."""
    import httpx

    try:
        return (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200
    except httpx.TransportError:
        return False


def status_note(deployment: Deployment, run: LocalRun | None, now: MetricsReading | None, alive: bool) -> str:
    """Return sentences on what the figures of a status leave out: a dead process, another load, lateness."""
    again = f"Remove it with undeploy {deployment.deployment_id}, then deploy again."
    if run is None:
        return f"It never became ready. {again}"
    if not alive:
        return f"Its process ({run.process.pid}) is not running any more. {again}"
    if now is None:
        return "Its process runs but does not answer."
    notes = ["A simulator answers here: timing is the plan's own prediction under the load that you send."]
    notes += load_note(deployment, run, now)
    notes += shape_note(deployment, now)
    if now.late_s > 1:
        notes.append(
            f"This machine was {now.late_s:.0f} s too slow for the simulator: latencies are partly its own."
        )
    if now.failed:
        notes.append(f"{now.failed:.0f} requests were aborted or failed.")
    return " ".join(notes)


def load_note(deployment: Deployment, run: LocalRun, now: MetricsReading) -> list[str]:
    """Compare the measured rate with the planned one: a promise kept at a tenth of the load says little."""
    earlier = next((reading for reading in run.readings if now.at - reading.at <= 300), None)
    if earlier is None or now.answered is None or earlier.answered is None or now.at - earlier.at < 1:
        return []
    rate = (now.answered - earlier.answered) / (now.at - earlier.at)
    receipt = deployment.receipt
    planned = receipt.option.requests_per_second or receipt.specification.peak_requests_per_second
    return [f"Load in the last {now.at - earlier.at:.0f} s: {rate:.2f} of {planned:.2f} planned requests/s."]


def shape_note(deployment: Deployment, now: MetricsReading) -> list[str]:
    """Compare measured lengths with planned ones where they are too far apart to compare latencies."""
    wanted = deployment.receipt.specification
    pairs = (
        ("Answers", now.output_tokens, wanted.output_tokens, "E2E"),
        ("Prompts", now.prompt_tokens, wanted.prompt_tokens, "TTFT"),
    )
    return [
        f"{what} have {measured:.0f} tokens on average, {planned} were planned: {figure} does not compare."
        for what, measured, planned, figure in pairs
        if measured is not None and not 0.75 <= measured / planned <= 1.33
    ]


def run_id(deployment_id: str) -> str:
    """Where the store keeps the run: dep-7f3a → local-7f3a."""
    return f"local-{deployment_id.partition('-')[2]}"


def folder_of(deployment_id: str) -> Path:
    """Files of one deployment."""
    return data_directory() / "deployments" / deployment_id


def timestamp() -> str:
    """Now, to the second, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
