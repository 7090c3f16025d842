"""A plan for a person at a terminal: one screen, most important first."""

import math
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tools.evidence import Interval
from tools.planning import Option, Plan, Specification
from tools.planning.candidates import in_words
from tools.planning.types import Chances, Simulated

LABEL = 13
# One screen is the measure; `compass explain` shows the rest.
VIEWS_SHOWN, REASONS_SHOWN, NOTES_SHOWN, TIPPING_SHOWN = 6, 3, 3, 2
VIEWS = {
    "balanced": "balanced",
    "best_accuracy": "best accuracy",
    "lowest_cost": "lowest cost",
    "lowest_latency": "lowest latency",
    "simplest": "simplest",
}


def render_plan(plan: Plan, engine: str = "") -> RenderableType:
    """The plan as rich text; `engine` says which model read the request."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=LABEL, no_wrap=True, style="bold")
    grid.add_column(ratio=1)
    for label, content in sections(plan):
        grid.add_row(label, content)
    head = Text.assemble((engine or "Compass", "dim"), "  ", (plan.plan_id, "cyan"))
    return Group(head, Text(), grid)


def sections(plan: Plan) -> Iterable[tuple[str, RenderableType]]:
    """Label and content of each part, in reading order."""
    wish = plan.specification
    yield "Understood", understood(wish)
    yield "Targets " + wish.percentile, targets(wish)
    yield "Load", Text(f"{wish.load_arithmetic}   {wish.prompt_tokens} → {wish.output_tokens} tokens")
    yield "", Text()
    if plan.options:
        yield "Balanced", leader(plan.options[0])
        yield "", Text()
        yield "", views_table(plan.options[:VIEWS_SHOWN])
        yield "", Text()
        yield "Why not", why_not(plan)
        if plan.tipping_points:
            yield "Would change", would_change(plan)
        if plan.question:
            yield "To be surer", question(plan)
    else:
        yield "Not possible", not_possible(plan)
        yield "Why not", why_not(plan)
    if plan.differences:
        changed = [f"{d.field}: {d.before} → {d.after}" for d in plan.differences]
        yield "Differences", Text("\n".join(changed))
    if notes := [remark for remark in plan.remarks if not remark.startswith("Not possible")]:
        yield "Note", Text(within(notes, NOTES_SHOWN))
    yield "Assumed", Text(", ".join(f"{a.field} {a.value}" for a in plan.assumptions), style="dim")


def understood(wish: Specification) -> Text:
    """Use case, users and restrictions in a line."""
    parts = [wish.use_case.replace("_", " ")]
    if wish.user_count:
        parts.append(f"{wish.user_count:,} users")
    if wish.preferred_gpu_types:
        parts.append("on " + " or ".join(wish.preferred_gpu_types))
    if wish.excluded_gpu_types:
        parts.append("not on " + ", ".join(wish.excluded_gpu_types))
    if wish.preferred_models:
        parts.append("model " + " or ".join(name.rsplit("/", 1)[-1] for name in wish.preferred_models))
    if wish.budget_usd_per_month:
        parts.append(f"at most ${wish.budget_usd_per_month:,.0f} a month")
    if wish.availability == "n+1":
        parts.append("one replica to spare")
    named = {"accuracy": wish.accuracy_priority, "cost": wish.cost_priority, "latency": wish.latency_priority}
    parts += [f"{name} {value} priority" for name, value in named.items() if value != "medium"]
    return Text(" · ".join(parts))


def targets(wish: Specification) -> Text:
    """The three limits and who set them."""
    words = []
    for name, field, value in (
        ("TTFT", "ttft_ms", wish.ttft_p95_ms),
        ("ITL", "itl_ms", wish.itl_p95_ms),
        ("E2E", "e2e_ms", wish.e2e_p95_ms),
    ):
        origin = "you said" if field in wish.stated else "use case"
        words.append(f"{name} ≤ {milliseconds(value)} ({origin})")
    return Text("   ".join(words))


def leader(option: Option) -> Text:
    """The balanced option in full: figures, intervals, arithmetic, evidence."""
    name = option.model.rsplit("/", 1)[-1]
    evidence = option.evidence
    near = f" · nearest run: {evidence.nearest} (distance {evidence.distance:g})" if evidence.nearest else ""
    text = Text()
    text.append(f"{name} {option.precision} · {gpus(option)}", style="bold")
    text.append(f"   ${option.usd_per_month:,.0f} a month\n", style="bold")
    text.append(
        f"TTFT {figure(option.ttft_p95_ms)}  ITL {figure(option.itl_p95_ms)}  "
        f"E2E {figure(option.e2e_p95_ms)}  holds: {chance(option.slo_probability)}\n"
    )
    text.append(f"{option.why}\n")
    text.append(
        f"replicas  {option.replica_arithmetic}   "
        f"a replica carries {option.capacity_requests_per_second:g}/s\n"
    )
    if option.simulated:
        text.append(f"simulated {checked(option.simulated)}\n")
    if option.chances:
        text.append(f"chances   {odds(option.chances)}\n")
    text.append(f"cost      {option.cost_arithmetic}   ({option.price_source})\n")
    text.append(
        f"tokens    ${option.usd_per_million_output_tokens:g} per million out, "
        f"${option.usd_per_million_input_tokens:g} in; at full load "
        f"${option.usd_per_million_output_tokens_full_load:g} out\n"
    )
    text.append(f"{evidence.kind}{near}", style="dim")
    return text


def checked(seen: Simulated) -> str:
    """What the simulation says of the planned replicas, and of one fewer."""
    verdict = "holds" if seen.holds else f"misses {' and '.join(seen.broken)}"
    values = f"TTFT {seen.ttft_ms:g}, ITL {seen.itl_ms:g}, E2E {seen.e2e_ms:,.0f} ms"
    return f"{verdict}: {values} over {seen.requests:,} requests; {seen.one_fewer}"


def odds(seen: Chances) -> str:
    """The chance when demand may be off too, and the replicas for a higher one."""
    more = ", ".join(f"{count} for {percent} %" for percent, count in seen.replicas_for.items())
    off = f"peak ×÷ {math.exp(seen.peak_spread):.2g}, lengths ×÷ {math.exp(seen.length_spread):.2g}"
    return f"{chance(seen.all_targets)} if demand may be off too ({off}); replicas: {more or 'none suffice'}"


def views_table(options: Iterable[Option]) -> Table:
    """The other views, a line each."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("view", "model", "GPUs"):
        table.add_column(heading, no_wrap=True)
    for heading in ("$/month", "TTFT ms", "ITL ms", "quality", "holds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for option in options:
        table.add_row(
            ", ".join(VIEWS[view] for view in option.views) or "next best",
            f"{option.model.rsplit('/', 1)[-1]} {option.precision}",
            in_words(option.replicas, option.tensor_parallel, option.gpu),
            f"{option.usd_per_month:,.0f}",
            f"{option.ttft_p95_ms.value:g}",
            f"{option.itl_p95_ms.value:g}",
            "?" if option.quality is None else f"{option.quality:.0f}",
            chance(option.slo_probability),
        )
    return table


def why_not(plan: Plan) -> Text:
    """The largest groups of the ledger, with an example each."""
    lines = [f"{r.count:,} × {r.reason}: {r.examples[0] if r.examples else ''}" for r in plan.rejected]
    return Text(f"{within(lines, REASONS_SHOWN)}\nall of it: compass explain {plan.plan_id}")


def within(lines: list[str], most: int) -> str:
    """The first lines, and how many more there are."""
    more = len(lines) - most
    return "\n".join([*lines[:most], *([f"and {more} more"] if more > 0 else [])])


def would_change(plan: Plan) -> Text:
    """Tipping points, a line each."""
    return Text(
        "\n".join(
            f"{t.quantity} {t.threshold:,.4g} {t.unit}: {t.then}" for t in plan.tipping_points[:TIPPING_SHOWN]
        )
    )


def question(plan: Plan) -> Text:
    """The one question with what each answer would give."""
    assert plan.question is not None
    answers = [f"{answer.answer}: {answer.then}" for answer in plan.question.answers]
    return Text("\n".join([plan.question.text, *answers]))


def not_possible(plan: Plan) -> Text:
    """Why nothing holds, and the nearest that would."""
    lines = [remark for remark in plan.remarks if remark.startswith("Not possible")]
    lines += [f"{r.change}: {r.option}, ${r.usd_per_month:,.0f} a month" for r in plan.relaxations]
    return Text("\n".join(lines))


def gpus(option: Option) -> str:
    """For example "5 replicas × 8 H100-SXM = 40 GPUs"."""
    word = "replica" if option.replicas == 1 else "replicas"
    count = f"{option.gpus} GPU{'s' if option.gpus > 1 else ''}"
    return f"{option.replicas} {word} × {option.tensor_parallel} {option.gpu} = {count}"


def figure(value: Interval) -> str:
    """A latency with its interval."""
    return f"{milliseconds(value.value)} [{milliseconds(value.low)}–{milliseconds(value.high)}]"


def milliseconds(value: float) -> str:
    """Milliseconds below ten seconds, seconds above."""
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def chance(probability: float) -> str:
    """A probability that never claims certainty."""
    if probability > 0.99:
        return "> 99 %"
    return "< 1 %" if probability < 0.01 else f"{probability:.0%}"


def print_plan(plan: Plan, engine: str = "") -> None:
    """To stdout; a pipe gets the same text at 120 columns without colours."""
    console = Console() if Console().is_terminal else Console(width=120)
    console.print(render_plan(plan, engine))
