"""Finds what applying objects would change and whether it is allowed: owners, rights, quotas, differences."""

import difflib
from typing import TYPE_CHECKING, Any

import yaml

from compass.core import Conflict, Unavailable
from compass.serving.types import Change

if TYPE_CHECKING:
    from compass.serving.cluster import Cluster

Object = dict[str, Any]
OURS = ("app.kubernetes.io/managed-by", "compass")
OWNER = "compass/deployment"
NOT_COMPARED = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid")


def refuse_over_quota(cluster: "Cluster", things: list[Object], namespace: str) -> None:
    """Compare the accelerators of all replicas with what the namespace's quotas leave.

    The dry run cannot see it: quotas count pods, and those are made by KServe later.

    Raises:
        Unavailable: a quota leaves fewer than are needed.
    """
    needed = count_accelerators(things)
    for quota in cluster.listed(f"/api/v1/namespaces/{namespace}/resourcequotas"):
        hard, used = (quota.get("status", {}).get(key, {}) for key in ("hard", "used"))
        for resource, count in needed.items():
            limit = hard.get(f"requests.{resource}")
            left = None if limit is None else int(limit) - int(used.get(f"requests.{resource}", 0))
            if left is not None and left < count:
                raise Unavailable(
                    f"The quota {quota['metadata']['name']} leaves {left} {resource} in {namespace}, {count} "
                    "are needed. Ask for more, free some, or choose a smaller option."
                )


def count_accelerators(things: list[Object]) -> dict[str, int]:
    """Accelerators of all replicas by resource name, such as nvidia.com/gpu."""
    needed: dict[str, int] = {}
    for thing in things:
        predictor = thing.get("spec", {}).get("predictor", {}) if thing["kind"] == "InferenceService" else {}
        for container in predictor.get("containers", []):
            for resource, count in container.get("resources", {}).get("limits", {}).items():
                if "/" in resource:
                    needed[resource] = int(count) * int(predictor.get("minReplicas", 1))
    return needed


def plan_change(cluster: "Cluster", thing: Object, deployment_id: str) -> Change:
    """Find what applying one object would do, by a dry run on the server.

    Raises:
        Unavailable: we have no right to do it.
        Conflict: it is not ours.
    """
    live = check_owner(cluster, thing, deployment_id)
    for verb in ("patch",) if live else ("patch", "create"):
        if not cluster.may(verb, thing):
            raise Unavailable(
                f"You may not {verb} {kind_and_name(thing)} in {thing['metadata']['namespace']}. Ask whoever "
                "runs the cluster for the right."
            )
    diff = difference(live, cluster.apply(thing, True))
    action = "create" if live is None else ("update" if diff else "unchanged")
    return Change(action=action, what=kind_and_name(thing), diff=diff)


def check_owner(cluster: "Cluster", thing: Object, deployment_id: str) -> Object | None:
    """Read the live object, None where there is none, and refuse it if it is not this deployment's.

    Raises:
        Conflict: somebody else's, or another deployment's.
    """
    live = cluster.live(thing)
    if live is None:
        return None
    labels = live["metadata"].get("labels", {})
    where = f"{kind_and_name(thing)} in {thing['metadata']['namespace']}"
    if labels.get(OURS[0]) != OURS[1]:
        raise Conflict(f"{where} exists and was not made by Compass. Choose another name or namespace.")
    if labels.get(OWNER, deployment_id) != deployment_id:
        raise Conflict(
            f"{where} belongs to {labels[OWNER]}. Choose another name, or remove that first: undeploy "
            f"{labels[OWNER]}."
        )
    return live


def difference(live: Object | None, applied: Object) -> str:
    """Unified diff of the object as it is and as it would be."""
    before, after = ([] if live is None else yaml_lines(live)), yaml_lines(applied)
    return "\n".join(difflib.unified_diff(before, after, "live", "planned", lineterm="", n=2))


def yaml_lines(thing: Object) -> list[str]:
    """The object as lines of YAML, without what the server writes."""
    metadata = {key: value for key, value in thing["metadata"].items() if key not in NOT_COMPARED}
    shown = {key: value for key, value in thing.items() if key != "status"} | {"metadata": metadata}
    return yaml.safe_dump(shown, sort_keys=True).splitlines()


def owner_id(live: Object | None) -> str | None:
    """Return the id of the deployment that an object belongs to, from its label."""
    return live["metadata"].get("labels", {}).get(OWNER) if live else None


def kind_and_name(thing: Object) -> str:
    """Return what people call an object, such as "InferenceService tiny"."""
    return f"{thing['kind']} {thing['metadata']['name']}"
