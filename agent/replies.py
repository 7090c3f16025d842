"""The offline engine's words: every figure is taken from a tool's result."""

from collections.abc import Sequence

from tools.evidence import Interval
from tools.lookup_benchmarks import BenchmarkPage
from tools.planning.types import Option, Plan, Specification, View
from tools.serving.types import Deployment, Manifests, Removed, Status, TestAnswer

VIEW_NAMES: dict[View, str] = {
    "balanced": "balanced",
    "best_accuracy": "best accuracy",
    "lowest_cost": "lowest cost",
    "lowest_latency": "lowest latency",
    "simplest": "simplest",
}
HELP = (
    "I size deployments of open language models. Describe a need, for example:\n\n"
    "- *A support chatbot for 5,000 users, answers must start within 300 ms*\n"
    "- *Code assistant for 500 developers, quality matters more than speed*\n\n"
    "Then: *what about H200 instead?*, *why not L4?*, *explain*, *show the yaml*, *deploy it*, "
    "*how is it doing?*, *send it a prompt: …*, *remove it*."
)
OFF_TOPIC = (
    "That is outside of what I can help with: I size and deploy open language models. "
    "Tell me who will use a model and for what, and I work out model, GPUs, replicas and cost."
)
NO_PLAN = "There is no plan in this conversation yet. Say first who uses it, for what, and how fast."
NO_DEPLOYMENT = "Nothing is deployed in this conversation. Say *deploy it* after a plan."


def money(amount: float) -> str:
    """US dollars, cents only below ten."""
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"


def span(figure: Interval) -> str:
    """A latency with its interval; in seconds from two of them."""
    if figure.value >= 2000:
        return f"{figure.value / 1000:,.3g} s [{figure.low / 1000:,.3g}–{figure.high / 1000:,.3g}]"
    return f"{figure.value:,.4g} ms [{figure.low:,.4g}–{figure.high:,.4g}]"


def duration(ms: float) -> str:
    """Milliseconds, or seconds from two of them."""
    return f"{ms / 1000:,.4g} s" if ms >= 2000 else f"{ms:,.4g} ms"


def name_of(option: Option) -> str:
    """Model and precision."""
    return f"{option.model.rsplit('/', 1)[-1]} {option.precision}"


def size_of(option: Option) -> str:
    """Replicas, GPUs a replica, GPU: "2 × (4 × H100-SXM)"."""
    each = option.gpus // option.replicas
    inner = f"({each} × {option.gpu})" if each > 1 else option.gpu
    return f"{option.replicas} × {inner}"


def holds(option: Option) -> str:
    """The probability that the targets hold."""
    return "> 99 %" if option.slo_probability > 0.99 else f"{option.slo_probability:.0%}".replace("%", " %")


def understood(wish: Specification) -> str:
    """What was taken from the request: targets and load, said or assumed."""
    said = set(wish.stated)
    users = f" · {wish.user_count:,} users" if wish.user_count else ""
    targets = " · ".join(
        f"{label} ≤ {duration(value)}{' (you said)' if field in said else ''}"
        for label, field, value in (
            ("TTFT", "ttft_ms", wish.ttft_p95_ms),
            ("ITL", "itl_ms", wish.itl_p95_ms),
            ("E2E", "e2e_ms", wish.e2e_p95_ms),
        )
    )
    load = wish.load_arithmetic or f"{wish.peak_requests_per_second:,.3g} requests/s at peak"
    lines = [
        f"**Understood** {wish.use_case.replace('_', ' ')}, {wish.experience_class}{users}{limits(wish)}",
        f"**Targets {wish.percentile}** {targets}",
        f"**Load** {load} · {wish.prompt_tokens:,} → {wish.output_tokens:,} tokens",
    ]
    return "  \n".join(lines)


def limits(wish: Specification) -> str:
    """Restrictions that the user made."""
    parts = []
    if wish.preferred_gpu_types:
        parts.append(f"only {', '.join(wish.preferred_gpu_types)}")
    if wish.excluded_gpu_types:
        parts.append(f"no {', '.join(wish.excluded_gpu_types)}")
    if wish.preferred_models:
        parts.append(f"only {', '.join(name.rsplit('/', 1)[-1] for name in wish.preferred_models)}")
    if wish.budget_usd_per_month:
        parts.append(f"at most {money(wish.budget_usd_per_month)} a month")
    if wish.availability == "n+1":
        parts.append("one replica to spare")
    for field in ("accuracy", "cost", "latency"):
        if (level := getattr(wish, f"{field}_priority")) != "medium":
            parts.append(f"{field} priority {level}")
    return "".join(f" · {part}" for part in parts)


def headline(option: Option, label: str = "Balanced") -> str:
    """One option in three lines."""
    gpus = f"{option.gpus} GPU{'s' if option.gpus > 1 else ''}"
    month, million = money(option.usd_per_month), money(option.usd_per_million_output_tokens)
    nearest = f" · nearest run: {option.evidence.nearest}" if option.evidence.nearest else ""
    return "  \n".join(
        [
            f"**{label}: {name_of(option)} · {size_of(option)} = {gpus} · {month} a month**",
            f"TTFT {span(option.ttft_p95_ms)} · ITL {span(option.itl_p95_ms)} · "
            f"E2E {span(option.e2e_p95_ms)} · holds with {holds(option)}",
            f"{option.replica_arithmetic} · {million} per million output tokens",
            f"{option.evidence.kind}{nearest}",
        ]
    )


def table(options: Sequence[Option]) -> str:
    """Options side by side."""
    rows = [
        f"| {', '.join(VIEW_NAMES[view] for view in option.views) or 'also'} "
        f"| {name_of(option)} | {size_of(option)} | {option.usd_per_month:,.0f} "
        f"| {option.ttft_p95_ms.value:,.4g} | {option.itl_p95_ms.value:,.3g} "
        f"| {holds(option)} |"
        for option in options
    ]
    head = "| view | model | GPUs | $ a month | TTFT ms | ITL ms | holds |\n|---|---|---|--:|--:|--:|--:|"
    return "\n".join([head, *rows])


def why_not_line(plan: Plan) -> str:
    """The ledger in one line."""
    shown = [f"{entry.reason} ({entry.count:,})" for entry in plan.rejected[:3]]
    return f"**Why not** {' · '.join(shown)}" if shown else ""


def tipping_line(plan: Plan) -> str:
    """Where the answer changes."""
    points = [f"{p.quantity} {p.threshold:,.4g} {p.unit}: {p.then}" for p in plan.tipping_points]
    return f"**Would change** {' · '.join(points)}" if points else ""


def question_line(plan: Plan) -> str:
    """The one question worth asking, with what the answers would change."""
    if plan.question is None:
        return ""
    answers = " · ".join(f"*{answer.answer}* → {answer.then}" for answer in plan.question.answers)
    return f"**To be surer** {plan.question.text} {answers}"


def remarks_of(plan: Plan) -> str:
    """Sentences that the user should read."""
    return quoted((*plan.specification.remarks, *plan.remarks))


def impossible(plan: Plan) -> str:
    """Nothing fits: why, and the nearest that does."""
    reasons = [f"- {r.reason}: {r.count:,}, {'; '.join(r.examples[:2])}" for r in plan.rejected[:4]]
    nearest = [f"- {r.change}: {r.option}, {money(r.usd_per_month)} a month" for r in plan.relaxations] or [
        "- no single change makes it possible"
    ]
    return paragraphs(
        understood(plan.specification),
        "**Not possible as asked.**",
        remarks_of(plan),
        "\n".join(["Why:", "", *reasons]),
        "\n".join(["Nearest that works:", "", *nearest]),
    )


def quoted(lines: Sequence[str]) -> str:
    """Sentences set apart, each once."""
    return "\n>\n".join(f"> {line}" for line in dict.fromkeys(lines))


def planned(plan: Plan) -> str:
    """A plan, most important first."""
    if not plan.options:
        return impossible(plan)
    others = plan.options[1:6]
    return paragraphs(
        understood(plan.specification),
        headline(plan.options[0]),
        table(others) if others else "",
        remarks_of(plan),
        why_not_line(plan),
        tipping_line(plan),
        question_line(plan),
        f"`{plan.plan_id}` · say *deploy it*, *deploy the cheapest*, *explain*, *show the yaml*, "
        "or change anything.",
    )


def changed(plan: Plan) -> str:
    """What a follow-up changed against the plan before it."""
    if not plan.base_plan_id or not plan.differences:
        return ""
    rows = [f"| {d.field.replace('_', ' ')} | {d.before} | {d.after} |" for d in plan.differences]
    return "\n".join(
        [f"**Changed** against `{plan.base_plan_id}`\n", "| | before | now |", "|---|---|---|", *rows]
    )


def explained(plan: Plan, option: Option | None = None) -> str:
    """Why this option, how sure, from what."""
    if not plan.options:
        return impossible(plan)
    best = option or plan.options[0]
    assumed = [f"- {a.field.replace('_', ' ')} = {a.value}: {a.why}" for a in plan.assumptions]
    lost = [f"- {r.reason}: {r.count:,}, {'; '.join(r.examples[:2])}" for r in plan.rejected[:6]]
    sure = [f"{count} for {share} %" for share, count in best.replicas_for.items()]
    distance = "" if best.evidence.distance is None else f", distance {best.evidence.distance:.2g}"
    nearest = f"; nearest run {best.evidence.nearest}{distance}" if best.evidence.nearest else ""
    return paragraphs(
        f"**Why {name_of(best)} on {size_of(best)}** {best.why}",
        "\n".join(
            [
                f"- replicas: {best.replica_arithmetic}; bound by {best.binding_constraint}",
                f"- cost: {best.cost_arithmetic} ({best.price_source})",
                f"- latency: TTFT {span(best.ttft_p95_ms)}, ITL {span(best.itl_p95_ms)}, "
                f"E2E {span(best.e2e_p95_ms)}",
                f"- holds with {holds(best)}{'; replicas needed: ' + ', '.join(sure) if sure else ''}",
                f"- evidence: {best.evidence.kind}{nearest}",
                f"- quality: {points(best)}. {best.quality_note}",
            ]
        ),
        "\n".join(["**Assumed**", "", *assumed]) if assumed else "",
        "\n".join([f"**The other {plan.considered - len(plan.options):,} configurations**", "", *lost]),
        tipping_line(plan),
        question_line(plan),
    )


def points(option: Option) -> str:
    """Quality for the use case."""
    return "no score" if option.quality is None else f"{option.quality:.3g} of 100"


def compared(plan: Plan, what_if: Plan, asked: str) -> str:
    """Why not something: the plan beside the best plan with it."""
    if not what_if.options:
        reasons = [f"- {r.reason}: {r.count:,}, {'; '.join(r.examples[:3])}" for r in what_if.rejected[:4]]
        return paragraphs(f"**{asked}** cannot hold these targets:", "\n".join(reasons))
    other = what_if.options[0]
    if not plan.options:
        return headline(other, f"With {asked}")
    best = plan.options[0]
    if (best.checkpoint, best.gpu) == (other.checkpoint, other.gpu):
        return f"**{asked}** is what the plan recommends: {name_of(best)} on {size_of(best)}."
    more = other.usd_per_month - best.usd_per_month
    price = (
        f"{money(abs(more))} a month {'more' if more > 0 else 'less'}" if round(more) else "the same price"
    )
    return paragraphs(
        f"**{asked}** can do it; the plan prefers {name_of(best)} on {size_of(best)} on the whole. "
        f"With {asked} it is {price}:",
        table([best, other]),
        f"Weighed are quality ({points(best)} against {points(other)}), cost, latency margin "
        f"(holds {holds(best)} against {holds(other)}) and simplicity: "
        f"{best.score:.3g} against {other.score:.3g}.",
        f"Say *use {asked} instead* to plan with it.",
    )


def targets(wish: Specification) -> str:
    """The specification alone, with its assumptions."""
    assumed = [f"- {a.field.replace('_', ' ')} = {a.value}: {a.why}" for a in wish.assumptions]
    return paragraphs(
        understood(wish), "\n".join(["**Assumed**", "", *assumed]) if assumed else "", quoted(wish.remarks)
    )


def deployed(result: Deployment) -> str:
    """A deployment that runs."""
    where = f" at {result.endpoint}" if result.endpoint else ""
    engine = " A simulator answers in place of the model, at the planned pace." if result.simulated else ""
    return (
        f"**Deployed** {result.model} on {result.target} as `{result.deployment_id}`{where}.{engine} "
        "Say *send it a prompt: …*, *how is it doing?* or *remove it*."
    )


def state(result: Status) -> str:
    """Promised against measured."""
    ready = "ready" if result.ready else "not ready"
    lines = [
        f"**{result.deployment_id}** {ready} · {result.replicas_ready} of {result.replicas_wanted} replicas "
        f"· verdict: {result.verdict}{' · simulated' if result.simulated else ''}"
    ]
    if result.metrics:
        rows = [
            f"| {m.name.split('_')[0].upper()} p95 | {span(m.promised)} | {duration(m.target)} | "
            f"{'not measured' if m.measured is None else duration(m.measured)} | {m.samples:,} "
            f"| {m.verdict} |"
            for m in result.metrics
        ]
        head = "| | promised | target | measured | samples | verdict |\n|---|---|---|---|--:|---|"
        lines.append("\n".join([head, *rows]))
    loads = (
        ("running", result.requests_running),
        ("waiting", result.requests_waiting),
        ("in all", result.requests_total),
    )
    read = [f"{value:,.0f} {name}" for name, value in loads if value is not None]
    if read:
        lines.append(f"Requests: {', '.join(read)}.")
    lines += [result.note] + [f"- {event}" for event in result.events[-3:]]
    return paragraphs(*lines)


def tested(result: TestAnswer) -> str:
    """A test prompt's answer with its timing."""
    itl = f" · ITL {duration(result.itl_ms)}" if result.itl_ms is not None else ""
    quoted = "\n".join(f"> {line}" for line in result.text.strip().splitlines()) or "> (no text)"
    return paragraphs(
        quoted,
        f"TTFT {duration(result.ttft_ms)}{itl} · E2E {duration(result.e2e_ms)} · "
        f"{result.prompt_tokens:,} → {result.output_tokens:,} tokens"
        f"{' · simulated, so the words mean nothing and the timing does' if result.simulated else ''}",
    )


def removed(result: Removed) -> str:
    """What undeploy did."""
    done = "is removed" if result.removed else "was not running any more"
    return f"`{result.deployment_id}` {done}. {result.note}".strip()


def manifests(result: Manifests) -> str:
    """Which manifests there are; each door shows the YAML itself."""
    kinds = "\n".join(f"- {manifest.kind} `{manifest.name}`" for manifest in result.manifests)
    notes = "\n".join(f"> {note}" for note in result.notes)
    return paragraphs(
        f"Kubernetes manifests of `{result.option_id}`, checked against their schemas:", kinds, notes
    )


def benchmarks(page: BenchmarkPage) -> str:
    """Runs as a table."""
    found = page.coverage
    intro = f"{found.exact:,} exact of {found.runs:,} runs · page {page.page} of {page.pages}"
    if not found.exact:
        intro += " · nothing measured exactly there; the nearest:"
    rows = [
        f"| {row.match} | {row.model} {row.precision} | {row.tensor_parallel} × {row.gpu} | "
        f"{row.prompt_tokens:g} → {row.output_tokens:g} | {number(row.concurrency)} | {number(row.ttft_ms)} "
        f"| {number(row.itl_ms)} | {row.evidence} | {row.source} |"
        for row in page.rows
    ]
    head = (
        "| match | model | GPUs | tokens | concurrency | TTFT ms | ITL ms | evidence | source |\n"
        "|---|---|---|---|--:|--:|--:|---|---|"
    )
    return paragraphs(intro, "\n".join([head, *rows]) if rows else "", f"*{page.attribution}*")


def number(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:,.4g}"


def paragraphs(*parts: str) -> str:
    """The parts that say something, an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def unchanged(plan: Plan) -> str:
    """A message in which nothing was found to plan by."""
    stands = headline(plan.options[0]) if plan.options else "It stays impossible as asked."
    return paragraphs(
        f"I found nothing in that to change `{plan.plan_id}` by. It stands:",
        stands,
        "Name what should change (*10,000 users*, *only H200*, *answers within 300 ms*), or say *help*.",
    )
