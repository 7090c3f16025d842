"""Words for questions about a plan: why this, why not that."""

from collections.abc import Sequence

from agent.offline.labels import label, value
from agent.offline.replies.figures import money, paragraphs, span
from agent.offline.replies.options import headline, holds, name_of, points, size_of, table
from agent.offline.replies.plans import impossible, question_line, tipping_line
from compass.planning import Option, Plan, View


def explained(plan: Plan, option: Option | None = None) -> str:
    """Why this option, how sure, from what."""
    if not plan.options:
        return impossible(plan)
    best = option or plan.options[0]
    assumptions = [f"- {label(a.field)}: {value(a.value)} ({a.why})" for a in plan.assumptions]
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
        "\n".join(["**Assumed**", "", *assumptions]) if assumptions else "",
        "\n".join([f"**Why none of the others among {plan.considered:,} configurations**", "", *lost]),
        tipping_line(plan),
        question_line(plan),
    )


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


def recalled(option: Option) -> str:
    """The figures of an option that people ask for again."""
    gpus = f"{option.gpus} GPU{'s' if option.gpus > 1 else ''}"
    return paragraphs(
        f"**{name_of(option)} on {size_of(option)}: {gpus}, {money(option.usd_per_month)} a month**",
        "\n".join(
            [
                f"- cost: {money(option.usd_per_hour)} an hour, {money(12 * option.usd_per_month)} a year, "
                f"{money(option.usd_per_million_output_tokens)} per million output tokens at this load "
                f"({money(option.usd_per_million_output_tokens_full_load)} at full load)",
                f"- speed at peak, p95: first token {span(option.ttft_p95_ms)}, between tokens "
                f"{span(option.itl_p95_ms)}, whole answer {span(option.e2e_p95_ms)}",
                f"- size: {option.capacity_requests_per_second:,.3g} requests/s a replica at most, "
                f"{option.utilization:.0%} used at peak".replace("%", " %"),
                f"- quality for this use: {points(option)}",
            ]
        ),
    )


def assumed(plan: Plan) -> str:
    """What nobody said and was taken, in plain words."""
    rows = [f"- {label(a.field)}: {value(a.value)} ({a.why})" for a in plan.assumptions]
    if not rows:
        return "Nothing: you said everything that the plan rests on."
    return paragraphs(
        "\n".join(["**Assumed, because you did not say it**", "", *rows]),
        "Say another value to change one, *80 tokens between …* or *30 % active at once* for example.",
        question_line(plan),
    )


def sure(plan: Plan, option: Option) -> str:
    """Probability, intervals and evidence of an option, and what would make it surer."""
    near = option.evidence.nearest
    replicas = [f"{count} for {share} %" for share, count in option.replicas_for.items()]
    origin = {
        "measured": "Measured on real hardware.",
        "simulated": "From a simulator, not from hardware.",
        "estimated": "Estimated: nobody has measured exactly this.",
    }[option.evidence.kind]
    return paragraphs(
        f"**{name_of(option)} on {size_of(option)} holds every target with {holds(option)}** "
        "at the planned load, all uncertainty of demand and model counted in."
        + (f" Replicas needed: {', '.join(replicas)}." if replicas else ""),
        "\n".join(
            [
                f"- first token {span(option.ttft_p95_ms)}, between tokens {span(option.itl_p95_ms)}, "
                f"whole answer {span(option.e2e_p95_ms)}; in 8 of 10 cases the real value lies within "
                "the brackets",
                f"- {origin}" + (f" Nearest: {near}." if near else ""),
                f"- quality {points(option)}. {option.quality_note}",
            ]
        ),
        question_line(plan),
        "A deployment shows it: *deploy it*, then *how is it doing?* sets what is measured beside this.",
    )


def would_change(plan: Plan) -> str:
    """Tipping points and the question of a plan."""
    points_of = [f"- {t.quantity} {t.threshold:,.4g} {t.unit}: {t.then}" for t in plan.tipping_points]
    found = "\n".join(["**Another option would be recommended from**", "", *points_of]) if points_of else ""
    nothing = "" if points_of else "No load or price within reach makes another option win."
    return paragraphs(found, nothing, question_line(plan))


BETTER: dict[View, tuple[str, str, str]] = {
    "lowest_cost": (
        "Cheaper",
        "the cheapest that holds every target",
        "Reserved or spot prices (*with spot instances*), another provider or a looser target can lower it.",
    ),
    "lowest_latency": (
        "Faster",
        "the fastest that holds every target",
        "Fewer users a replica make it no faster than its hardware is.",
    ),
    "best_accuracy": (
        "Better quality",
        "the one of best quality that holds every target",
        "A looser latency target or a larger budget lets larger models in.",
    ),
    "simplest": ("Simpler", "the simplest that holds every target", ""),
    "balanced": ("Recommended", "the recommended one", ""),
}


def against(before: Option, now: Option) -> str:
    """A cost in relation to another: in per cent, from twice as much as a multiple."""
    ratio = now.usd_per_month / before.usd_per_month
    return f"{ratio:,.2g} times as much" if ratio >= 2 else f"{abs(ratio - 1):.0%}".replace("%", " %")


def beside(at_hand: Option, other: Option, view: View | None, fewer: bool) -> str:
    """Another option against the one at hand: what is won and what it costs."""
    head = "Fewer GPUs" if fewer else BETTER[view or "balanced"][0]
    more = other.usd_per_month - at_hand.usd_per_month
    price = "at the same price"
    if round(more):
        price = f"{money(abs(more))} a month {'more' if more > 0 else 'less'} ({against(at_hand, other)})"
    return paragraphs(
        f"**{head}: {name_of(other)} on {size_of(other)}, "
        f"{money(other.usd_per_month)} a month**, {price}. Against {name_of(at_hand)} on {size_of(at_hand)}:",
        table([at_hand, other]),
        f"Quality {points(other)} rather than {points(at_hand)}; holds with {holds(other)} rather than "
        f"{holds(at_hand)}.",
        "Say *deploy it* to take it; the recommendation stays as it was.",
    )


def best_already(option: Option, view: View | None, fewer: bool) -> str:
    """There is nothing better in this respect."""
    _, what, hint = BETTER[view or "balanced"]
    if fewer:
        what, hint = "the one with the fewest GPUs", "A looser target or a smaller model needs less."
    return paragraphs(
        f"**{name_of(option)} on {size_of(option)}**, {money(option.usd_per_month)} a month, "
        f"is already {what}.",
        hint,
    )


def side_by_side(options: Sequence[Option], without: Sequence[str] = ()) -> str:
    """Options in a table, and in a sentence what they differ by."""
    none = f"Nothing with {', '.join(without)} holds these targets." if without else ""
    if len(options) < 2:
        return paragraphs(none, *(headline(option, "Only") for option in options))
    cheap = min(options, key=lambda o: o.usd_per_month)
    fast = min(options, key=lambda o: o.e2e_p95_ms.value)
    good = max(options, key=lambda o: o.quality or 0)
    rows = [
        f"- cheapest: {name_of(cheap)} on {size_of(cheap)}, {money(cheap.usd_per_month)} a month",
        f"- fastest: {name_of(fast)} on {size_of(fast)}, whole answer {span(fast.e2e_p95_ms)}",
        f"- best quality: {name_of(good)}, {points(good)}",
    ]
    return paragraphs(table(options), "\n".join(rows), none)
