"""The Kubernetes target against a small API server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from compass.capacity import LatencyProfile
from compass.catalog import load_catalog
from compass.core import CompassError, Conflict, InvalidInput, NotFound, Unavailable
from compass.serving import Deployment, Progress
from compass.serving.cluster import connect
from compass.serving.kubernetes import KubernetesTarget
from tests.unit.compass.serving.api_server import ApiServer, api_server, write_kubeconfig
from tests.unit.compass.serving.example import deployment

PROFILE = LatencyProfile(
    model="m", batch=(1,), decode_ms=(5,), kv_ms_per_token=0, prefill_ms_per_token=0.1,
    prefill_ms_per_token_squared=0, request_overhead_ms=1, max_num_seqs=8, max_num_batched_tokens=512,
    kv_capacity_tokens=10000, max_model_len=8192,
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    with api_server() as server:
        write_kubeconfig(server, tmp_path / "kubeconfig")
        monkeypatch.setattr(
            "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "kubeconfig")
        )
        yield server


@pytest.fixture
def target() -> KubernetesTarget:
    return KubernetesTarget(connect, load_catalog(), poll_s=0.02)


@pytest.fixture
def wanted() -> Deployment:
    return deployment(target="kubernetes", namespace="team", name="tiny", deployment_id="dep-1")


def silent(message: str) -> None:
    """No progress."""


def outage_while_waiting(server: ApiServer, *answers: int | None) -> Progress:
    """Progress that begins an outage with the first look at a service, which is Ready afterwards."""
    server.becomes_ready = False

    def watch(message: str) -> None:
        if "no node has a free GPU" in message:
            server.outage = list(answers)
            server.becomes_ready = True

    return watch


async def test_a_plan_is_a_dry_run_that_changes_nothing(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    changes = await target.plan(wanted)

    assert "InferenceService tiny" in [change.what for change in changes]
    assert {change.action for change in changes} == {"create"}
    assert all("+kind:" in change.diff for change in changes)
    assert server.writes == [] and server.objects == {}
    assert server.authorization == {"Bearer abc"}


async def test_applied_watched_and_removed_whole(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    said: list[str] = []

    made = await target.apply(wanted, PROFILE, lambda message: said.append(message))

    assert made.endpoint == "http://tiny-predictor.team.svc.cluster.local"
    assert made.model == "tiny"
    assert said[-1] == "Ready." and "Applied InferenceService tiny." in said
    assert await target.exists(made)
    assert {change.action for change in await target.plan(made)} == {"unchanged"}

    await target.remove(made)
    assert server.objects == {} and not await target.exists(made)
    await target.remove(made)


async def test_the_status_sums_the_pods_metrics(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    made = await target.apply(wanted, PROFILE, silent)
    server.metrics = 'vllm:num_requests_running{engine="0"} 3.0\n'

    status = await target.status(made)

    assert status.ready and status.replicas_ready == 2
    assert status.requests_running == 6
    assert status.verdict == "not measured" and status.requests_waiting is None
    assert status.events == ("Scheduled: on node-1",)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, "not made by Compass"),
        ({"app.kubernetes.io/managed-by": "compass", "compass/deployment": "dep-9"}, "belongs to dep-9"),
    ],
)
async def test_what_is_not_ours_is_never_touched(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment, labels: dict[str, str], said: str
) -> None:
    path = "/apis/serving.kserve.io/v1beta1/namespaces/team/inferenceservices/tiny"
    theirs = {"kind": "InferenceService", "metadata": {"name": "tiny", "labels": labels}}
    server.objects[path] = theirs

    with pytest.raises(Conflict, match=said):
        await target.plan(wanted)
    with pytest.raises(Conflict, match=said):
        await target.apply(wanted, PROFILE, silent)
    await target.remove(wanted)

    assert server.objects == {path: theirs}


async def test_a_failure_midway_takes_back_what_was_made(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    server.failures["PrometheusRule"] = (500, "webhook does not answer")

    with pytest.raises(Unavailable, match="webhook does not answer"):
        await target.apply(wanted, PROFILE, silent)

    assert server.objects == {}
    assert ("delete", "InferenceService") in server.writes


async def test_a_stop_while_waiting_takes_everything_back(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    server.becomes_ready = False
    waiting = asyncio.Event()

    def watch(message: str) -> None:
        if "no node has a free GPU" in message:
            waiting.set()

    task = asyncio.create_task(target.apply(wanted, PROFILE, watch))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert server.objects == {}


async def test_a_short_outage_while_waiting_is_waited_out(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []
    begin = outage_while_waiting(server, None, 500, 503, 429)

    def watch(message: str) -> None:
        said.append(message)
        begin(message)

    made = await target.apply(wanted, PROFILE, watch)

    assert await target.exists(made) and said[-1] == "Ready."
    assert [message for message in said if "Trying again" in message] == [
        f"The Kubernetes API at {server.url} does not answer. Check the cluster and KUBECONFIG. "
        "Trying again for up to 5 minutes."
    ]
    assert not [record for record in caplog.records if record.name.startswith("urllib3")]


@pytest.mark.parametrize(("status", "patience_s"), [(None, 0.0), (503, 0.0), (403, 300.0)])
async def test_a_long_outage_or_a_refusal_while_waiting_is_not(
    server: ApiServer,
    target: KubernetesTarget,
    wanted: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    status: int | None,
    patience_s: float,
) -> None:
    monkeypatch.setattr("compass.serving.outages.OUTAGE_S", patience_s)
    begin = outage_while_waiting(server, status)

    with pytest.raises(Unavailable, match=r"does not answer|leader changed"):
        await target.apply(wanted, PROFILE, begin)

    assert server.objects == {}


async def test_a_stop_during_an_outage_takes_everything_back(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    begin = outage_while_waiting(server, *[503] * 1000)
    pause = asyncio.Event()

    def watch(message: str) -> None:
        begin(message)
        if "Trying again" in message:
            pause.set()

    task = asyncio.create_task(target.apply(wanted, PROFILE, watch))
    await pause.wait()
    server.outage = []
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert server.objects == {}


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Unavailable), (403, Unavailable), (409, Conflict), (422, InvalidInput), (503, Unavailable)],
)
async def test_what_the_server_refuses_is_a_sentence(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment, status: int, error: type[CompassError]
) -> None:
    server.failures["InferenceService dry"] = (status, "exceeded quota: gpus")

    with pytest.raises(error, match=r"quota: gpus|credentials"):
        await target.plan(wanted)


async def test_missing_rights_operators_and_namespaces_are_named(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment
) -> None:
    server.forbidden.add(("create", "inferenceservices"))
    with pytest.raises(Unavailable, match="may not create InferenceService"):
        await target.plan(wanted)

    server.failures["serving.kserve.io/v1beta1"] = (403, "no right to discover")
    with pytest.raises(Unavailable, match="forbids it: no right to discover"):
        await target.plan(wanted)

    server.failures.clear()
    server.unknown_kinds.add("InferenceService")
    with pytest.raises(Unavailable, match="KServe"):
        await target.plan(wanted)

    with pytest.raises(NotFound, match="no namespace nowhere"):
        await target.plan(wanted.model_copy(update={"namespace": "nowhere"}))


@pytest.mark.parametrize(("used", "fits"), [("6", True), ("7", False)])
async def test_a_quota_that_leaves_too_few_gpus_is_named(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment, used: str, fits: bool
) -> None:
    key = "requests.nvidia.com/gpu"
    server.quotas = [{"metadata": {"name": "gpus"}, "status": {"hard": {key: "8"}, "used": {key: used}}}]

    if fits:
        assert await target.plan(wanted)
        return
    with pytest.raises(Unavailable, match=r"gpus leaves 1 nvidia\.com/gpu in team, 2 are needed"):
        await target.plan(wanted)


async def test_no_cluster_is_a_sentence(
    server: ApiServer, target: KubernetesTarget, wanted: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(Unavailable, match="does not answer"):
        await target.plan(wanted)

    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", "/nowhere")
    with pytest.raises(Unavailable, match="No Kubernetes cluster is configured"):
        await target.plan(wanted)


@pytest.mark.parametrize("content", [b"a: [b", b"\xff\xfe", b"[1, 2]", b"hello", None])
async def test_a_file_that_is_no_kubeconfig_is_a_sentence(
    tmp_path: Path, server: ApiServer, target: KubernetesTarget, wanted: Deployment, content: bytes | None
) -> None:
    (tmp_path / "kubeconfig").unlink()
    if content is None:
        (tmp_path / "kubeconfig").mkdir()
    else:
        (tmp_path / "kubeconfig").write_bytes(content)

    with pytest.raises(Unavailable, match=r"kubeconfig cannot be read: .+ Check the file"):
        await target.plan(wanted)


async def test_nothing_is_left_in_the_shared_temporary_folder(
    tmp_path: Path,
    server: ApiServer,
    target: KubernetesTarget,
    wanted: Deployment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(shared))

    await target.plan(wanted)

    assert list(shared.iterdir()) == []
