"""Words for deployments: what was deployed, its status, its answers."""

from agent.offline.replies.markdown import bullets, paragraphs
from compass.core import counted, exact_milliseconds, latency, milliseconds
from compass.manifests import Manifests
from compass.serving import Deployment, Removed, Status, TestAnswer


def deployed(result: Deployment) -> str:
    """A deployment that was just made."""
    where = f" at {result.endpoint}" if result.endpoint else ""
    engine = (
        " A simulator answers in place of the model, with the planned latencies." if result.simulated else ""
    )
    rendered = f" {result.note}" if result.note else ""
    return (
        f"**Deployed** {result.model} on {result.target} as `{result.deployment_id}`{where}.{rendered}"
        f"{engine} Say *send it a prompt: …*, *how is it doing?* or *remove it*."
    )


def status(result: Status) -> str:
    """Promised against measured latencies, and the requests so far."""
    ready = "ready" if result.ready else "not ready"
    lines = [
        f"**{result.deployment_id}** {ready} · {result.replicas_ready} of "
        f"{counted(result.replicas_wanted, 'replica')} · targets: {result.verdict}"
        f"{' · simulated' if result.simulated else ''}"
    ]
    if result.metrics:
        rows = [
            f"| {m.name.split('_')[0].upper()} p95 | {latency(m.promised)} | {exact_milliseconds(m.target)} "
            f"| {'not measured' if m.measured is None else milliseconds(m.measured)} | {m.samples:,} "
            f"| {m.verdict} |"
            for m in result.metrics
        ]
        head = "| | promised | target | measured | samples | verdict |\n|---|---|---|---|--:|---|"
        lines.append("\n".join([head, *rows]))
    loads = (
        ("running", result.requests_running),
        ("waiting", result.requests_waiting),
        ("finished", result.requests_total),
    )
    read = [f"{value:,.0f} {name}" for name, value in loads if value is not None]
    if read:
        lines.append(f"Requests: {', '.join(read)}.")
    return paragraphs(*lines, result.note, bullets(*result.events[-3:]))


def tested(result: TestAnswer) -> str:
    """A test prompt's answer with its timing."""
    itl = f" · ITL {milliseconds(result.itl_ms)}" if result.itl_ms is not None else ""
    quoted = "\n".join(f"> {line}" for line in result.text.strip().splitlines()) or "> (no text)"
    return paragraphs(
        quoted,
        f"TTFT {milliseconds(result.ttft_ms)}{itl} · E2E {milliseconds(result.e2e_ms)} · "
        f"{result.prompt_tokens:,} → {result.output_tokens:,} tokens"
        f"{' · simulated: the timing is meaningful, the text is not' if result.simulated else ''}",
    )


def removed(result: Removed) -> str:
    """What undeploy did."""
    done = "is removed" if result.removed else "was not running any more"
    return f"`{result.deployment_id}` {done}. {result.note}".strip()


def manifests(result: Manifests) -> str:
    """The list of manifests; each door shows the YAML itself."""
    kinds = "\n".join(f"- {manifest.kind} `{manifest.name}`" for manifest in result.manifests)
    notes = "\n".join(f"> {note}" for note in result.notes)
    return paragraphs(
        f"Kubernetes manifests of `{result.option_id}`, checked against their schemas:", kinds, notes
    )
