"""A small Kubernetes API server: enough of discovery, server-side apply, reviews, events and pod proxies."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

KINDS = {
    "v1": {"ServiceAccount": "serviceaccounts", "PersistentVolumeClaim": "persistentvolumeclaims"},
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "serving.kserve.io/v1beta1": {"InferenceService": "inferenceservices"},
    "keda.sh/v1alpha1": {"ScaledObject": "scaledobjects"},
    "monitoring.coreos.com/v1": {
        "ServiceMonitor": "servicemonitors",
        "PodMonitor": "podmonitors",
        "PrometheusRule": "prometheusrules",
    },
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "networking.k8s.io/v1": {"NetworkPolicy": "networkpolicies"},
}


class ApiServer(ThreadingHTTPServer):
    """State that a test may look at and change."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, dict[str, Any]] = {}
        self.namespaces = {"default", "team"}
        self.unknown_kinds: set[str] = set()
        self.forbidden: set[tuple[str, str]] = set()
        self.failures: dict[str, tuple[int, str]] = {}
        self.outage: list[int | None] = []
        """What becomes of the next reads: a status, or None for a connection that breaks."""
        self.becomes_ready = True
        self.metrics = ""
        self.quotas: list[dict[str, Any]] = []
        self.writes: list[tuple[str, str]] = []
        self.dry_runs: list[dict[str, Any]] = []
        self.applied: list[dict[str, Any]] = []
        self.authorization: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    @property
    def state(self) -> ApiServer:
        return cast(ApiServer, self.server)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def say(self, status: int, body: Any) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, message: str) -> None:
        self.say(status, {"kind": "Status", "status": "Failure", "message": message, "code": status})

    def body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"null")

    def do_GET(self) -> None:
        self.state.authorization.add(self.headers.get("Authorization", ""))
        path = urlsplit(self.path).path
        version = path.removeprefix("/apis/").removeprefix("/api/")
        if self.state.outage:
            status = self.state.outage.pop(0)
            if status is not None:
                self.refuse(status, "etcdserver: leader changed")
        elif failure := self.state.failures.get(version):
            self.refuse(*failure)
        else:
            self.read(path, version)

    def read(self, path: str, version: str) -> None:
        parts = path.strip("/").split("/")
        if version in KINDS:
            known = {k: v for k, v in KINDS[version].items() if k not in self.state.unknown_kinds}
            self.say(200, {"resources": [{"kind": kind, "name": name} for kind, name in known.items()]})
        elif len(parts) == 4 and parts[2] == "namespaces":
            self.say(200, {}) if parts[3] in self.state.namespaces else self.refuse(404, "no namespace")
        elif path.endswith("/proxy/metrics"):
            self.say(200, self.state.metrics)
        elif path.endswith("/events"):
            self.say(200, {"items": self.events()})
        elif path.endswith("/resourcequotas"):
            self.say(200, {"items": self.state.quotas})
        elif path.endswith("/pods"):
            self.say(200, {"items": self.pods()})
        elif path in self.state.objects:
            self.say(200, self.with_status(self.state.objects[path]))
        else:
            self.refuse(404, "not found")

    def do_POST(self) -> None:
        wanted = self.body()["spec"]["resourceAttributes"]
        allowed = (wanted["verb"], wanted["resource"]) not in self.state.forbidden
        self.say(201, {"status": {"allowed": allowed}})

    def do_PATCH(self) -> None:
        target = urlsplit(self.path)
        query = parse_qs(target.query)
        assert self.headers["Content-Type"] == "application/apply-patch+yaml"
        assert query["fieldManager"] == ["compass"] and query["fieldValidation"] == ["Strict"]
        thing = self.body()
        dry = query.get("dryRun") == ["All"]
        (self.state.dry_runs if dry else self.state.applied).append(thing)
        if failure := self.state.failures.get(thing["kind"] + (" dry" if dry else "")):
            self.refuse(*failure)
            return
        stored = {**thing, "metadata": {**thing["metadata"], "uid": "u", "resourceVersion": "1"}}
        if not dry:
            self.state.writes.append(("apply", thing["kind"]))
            self.state.objects[target.path] = stored
        self.say(200, stored)

    def do_DELETE(self) -> None:
        assert self.body()["propagationPolicy"] == "Foreground"
        path = urlsplit(self.path).path
        if path not in self.state.objects:
            self.refuse(404, "not found")
            return
        self.state.writes.append(("delete", self.state.objects.pop(path)["kind"]))
        self.say(200, {})

    def with_status(self, thing: dict[str, Any]) -> dict[str, Any]:
        if thing["kind"] != "InferenceService":
            return thing
        ready = {"type": "Ready", "status": "True" if self.state.becomes_ready else "False"}
        status = {
            "conditions": [ready | {"message": "" if self.state.becomes_ready else "no node has a free GPU"}],
            "address": {"url": f"http://{thing['metadata']['name']}-predictor.team.svc.cluster.local"},
        }
        return {**thing, "status": status}

    def events(self) -> list[dict[str, Any]]:
        names = [thing["metadata"]["name"] for thing in self.state.objects.values()]
        return [
            {"involvedObject": {"name": f"{name}-predictor-1"}, "reason": "Scheduled", "message": "on node-1"}
            for name in sorted(set(names))
        ] + [{"involvedObject": {"name": "other"}, "reason": "Killing", "message": "not about us"}]

    def pods(self) -> list[dict[str, Any]]:
        def pod(name: str, ready: str) -> dict[str, Any]:
            return {
                "metadata": {"name": name},
                "spec": {"containers": [{"ports": [{"containerPort": 8080}]}]},
                "status": {"conditions": [{"type": "Ready", "status": ready}]},
            }

        return [pod("one", "True"), pod("two", "True"), pod("three", "False")]


@contextmanager
def api_server() -> Iterator[ApiServer]:
    """The server, in a thread."""
    server = ApiServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_kubeconfig(server: ApiServer, path: Path) -> None:
    """The configuration that makes the server kubectl's current cluster."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server.url}}],
        "users": [{"name": "u", "user": {"token": "abc"}}],
    }
    path.write_text(json.dumps(document))
