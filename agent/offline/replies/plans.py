"""Words for plans: what was understood, what is recommended, what it would take where nothing fits."""

from agent.offline.labels import label, value
from agent.offline.replies.figures import duration, money, paragraphs, quoted
from agent.offline.replies.options import headline, table
from compass.catalog import find_use_case, load_catalog
from compass.planning import Plan, Specification


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
        f"**Understood** {title_of(wish)}, {wish.experience_class} speed{users}{limits(wish)}",
        f"**Targets {wish.percentile}** {targets}",
        f"**Load** {load} · {wish.prompt_tokens:,} → {wish.output_tokens:,} tokens",
    ]
    return "  \n".join(lines)


def title_of(wish: Specification) -> str:
    """The use case as people call it."""
    return find_use_case(load_catalog(), wish.use_case).title


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
    for field, word in (("accuracy", "quality"), ("cost", "cost"), ("latency", "speed")):
        if (level := getattr(wish, f"{field}_priority")) != "medium":
            parts.append(f"{word} matters {'most' if level == 'high' else 'little'}")
    return "".join(f" · {part}" for part in parts)


def recommended(plan: Plan) -> str:
    """The options of a plan, most important first, or why there is none."""
    if not plan.options:
        return not_possible(plan)
    others = plan.options[1:6]
    return paragraphs(
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
    rows = [f"| {label(d.field)} | {value(d.before)} | {value(d.after)} |" for d in plan.differences]
    return "\n".join(
        [f"**Changed** against `{plan.base_plan_id}`\n", "| | before | now |", "|---|---|---|", *rows]
    )


def impossible(plan: Plan) -> str:
    """A plan in which nothing fits: what was asked, why nothing fits, and the nearest that does."""
    return paragraphs(understood(plan.specification), not_possible(plan))


def not_possible(plan: Plan) -> str:
    """Why nothing fits, and the nearest that does."""
    reasons = [f"- {r.reason}: {r.count:,}, {'; '.join(r.examples[:2])}" for r in plan.rejected[:4]]
    nearest = [f"- {r.change}: {r.option}, {money(r.usd_per_month)} a month" for r in plan.relaxations] or [
        "- no single change makes it possible"
    ]
    return paragraphs(
        f"**Not possible as asked**: {plan.impossible or 'nothing holds every target'}.",
        remarks_of(plan),
        "\n".join(["Why:", "", *reasons]),
        "\n".join(["Nearest that works:", "", *nearest]),
    )


def targets(wish: Specification) -> str:
    """The specification alone, with its assumptions."""
    assumed = [f"- {label(a.field)}: {value(a.value)} ({a.why})" for a in wish.assumptions]
    return paragraphs(
        understood(wish), "\n".join(["**Assumed**", "", *assumed]) if assumed else "", quoted(wish.remarks)
    )


def unchanged(plan: Plan) -> str:
    """A message in which nothing was found to plan by."""
    stands = headline(plan.options[0]) if plan.options else "It stays impossible as asked."
    return paragraphs(
        f"I found nothing in that to change `{plan.plan_id}` by. It stands:",
        stands,
        "Name what should change (*10,000 users*, *only H200*, *answers within 300 ms*), or say *help*.",
    )


def unknown_option(plan: Plan) -> str:
    """The message names an option that is not in the plan."""
    return f"`{plan.plan_id}` has no such option. Say *show all options* to see those that it has."


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
