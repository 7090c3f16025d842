"""A plan for a person at a terminal: one screen, most important first."""

import io
from collections.abc import Iterable, Iterator, Sequence

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_wording import chances_words, evidence_lines, other_assumptions, simulation_words
from compass.core import chance, counted, duration, latency, milliseconds, money, number
from compass.planning import (
    NO_NEAR_RUN,
    Option,
    Plan,
    Specification,
    cost_figure,
    cost_unit,
    cost_words,
    difference_words,
    gpu_sum,
    gpu_words,
    job_words,
    load_words,
    model_words,
    prefix_cache_words,
    relaxation_words,
    speculation_words,
    target_words,
    tipping_words,
    understood,
    view_words,
)

LABEL, WIDTH = 12, 120
# One screen is the measure; `compass explain` shows the rest.
VIEWS_SHOWN, REASONS_SHOWN, NOTES_SHOWN, TIPPING_SHOWN, RELAXATIONS_SHOWN = 6, 3, 3, 3, 5
EXPECTED_SHOWN = 1


def render_plan(plan: Plan, engine: str = "") -> RenderableType:
    """The plan as rich text; `engine` says which model read the request."""
    more = f"   more: compass explain {plan.plan_id}"
    head = Text.assemble((engine or "Compass", "dim"), "  ", (plan.plan_id, "cyan"), (more, "dim"))
    return Group(head, Text(), *blocks(plan))


def blocks(plan: Plan) -> Iterator[RenderableType]:
    """Each part, in reading order; the table of views takes the whole width."""
    wish = plan.specification
    targets = (f"Targets {wish.percentile}", "   ".join(target_words(wish)))
    yield labelled([("Understood", understood(wish)), targets, ("Load", load_words(wish))])
    yield Text()
    if plan.options:
        first = plan.options[0]
        yield labelled([("Balanced", leader(first)), *arithmetic(first, plan.specification)])
        yield Text()
        yield views_table(plan.options[:VIEWS_SHOWN])
        yield Text()
    yield labelled(endings(plan))


def labelled(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """Labels on the left; a label in lower case is a detail of the one above."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL, no_wrap=True)
    grid.add_column()
    for label, content in rows:
        detail = label[:1].islower()
        grid.add_row(Text(f"  {label}" if detail else label, style="dim" if detail else "bold"), content)
    return grid


def endings(plan: Plan) -> Iterator[tuple[str, str | Text]]:
    """What follows the options."""
    if plan.options:
        yield "Why not", why_not(plan)
        if plan.tipping_points:
            yield "Would change", "\n".join(map(tipping_words, plan.tipping_points[:TIPPING_SHOWN]))
        if plan.question:
            answers = [f"{answer.answer}: {answer.then}" for answer in plan.question.answers]
            yield "To be surer", "\n".join([plan.question.text, *answers])
    else:
        yield "Not possible", plan.impossible or "nothing holds every target"
        if plan.relaxations:
            yield "Would work", first_of(list(map(relaxation_words, plan.relaxations)), RELAXATIONS_SHOWN)
        yield "Why not", why_not(plan)
    if plan.differences:
        yield "Differences", "\n".join(map(difference_words, plan.differences))
    driven = [cost.sentence for cost in plan.assumption_costs] + [check.sentence for check in plan.sense]
    if driven:
        yield "Hangs on", first_of(driven, NOTES_SHOWN)
    shown = {NO_NEAR_RUN, *plan.expected, *driven}
    if notes := [remark for remark in plan.remarks if remark not in shown]:
        yield "Note", first_of(notes, NOTES_SHOWN)
    yield "Assumed", Text(other_assumptions(plan), style="dim")


def leader(option: Option) -> Text:
    """The balanced option: what, how much, how fast, how sure."""
    text = Text()
    name = f"{model_words(option)} · {gpu_sum(option)}"
    text.append(f"{name} · {cost_words(option)}\n", style="bold")
    if option.hours is not None:
        text.append(job_words(option))
        text.append(f"   in time with {chance(option.slo_probability)}", style="bold")
        return text
    text.append("   ".join(f"{name} {latency(value)}" for name, value in option.latencies))
    text.append(f"   holds with {chance(option.slo_probability)}", style="bold")
    return text


def arithmetic(option: Option, specification: Specification) -> Iterator[tuple[str, str | Text]]:
    """The reason, the sums and the evidence of an option, a line each."""
    yield "why", f"{option.why[0].lower()}{option.why[1:]}"
    yield "replicas", replicas_sum(option)
    if found := prefix_cache_words(option, specification):
        yield "cached", found
    if drafts := speculation_words(option):
        yield "drafts", drafts
    if option.simulated:
        yield "simulated", simulation_words(option.simulated)
    if option.chances:
        yield "chances", chances_words(option.chances, option.replicas)
    yield "cost", cost_sum(option)
    yield "evidence", evidence_lines(option.evidence)


def replicas_sum(option: Option) -> str:
    """The division that gives the replicas, and what stops one of them from carrying more."""
    carried = f"a replica carries {number(option.capacity_requests_per_second)} requests/s"
    limit = f"then {option.binding_constraint} breaks"
    if option.hours is not None:
        limit = f"{option.binding_constraint} is the limit"
    return f"{option.replica_arithmetic}: {carried}, {limit}"


def cost_sum(option: Option) -> str:
    """The product that gives the cost, and that of a million tokens; the product alone without a price."""
    total = f"{option.cost_arithmetic} ({option.price_source})"
    if option.usd_per_million_output_tokens is None:
        return total
    tokens = (
        f"{money(option.usd_per_million_output_tokens)} per million output tokens, "
        f"{money(option.usd_per_million_input_tokens)} input"
    )
    if option.hours is not None:
        return f"{total}\n{tokens}"
    return f"{total}\n{tokens}; {money(option.usd_per_million_output_tokens_full_load)} output at full load"


def views_table(options: Sequence[Option]) -> Table:
    """The other views, a line each; a narrow screen folds names rather than cutting figures."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("view", "model", "GPUs"):
        table.add_column(heading, overflow="fold", no_wrap=False)
    job = options[0].hours is not None
    speed = ("time", "spot") if job else ("TTFT", "ITL")
    for heading in (cost_unit(options), *speed, "quality", "in time" if job else "holds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for option in options:
        table.add_row(
            view_words(option),
            model_words(option),
            gpu_words(option),
            cost_figure(option),
            *speed_figures(option),
            "?" if option.quality is None else f"{option.quality:.0f}",
            chance(option.slo_probability),
        )
    return table


def speed_figures(option: Option) -> tuple[str, str]:
    """TTFT and ITL of an option, or the hours of a batch job and what it costs at spot prices."""
    if option.hours is None:
        return milliseconds(option.ttft_p95_ms.value), milliseconds(option.itl_p95_ms.value)
    spot = "–" if option.usd_per_job_spot is None else money(option.usd_per_job_spot)
    return duration(option.hours), spot


def why_not(plan: Plan) -> str:
    """What became of configurations that people expect, then how many were rejected for which reason."""
    counts = [f"{r.count:,} × {r.reason}" for r in plan.rejected]
    more = len(counts) - REASONS_SHOWN
    rest = f" · {counted(more, 'more reason')}" if more > 0 else ""
    lost = f"{plan.considered:,} configurations: {' · '.join(counts[:REASONS_SHOWN])}{rest}"
    return "\n".join([*plan.expected[:EXPECTED_SHOWN], lost])


def first_of(lines: list[str], most: int) -> str:
    """The first lines, and how many more there are."""
    more = len(lines) - most
    return "\n".join([*lines[:most], *([f"and {more} more"] if more > 0 else [])])


def print_plan(plan: Plan, engine: str = "") -> None:
    """To stdout."""
    show(render_plan(plan, engine))


def show(*parts: RenderableType) -> None:
    """To stdout; a pipe gets the same text, 120 columns wide, without colours and without padding."""
    screen = Console()
    if screen.is_terminal:
        Console(width=min(screen.width, WIDTH), highlight=False).print(*parts, sep="\n")
        return
    written = io.StringIO()
    Console(file=written, width=WIDTH, highlight=False).print(*parts, sep="\n")
    click.echo("\n".join(line.rstrip() for line in written.getvalue().splitlines()))
