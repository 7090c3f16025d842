"""What serving takes and gives: manifests, changes, receipts, live status."""

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from tools.evidence import Interval
from tools.planning.types import Option, Specification

TargetName = Literal["local", "kubernetes"]
Verdict = Literal["holds", "at risk", "broken", "not measured"]


class Frozen(BaseModel):
    """A value object."""

    model_config = ConfigDict(frozen=True)


class Manifest(Frozen):
    """One Kubernetes object as YAML text, valid against its schema."""

    name: str
    kind: str
    yaml: str


class Manifests(Frozen):
    """The objects that run an option."""

    option_id: str
    namespace: str
    manifests: tuple[Manifest, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One YAML stream, as `kubectl apply -f` takes it."""
        return "\n---\n".join(m.yaml.strip() for m in self.manifests) + "\n"


class Change(Frozen):
    """What would be made, changed or removed; nothing has happened yet."""

    action: Literal["create", "update", "remove", "unchanged"]
    what: str
    diff: str = ""


class ApprovalRequest(Frozen):
    """What a person is asked to say yes to."""

    action: Literal["deploy", "undeploy"]
    title: str
    target: TargetName
    usd_per_hour: float | None
    changes: tuple[Change, ...]


class Approver(Protocol):
    """A door's way of asking a person; a time-out or a closed door means no."""

    async def __call__(self, request: ApprovalRequest) -> bool:
        """Whether the person said yes."""
        ...


class Progress(Protocol):
    """A door's way of showing a stage of a longer action."""

    def __call__(self, message: str) -> None:
        """Show one line."""
        ...


class Receipt(Frozen):
    """What a deployment was promised."""

    option: Option
    specification: Specification
    target: TargetName
    created: str


class Deployment(Frozen):
    """Something that Compass made on a target."""

    deployment_id: str
    target: TargetName
    namespace: str = ""
    name: str
    endpoint: str | None
    model: str
    receipt: Receipt
    simulated: bool
    """True where a simulator answers in place of a model."""


class LiveMetric(Frozen):
    """One promised figure against the measured one, in milliseconds."""

    name: Literal["ttft_p95_ms", "itl_p95_ms", "e2e_p95_ms"]
    promised: Interval
    target: float
    measured: float | None
    samples: int
    verdict: Verdict


class Status(Frozen):
    """A deployment as it is now; what could not be read is said, never invented."""

    deployment_id: str
    target: TargetName
    ready: bool
    replicas_ready: int
    replicas_wanted: int
    endpoint: str | None
    model: str
    simulated: bool
    requests_running: float | None
    requests_waiting: float | None
    requests_total: float | None
    kv_cache_usage: float | None
    metrics: tuple[LiveMetric, ...]
    verdict: Verdict
    events: tuple[str, ...] = ()
    note: str = ""


class TestAnswer(Frozen):
    """One prompt's answer, timed by the client."""

    deployment_id: str
    text: str
    ttft_ms: float
    itl_ms: float | None
    e2e_ms: float
    prompt_tokens: int
    output_tokens: int
    simulated: bool


class Target(Protocol):
    """A place where options run."""

    name: TargetName

    async def plan(self, name: str, option: Option, specification: Specification) -> tuple[Change, ...]:
        """What applying would change; a dry run."""
        ...

    async def apply(self, deployment_id: str, name: str, receipt: Receipt, progress: Progress) -> Deployment:
        """Start it and wait until Ready; on failure or cancellation nothing stays behind."""
        ...

    async def status(self, deployment: Deployment) -> Status:
        """Read it as it is now."""
        ...

    async def remove(self, deployment: Deployment) -> None:
        """Remove it whole; removing twice is no error."""
        ...


class Removed(Frozen):
    """What undeploy did."""

    deployment_id: str
    removed: bool
    note: str = Field(default="")
