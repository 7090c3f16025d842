"""The Kubernetes target: server-side apply of the rendered manifests, watched until Ready, removed whole."""

import asyncio
import functools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compass.capacity import LatencyProfile
from compass.catalog import Catalog
from compass.core import Conflict, NotFound, Unavailable, parse_yaml
from compass.manifests import Manifests, render
from compass.serving.metrics_reading import MetricsReading, parse_metrics
from compass.serving.object_changes import (
    OWNER,
    Object,
    check_owner,
    kind_and_name,
    owner_id,
    plan_change,
    refuse_over_quota,
)
from compass.serving.outages import read_through_outages
from compass.serving.types import Change, Deployment, Progress, Status, TargetName
from compass.serving.verdict import live_metrics, overall

if TYPE_CHECKING:
    # At run time only `connect` needs it: the Kubernetes client takes half a second to import.
    from compass.serving.cluster import Cluster

READY_S = 3600.0
"""Weights of hundreds of gigabytes take a while; Ctrl-C stops the wait and removes what was made."""


class KubernetesTarget:
    """Runs options as KServe InferenceServices."""

    name: TargetName = "kubernetes"

    def __init__(self, connect: "Callable[[], Cluster]", catalog: Catalog, poll_s: float = 2.0) -> None:
        self._connect = connect
        self._catalog = catalog
        self._poll_s = poll_s

    async def plan(self, wanted: Deployment) -> tuple[Change, ...]:
        """A dry run of every object on the server: rights, quota, schemas, owners, differences."""
        return await asyncio.to_thread(self._plan, wanted)

    async def apply(self, wanted: Deployment, profile: LatencyProfile, progress: Progress) -> Deployment:
        """Apply the objects in order and wait for the service.

        Raises:
            Conflict: an object belongs to somebody else.
            Unavailable: it does not become Ready; what was made is gone again.
        """
        cluster = await asyncio.to_thread(self._connect)
        made: list[Object] = []
        try:
            for thing in self._objects(wanted):
                new = await asyncio.to_thread(check_owner, cluster, thing, wanted.deployment_id) is None
                # Before the call: cancelled during it, the object may be there all the same.
                made += [thing] if new else []
                await asyncio.to_thread(cluster.apply, thing, False)
                progress(f"Applied {kind_and_name(thing)}.")
            endpoint = await self._ready(cluster, wanted, progress)
        except BaseException:
            await asyncio.to_thread(remove_all, cluster, made, wanted.deployment_id)
            raise
        # The manifests serve the model under the service's name.
        return wanted.model_copy(update={"endpoint": endpoint, "model": wanted.name})

    async def status(self, deployment: Deployment) -> Status:
        """The service's conditions, and the metrics of each pod through the API server."""
        cluster = await asyncio.to_thread(self._connect)
        service = await asyncio.to_thread(cluster.live, service_of(deployment))
        now, pods = await asyncio.to_thread(read_pods, cluster, deployment)
        metrics = live_metrics(deployment.receipt, now, ())
        ready, reason = condition(service)
        return Status(
            deployment_id=deployment.deployment_id,
            target="kubernetes",
            ready=ready,
            replicas_ready=pods,
            replicas_wanted=deployment.receipt.option.replicas,
            endpoint=deployment.endpoint,
            model=deployment.model,
            simulated=False,
            requests_running=now.running if now else None,
            requests_waiting=now.waiting if now else None,
            requests_total=now.answered if now else None,
            kv_cache_usage=now.kv_cache_usage if now else None,
            metrics=metrics,
            verdict=overall(metrics),
            events=tuple(await asyncio.to_thread(events, cluster, deployment)),
            note="" if ready else reason,
        )

    async def exists(self, deployment: Deployment) -> bool:
        """Whether the service is there and ours."""
        cluster = await asyncio.to_thread(self._connect)
        live = await asyncio.to_thread(cluster.live, service_of(deployment))
        return owner_id(live) == deployment.deployment_id

    async def remove(self, deployment: Deployment) -> None:
        """Delete every object that carries this deployment's mark; others stay."""
        cluster = await asyncio.to_thread(self._connect)
        await asyncio.to_thread(remove_all, cluster, self._objects(deployment), deployment.deployment_id)

    def manifests(self, wanted: Deployment) -> Manifests:
        """What a deployment's recipe is rendered to, as the tool render_yaml shows it."""
        receipt = wanted.receipt
        return render(wanted.recipe, receipt.option, receipt.specification, self._catalog)

    def _objects(self, wanted: Deployment) -> list[Object]:
        """The rendered objects; once there is an id, each with the mark of this deployment."""
        things: list[Object] = [parse_yaml(manifest.yaml) for manifest in self.manifests(wanted).manifests]
        for thing in things if wanted.deployment_id else ():
            thing["metadata"]["labels"][OWNER] = wanted.deployment_id
        return things

    def _plan(self, wanted: Deployment) -> tuple[Change, ...]:
        cluster = self._connect()
        if not cluster.namespace_exists(wanted.namespace):
            raise NotFound(
                f"The cluster has no namespace {wanted.namespace}. Make it first: kubectl create namespace …"
            )
        things = self._objects(wanted)
        refuse_over_quota(cluster, things, wanted.namespace)
        return tuple(plan_change(cluster, thing, wanted.deployment_id) for thing in things)

    async def _ready(self, cluster: "Cluster", wanted: Deployment, progress: Progress) -> str | None:
        """Follow conditions and events until Ready; the address inside the cluster."""
        deadline = time.monotonic() + READY_S
        shown: set[str] = set()
        look = functools.partial(service_and_events, cluster, wanted)
        while time.monotonic() < deadline:
            service, news = await read_through_outages(look, self._poll_s, progress)
            ready, reason = condition(service)
            if ready and service:
                progress("Ready.")
                return str(service["status"].get("address", {}).get("url") or service["status"].get("url"))
            for line in [*news, reason]:
                if line and line not in shown:
                    shown.add(line)
                    progress(line)
            await asyncio.sleep(self._poll_s)
        raise Unavailable(
            f"{wanted.name} was not Ready within {READY_S / 60:.0f} minutes; it is removed again."
        )


def remove_all(cluster: "Cluster", things: list[Object], deployment_id: str) -> None:
    """Delete what carries this deployment's mark, last made first; one failure does not keep the others."""
    failed: list[str] = []
    for thing in reversed(things):
        try:
            if owner_id(cluster.live(thing)) == deployment_id:
                cluster.delete(thing)
        except (Conflict, Unavailable, NotFound) as error:
            failed.append(f"{kind_and_name(thing)} ({error})")
    if failed:
        raise Unavailable(f"Not removed: {'; '.join(failed)}. Try undeploy again.")


def service_of(deployment: Deployment) -> Object:
    """What names the InferenceService."""
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": deployment.name, "namespace": deployment.namespace},
    }


def service_and_events(cluster: "Cluster", deployment: Deployment) -> tuple[Object | None, list[str]]:
    """The InferenceService as it is now, and what happened to its objects."""
    return cluster.live(service_of(deployment)), events(cluster, deployment)


def condition(service: Object | None) -> tuple[bool, str]:
    """Whether the service is Ready, and if not, why."""
    if service is None:
        return False, "The InferenceService is not there."
    for one in service.get("status", {}).get("conditions", []):
        if one.get("type") == "Ready":
            reason = one.get("message") or one.get("reason") or "no reason given"
            return one.get("status") == "True", f"Not Ready: {reason}"
    return False, "Not Ready: KServe has not looked at it yet."


def events(cluster: "Cluster", deployment: Deployment) -> list[str]:
    """What happened to the objects of the service, oldest first."""
    found = [
        event
        for event in cluster.listed(f"/api/v1/namespaces/{deployment.namespace}/events")
        if belongs(str(event.get("involvedObject", {}).get("name", "")), deployment.name)
    ]
    found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
    return [f"{event.get('reason', '')}: {event.get('message', '')}"[:200] for event in found[-20:]]


def belongs(name: str, service: str) -> bool:
    """Whether an object's name is the service's or one that KServe made from it."""
    return name == service or name.startswith(f"{service}-predictor")


def read_pods(cluster: "Cluster", deployment: Deployment) -> tuple[MetricsReading | None, int]:
    """Metrics of all ready pods together, and how many are ready."""
    root = f"/api/v1/namespaces/{deployment.namespace}/pods"
    selector = f"serving.kserve.io/inferenceservice={deployment.name}"
    ready = [pod for pod in cluster.listed(root, selector) if pod_ready(pod)]
    pages = [
        page
        for pod in ready
        if (page := cluster.text(f"{root}/{pod['metadata']['name']}:{metrics_port(pod)}/proxy/metrics"))
    ]
    return (parse_metrics("\n".join(pages), time.time()) if pages else None), len(ready)


def pod_ready(pod: Object) -> bool:
    """Whether the pod's own condition says so."""
    conditions: list[Any] = pod.get("status", {}).get("conditions", [])
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def metrics_port(pod: Object) -> int:
    """The first port of the serving container."""
    for container in pod["spec"]["containers"]:
        for port in container.get("ports", []):
            return int(port["containerPort"])
    return 8080
