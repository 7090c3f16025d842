"""Words for questions about a plan: why this, why not that, how sure, what else."""

from collections.abc import Sequence

from agent.offline.replies.markdown import bullets, paragraphs, section
from agent.offline.replies.options import dearer_or_cheaper, headline, option_words, table
from agent.offline.replies.plans import impossible, question_line, rejection_words, tipping_line
from compass.core import chance, latency, money, number, percent, price
from compass.planning import (
    Option,
    Plan,
    View,
    assumption_words,
    cost_words,
    evidence_words,
    gpu_sum,
    job_words,
    model_words,
    quality_words,
    tipping_words,
)


def explained(plan: Plan, option: Option | None = None) -> str:
    """Why this option, how sure, from what."""
    if not plan.options:
        return impossible(plan)
    best = option or plan.options[0]
    nearest = f"; nearest: {best.evidence.nearest}" if best.evidence.nearest else ""
    return paragraphs(
        f"**Why {option_words(best)}** {best.why}",
        bullets(
            f"replicas: {best.replica_arithmetic}; at more load {best.binding_constraint} breaks first",
            f"cost: {best.cost_arithmetic} ({best.price_source})",
            latency_line("latency", best),
            f"holds every target with a chance of {chance(best.slo_probability)}{replicas_for(best)}",
            f"evidence: {evidence_words(best.evidence)}{nearest}",
            f"quality: {quality_words(best)}. {best.quality_note}",
        ),
        section("**Assumed**", map(assumption_words, plan.assumptions)),
        section(
            f"**Why none of the others among {plan.considered:,} configurations**",
            map(rejection_words, plan.rejected[:6]),
        ),
        tipping_line(plan),
        question_line(plan),
    )


def latency_line(label: str, option: Option) -> str:
    """The predicted latencies at peak."""
    return f"{label}: " + ", ".join(f"{name} {latency(value)}" for name, value in option.latencies)


def replicas_for(option: Option) -> str:
    """How many replicas a higher chance takes, where more would raise it."""
    more = {count: share for share, count in option.replicas_for.items() if count > option.replicas}
    counts = [f"{count} for {share} %" for count, share in more.items()]
    return f"; replicas needed for a higher one: {', '.join(counts)}" if counts else ""


def compared(plan: Plan, what_if: Plan, asked: str) -> str:
    """Why not something: the plan beside the best plan with it."""
    if not what_if.options:
        reasons = (rejection_words(rejection, examples=3) for rejection in what_if.rejected[:4])
        return section(f"**{asked}** cannot hold these targets:", reasons)
    other = what_if.options[0]
    if not plan.options:
        return headline(other, f"With {asked}")
    best = plan.options[0]
    if (best.checkpoint, best.gpu) == (other.checkpoint, other.gpu):
        return f"**{asked}** is what the plan recommends: {option_words(best)}."
    return paragraphs(
        f"**{asked}** holds the targets too, but {option_words(best)} has the better score. "
        f"With {asked} it costs {dearer_or_cheaper(best, other)}:",
        table([best, other], ["recommended", f"with {asked}"]),
        f"The score weighs quality, cost, latency margin and simplicity: {number(best.score)} for "
        f"{model_words(best)}, {number(other.score)} with {asked}.",
        f"Say *use {asked} instead* to plan with it.",
    )


def recalled(option: Option) -> str:
    """The figures of an option that people ask for again."""
    return paragraphs(
        f"**{model_words(option)}: {gpu_sum(option)}, {cost_words(option)}**",
        bullets(
            costs(option),
            latency_line("speed at peak, p95", option),
            f"size: {number(option.capacity_requests_per_second)} requests/s a replica at most, "
            f"{percent(option.utilization)} used at peak",
            f"quality for this use: {quality_words(option)}",
        ),
    )


def costs(option: Option) -> str:
    """What an option costs an hour, a year or a job, and a million tokens."""
    if option.usd_per_month is None:
        return f"cost: {option.cost_arithmetic}"
    tokens = f"{money(option.usd_per_million_output_tokens)} per million output tokens"
    if option.hours is not None:
        return f"cost: {job_words(option)}, {tokens}"
    return (
        f"cost: {price(option.usd_per_hour)} an hour, {money(12 * option.usd_per_month)} a year, "
        f"{tokens} at this load ({money(option.usd_per_million_output_tokens_full_load)} at full load)"
    )


def assumed(plan: Plan) -> str:
    """The plan's assumptions."""
    if not plan.assumptions:
        return "Nothing: you said everything that the plan rests on."
    return paragraphs(
        section("**Assumed, because you did not say it**", map(assumption_words, plan.assumptions)),
        "Say another value to change one, for example *30 % active at once*.",
        question_line(plan),
    )


def sure(plan: Plan, option: Option) -> str:
    """Probability, intervals and evidence of an option, and what would make it surer."""
    nearest = f"; nearest: {option.evidence.nearest}" if option.evidence.nearest else ""
    return paragraphs(
        f"**{option_words(option)} holds every target with a chance of {chance(option.slo_probability)}** "
        f"at the planned load, given how far the model's estimates may be off{replicas_for(option)}.",
        bullets(
            f"{latency_line('latency', option)}; in 8 of 10 cases the real value lies within the brackets",
            f"evidence: {evidence_words(option.evidence)}{nearest}",
            f"quality: {quality_words(option)}. {option.quality_note}",
        ),
        question_line(plan),
        "To measure it, say *deploy it*; *how is it doing?* then shows measured beside predicted figures.",
    )


def would_change(plan: Plan) -> str:
    """Tipping points and the question of a plan."""
    points = section("**Another option would be recommended at**", map(tipping_words, plan.tipping_points))
    nothing = "No load or price within reach makes another option win."
    return paragraphs(points or nothing, question_line(plan))


BETTER: dict[View, tuple[str, str, str]] = {
    "lowest_cost": (
        "Cheaper",
        "the cheapest that holds every target",
        "Reserved or spot prices (*with spot instances*), another provider or a looser target can lower it.",
    ),
    "lowest_latency": (
        "Faster",
        "the fastest that holds every target",
        "With fewer users on each replica it would be no faster: the hardware sets the limit.",
    ),
    "best_accuracy": (
        "Better quality",
        "the one of best quality that holds every target",
        "A looser latency target or a larger budget lets larger models in.",
    ),
    "simplest": ("Simpler", "the simplest that holds every target", ""),
    "balanced": ("Recommended", "the recommended one", ""),
}


def cost_ratio(before: Option, now: Option) -> str:
    """How much dearer or cheaper: in per cent, from twice as much as a multiple."""
    ratio = (now.usd_per_month or 1.0) / (before.usd_per_month or 1.0)
    return f"{number(ratio)} times as much" if ratio >= 2 else percent(abs(ratio - 1))


def beside(current: Option, other: Option, view: View | None, fewer: bool) -> str:
    """Another option against the current one: what is won and what it costs."""
    head = "Fewer GPUs" if fewer else BETTER[view or "balanced"][0]
    price = dearer_or_cheaper(current, other)
    if round((other.usd_per_month or 0.0) - (current.usd_per_month or 0.0)):
        price = f"{price} ({cost_ratio(current, other)})"
    return paragraphs(
        f"**{head}: {option_words(other)}, {cost_words(other)}**, {price}. "
        f"Compared with {option_words(current)}:",
        table([current, other]),
        "Say *deploy it* to take it; the recommendation stays as it was.",
    )


def best_already(option: Option, view: View | None, fewer: bool) -> str:
    """There is nothing better in this respect."""
    _, what, hint = BETTER[view or "balanced"]
    if fewer:
        what, hint = "the one with the fewest GPUs", "A looser target or a smaller model needs less."
    return paragraphs(f"**{option_words(option)}**, {cost_words(option)}, is already {what}.", hint)


def side_by_side(options: Sequence[Option], labels: Sequence[str] = (), without: Sequence[str] = ()) -> str:
    """Options in a table, and the best by cost, speed and quality; `without` names what fits nowhere."""
    none = f"Nothing with {', '.join(without)} holds these targets." if without else ""
    if len(options) < 2:
        return paragraphs(none, *(headline(option, "Only") for option in options))
    cheap = min(options, key=lambda o: o.usd_per_month or 0.0)
    fast = min(options, key=lambda o: o.e2e_p95_ms.value)
    good = max(options, key=lambda o: o.quality or 0)
    return paragraphs(
        table(options, labels),
        bullets(
            f"cheapest: {option_words(cheap)}, {cost_words(cheap)}",
            f"fastest: {option_words(fast)}, E2E {latency(fast.e2e_p95_ms)}",
            f"best quality: {model_words(good)}, {quality_words(good)}",
        ),
        none,
    )
