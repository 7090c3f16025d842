"""A Kubernetes cluster as far as Compass needs it: read, dry run, server-side apply, delete, rights."""

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3
import yaml
from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException
from kubernetes.dynamic import DynamicClient

from compass.core import CompassError, Conflict, InvalidInput, NotFound, Unavailable
from compass.serving.outages import Outage

MANAGER = "compass"
CONNECT_S, READ_S = 5, 30

Object = dict[str, Any]


def connect() -> "Cluster":
    """Connect to the cluster of the current kubeconfig context, or to the one we run in.

    Raises:
        Unavailable: neither is configured, or the kubeconfig cannot be read.
    """
    settings = client.Configuration()
    try:
        config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # theirs
    except ConfigException as outside:
        try:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # theirs
        except ConfigException:
            raise Unavailable(
                f"No Kubernetes cluster is configured ({outside}). Set KUBECONFIG, or deploy with "
                "target=local."
            ) from outside
    except (OSError, ValueError, TypeError, AttributeError, LookupError, yaml.YAMLError) as error:
        # A file that is no kubeconfig fails wherever the client first stumbles over it.
        raise Unavailable(
            f"The kubeconfig cannot be read: {' '.join(str(error).split())}. Check the file that KUBECONFIG "
            "names (by default ~/.kube/config)."
        ) from error
    # Who waits tries again, with pauses; the client would try three times at once and warn on stderr.
    settings.retries = urllib3.Retry(connect=0, read=0)
    return Cluster(client.ApiClient(settings))


@dataclass(frozen=True)
class Answer:
    """Status and body of the API server."""

    status: int
    body: str

    @property
    def document(self) -> Object:
        """The body as JSON; an empty object where it is none."""
        try:
            value = json.loads(self.body)
        except json.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {}


class Cluster:
    """Calls to one API server; they block, so use them in a thread."""

    def __init__(self, api: client.ApiClient) -> None:
        self._client = DynamicClient(api, discoverer=no_discovery)  # type: ignore[no-untyped-call]  # theirs
        self.host: str = api.configuration.host
        self.resources = functools.cache(self._resources)

    def live(self, thing: Object) -> Object | None:
        """The object as it is in the cluster, or None."""
        answer = self._request("GET", self.path(thing))
        return None if answer.status == 404 else self._good(answer, thing).document

    def apply(self, thing: Object, dry_run: bool) -> Object:
        """Server-side apply under our field manager, strict about fields.

        Raises:
            Conflict: a field belongs to another manager; says which and whose.
            InvalidInput: the server refuses the object; says why.
        """
        query = [("fieldManager", MANAGER), ("fieldValidation", "Strict")]
        query += [("dryRun", "All")] if dry_run else []
        answer = self._request("PATCH", self.path(thing), query, thing, "application/apply-patch+yaml")
        return self._good(answer, thing).document

    def delete(self, thing: Object) -> None:
        """Delete with what depends on it; absent is fine."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
        answer = self._request("DELETE", self.path(thing), body=body)
        if answer.status != 404:
            self._good(answer, thing)

    def may(self, verb: str, thing: Object) -> bool:
        """Whether we have the right, by SelfSubjectAccessReview."""
        group = thing["apiVersion"].rpartition("/")[0]
        attributes = {
            "verb": verb,
            "group": group,
            "resource": self.plural(thing),
            "namespace": thing["metadata"]["namespace"],
            "name": thing["metadata"]["name"],
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = self._good(self._request("POST", path, body=body), body)
        return bool(answer.document.get("status", {}).get("allowed"))

    def namespace_exists(self, namespace: str) -> bool:
        """False only where the server says so: a right to look is not needed to deploy."""
        return self._request("GET", f"/api/v1/namespaces/{quote(namespace)}").status != 404

    def listed(self, path: str, selector: str = "") -> list[Object]:
        """Items of a list; empty when we may not look."""
        answer = self._request("GET", path, [("labelSelector", selector)] if selector else [])
        items = answer.document.get("items", []) if answer.status == 200 else []
        return list(items)

    def text(self, path: str) -> str | None:
        """A plain text through the API server's proxy, or None."""
        answer = self._request("GET", path)
        return answer.body if answer.status == 200 else None

    def path(self, thing: Object) -> str:
        """Return the URL path of an object."""
        version, metadata = thing["apiVersion"], thing["metadata"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return f"{root}/namespaces/{metadata['namespace']}/{self.plural(thing)}/{metadata['name']}"

    def plural(self, thing: Object) -> str:
        """Look up the resource name of a kind, such as inferenceservices.

        Raises:
            Unavailable: the cluster does not know it: an operator is missing.
        """
        found = self.resources(thing["apiVersion"]).get(thing["kind"])
        if found is None:
            raise Unavailable(
                f"The cluster does not know {thing['kind']} ({thing['apiVersion']}). Install its operator: "
                "KServe, KEDA and the Prometheus operator are needed."
            )
        return found

    def _resources(self, version: str) -> dict[str, str]:
        answer = self._request("GET", f"/apis/{version}" if "/" in version else f"/api/{version}")
        if answer.status != 404:
            self._good(answer, {"kind": version})
        items = answer.document.get("resources", [])
        return {item["kind"]: item["name"] for item in items if "/" not in item["name"]}

    def _request(
        self,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]] = (),
        body: Object | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        try:
            response = self._client.request(
                method,
                path,
                body=body,
                query_params=list(query),
                content_type=content_type,
                serialize=False,
                _request_timeout=(CONNECT_S, READ_S),
            )
            return Answer(response.status, response.data.decode(errors="replace"))
        except client.ApiException as error:
            # Bytes in older releases of the client.
            said = error.body or error.reason or ""
            text = said.decode(errors="replace") if isinstance(said, bytes) else said
            return Answer(error.status or 0, text)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Outage(
                f"The Kubernetes API at {self.host} does not answer. Check the cluster and KUBECONFIG."
            ) from error

    def _good(self, answer: Answer, thing: Object) -> Answer:
        """The answer, if it is a good one; else the error that it means."""
        if answer.status < 300:
            return answer
        what = f"{thing['kind']} {thing.get('metadata', {}).get('name', '')}".strip()
        said = answer.document.get("message") or answer.body[:300]
        raise error_for(answer.status, what, said)


def no_discovery(client: DynamicClient, cache_file: str | None) -> None:
    """Take the place of the client's own discovery: that one trusts a file in /tmp, of any age and owner."""


def error_for(status: int, what: str, said: str) -> CompassError:
    """Translate an answer of the API server that is not a success into an error of ours."""
    match status:
        case 401:
            return Unavailable(f"The cluster does not accept our credentials: {said}. Log in again.")
        case 403:
            return Unavailable(f"{what}: the cluster forbids it: {said}")
        case 404:
            return NotFound(f"{what}: {said}")
        case 409:
            return Conflict(f"{what}: {said}. Nothing was overwritten.")
        case 400 | 422:
            return InvalidInput(what, f"the cluster refuses it: {said}")
    # Too many requests, or an error of the server itself.
    kind = Outage if status == 429 or status >= 500 else Unavailable
    return kind(f"{what}: the Kubernetes API answered {status}: {said}")
