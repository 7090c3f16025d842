"""Types of serving: changes, approvals, deployments, live metrics, targets."""

from typing import Literal, Protocol

from pydantic import Field

from compass.capacity import LatencyProfile
from compass.core import Frozen, Interval, milliseconds, percent, price_per
from compass.manifests import ManifestSettings, Recipe
from compass.planning import Option, Specification

TargetName = Literal["local", "kubernetes"]
Verdict = Literal["holds", "at risk", "broken", "not measured"]


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
    """Empty on a target that has none."""
    name: str
    settings: ManifestSettings = ManifestSettings()
    recipe_id: str = ""
    """What was rendered before and is deployed here; empty where nothing was."""
    endpoint: str | None
    model: str
    receipt: Receipt
    simulated: bool
    """True where a simulator answers in place of a model."""
    usd_per_hour: float | None = None
    """What this deployment costs; 0 for a simulator on this machine."""
    dry_run: bool = False
    """True when nothing was made: `changes` says what would be."""
    changes: tuple[Change, ...] = ()
    note: str = ""

    @property
    def recipe(self) -> Recipe:
        """What its objects are rendered from, on a target with namespaces."""
        return Recipe(
            recipe_id=self.recipe_id,
            option_id=self.receipt.option.option_id,
            name=self.name,
            namespace=self.namespace,
            settings=self.settings,
        )

    def brief(self) -> str:
        """The deployment for a language model."""
        option = self.receipt.option
        planned = (
            f"{option.model} {option.precision}, {option.replicas} × {option.tensor_parallel} × {option.gpu}"
        )
        if self.dry_run:
            head = f"Dry run, nothing was made. On {self.target}: {planned}. {self.note}".strip()
            return "\n".join([head, *(f"{change.action} {change.what}" for change in self.changes)])
        cost = "cost unknown" if self.usd_per_hour is None else price_per(self.usd_per_hour, "an hour")
        kind = "simulated: a simulator answers, not the model" if self.simulated else "real"
        lines = [
            f"{self.deployment_id} · {planned} · {self.target}",
            f"endpoint {self.endpoint} (OpenAI API, model {self.model})",
            f"{kind} · {cost} (the planned hardware: {price_per(option.usd_per_hour, 'an hour')})",
            f"next: test_inference, get_status, undeploy with deployment_id={self.deployment_id}",
        ]
        return "\n".join(lines + ([self.note] if self.note else []))


class LiveMetric(Frozen):
    """One promised figure against the measured one, in milliseconds."""

    name: Literal["ttft_p95_ms", "itl_p95_ms", "e2e_p95_ms"]
    promised: Interval
    target: float
    measured: float | None
    """From histogram buckets: the true value lies between `measured_low` and `measured_high`."""
    samples: int
    verdict: Verdict
    measured_low: float | None = None
    measured_high: float | None = None
    """None where the value lies above the last bucket."""
    samples_needed: int = 0
    """Fewer say too little about this percentile."""
    window_s: float | None = None
    """Seconds that the samples cover, up to now; None: since the deployment."""

    def line(self) -> str:
        """Return the metric in one line."""
        promised = f"promised {self.promised.value:.4g} [{self.promised.low:.4g}–{self.promised.high:.4g}]"
        measured = "not measured" if self.measured is None else f"measured {self.measured:.4g}"
        few = f", {self.samples_needed} are needed" if self.samples < self.samples_needed else ""
        window = f" in the last {self.window_s:.0f} s" if self.window_s else ""
        return (
            f"{self.name}: {measured} ({self.samples} samples{window}{few}), {promised}, "
            f"target {self.target:.4g}: {self.verdict}"
        )


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
    others: tuple[str, ...] = ()
    """Ids of the other deployments, newest first, when none was named."""

    def brief(self) -> str:
        """The status for a language model."""
        state = "ready" if self.ready else "not ready"
        kind = " · simulated engine" if self.simulated else ""
        lines = [
            f"{self.deployment_id} · {self.verdict} · {state}, {self.replicas_ready} of "
            f"{self.replicas_wanted} replicas · {self.target}{kind} · {self.model}",
            *(metric.line() for metric in self.metrics),
        ]
        if self.requests_total is not None:
            lines.append(
                f"requests: {self.requests_total:.0f} finished, {self.requests_running or 0:.0f} running, "
                f"{self.requests_waiting or 0:.0f} waiting; "
                f"KV cache {percent(self.kv_cache_usage or 0)} in use"
            )
        lines += [self.note] if self.note else []
        lines += self.events[-5:]
        if self.others:
            lines.append(f"other deployments: {', '.join(self.others[:10])}")
        return "\n".join(lines)


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

    def brief(self) -> str:
        """The answer for a language model."""
        itl = f", ITL {milliseconds(self.itl_ms)}" if self.itl_ms is not None else ""
        kind = " (a simulator's text, not a model's)" if self.simulated else ""
        return (
            f"{self.deployment_id}: TTFT {milliseconds(self.ttft_ms)}{itl}, E2E {milliseconds(self.e2e_ms)}, "
            f"{self.prompt_tokens} → {self.output_tokens} tokens, measured by the client{kind}\n"
            f"{self.text[:2000]}"
        )


class Target(Protocol):
    """A place where options run."""

    name: TargetName

    async def plan(self, wanted: Deployment) -> tuple[Change, ...]:
        """What applying would change; a dry run. `wanted` has no id and no endpoint yet."""
        ...

    async def apply(self, wanted: Deployment, profile: LatencyProfile, progress: Progress) -> Deployment:
        """Start it and wait until Ready; on failure or cancellation nothing stays behind.

        `profile` is the planned engine's, for targets that simulate it.
        """
        ...

    async def status(self, deployment: Deployment) -> Status:
        """Read it as it is now."""
        ...

    async def exists(self, deployment: Deployment) -> bool:
        """Whether anything of it is left on the target."""
        ...

    async def remove(self, deployment: Deployment) -> None:
        """Remove it whole; removing twice is no error."""
        ...


class Removed(Frozen):
    """What undeploy did."""

    deployment_id: str
    removed: bool
    note: str = Field(default="")

    def brief(self) -> str:
        """What happened, in a sentence."""
        state = "is removed" if self.removed else "was not removed"
        return f"{self.deployment_id} {state}. {self.note}".strip()
