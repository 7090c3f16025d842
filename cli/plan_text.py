"""A plan for a person at a terminal: one screen, most important first."""

import io
from collections.abc import Iterable, Iterator

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_wording import (
    VIEWS,
    all_assumed,
    checked,
    figure,
    gpus,
    milliseconds,
    near,
    odds,
    understood,
)
from compass.planning import NO_NEAR_RUN, Option, Plan, Specification, gpus_in_words, percent

LABEL, WIDTH = 12, 120
# One screen is the measure; `compass explain` shows the rest.
VIEWS_SHOWN, REASONS_SHOWN, NOTES_SHOWN, TIPPING_SHOWN, RELAXATIONS_SHOWN = 6, 3, 3, 3, 5
ORIGINS = {"TTFT": "ttft_ms", "ITL": "itl_ms", "E2E": "e2e_ms"}


def render_plan(plan: Plan, engine: str = "") -> RenderableType:
    """The plan as rich text; `engine` says which model read the request."""
    more = f"   more: compass explain {plan.plan_id}"
    head = Text.assemble((engine or "Compass", "dim"), "  ", (plan.plan_id, "cyan"), (more, "dim"))
    return Group(head, Text(), *blocks(plan))


def blocks(plan: Plan) -> Iterator[RenderableType]:
    """Each part, in reading order; the table of views takes the whole width."""
    wish = plan.specification
    yield labelled([("Understood", understood(wish)), (f"Targets {wish.percentile}", targets(wish)),
                    ("Load", load(wish))])  # fmt: skip
    yield Text()
    if plan.options:
        yield labelled([("Balanced", leader(plan.options[0])), *arithmetic(plan.options[0])])
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
            points = plan.tipping_points[:TIPPING_SHOWN]
            yield (
                "Would change",
                "\n".join(f"{t.quantity} {t.threshold:,.3g} {t.unit}: {t.then}" for t in points),
            )
        if plan.question:
            answers = [f"{answer.answer}: {answer.then}" for answer in plan.question.answers]
            yield "To be surer", "\n".join([plan.question.text, *answers])
    else:
        yield "Not possible", plan.impossible or "nothing holds every target"
        if plan.relaxations:
            rows = [f"{r.change}: {r.option}, ${r.usd_per_month:,.0f} a month" for r in plan.relaxations]
            yield "Would do", within(rows, RELAXATIONS_SHOWN)
        yield "Why not", why_not(plan)
    if plan.differences:
        yield "Differences", "\n".join(f"{d.field}: {d.before} → {d.after}" for d in plan.differences)
    told = {NO_NEAR_RUN, *plan.expected}
    if notes := [remark for remark in plan.remarks if remark not in told]:
        yield "Note", within(notes, NOTES_SHOWN)
    yield "Assumed", Text(all_assumed(plan), style="dim")


def targets(wish: Specification) -> str:
    """The three limits and who set them."""
    values = {"TTFT": wish.ttft_p95_ms, "ITL": wish.itl_p95_ms, "E2E": wish.e2e_p95_ms}
    return "   ".join(
        f"{name} ≤ {milliseconds(value)} ({'you said' if ORIGINS[name] in wish.stated else 'use case'})"
        for name, value in values.items()
    )


def load(wish: Specification) -> str:
    """The peak as a sum, and the tokens of a request."""
    said = {"prompt_tokens", "output_tokens"} <= set(wish.stated)
    tokens = f"{wish.prompt_tokens:,} → {wish.output_tokens:,} tokens"
    return f"{wish.load_arithmetic} · {tokens}{' (you said)' if said else ''}"


def leader(option: Option) -> Text:
    """The balanced option: what, how much, how fast, how sure."""
    text = Text()
    name = f"{option.model.rsplit('/', 1)[-1]} {option.precision} · {gpus(option)}"
    text.append(f"{name} · ${option.usd_per_month:,.0f} a month\n", style="bold")
    figures = (("TTFT", option.ttft_p95_ms), ("ITL", option.itl_p95_ms), ("E2E", option.e2e_p95_ms))
    text.append("   ".join(f"{name} {figure(value)}" for name, value in figures))
    text.append(f"   holds with {percent(option.slo_probability)}", style="bold")
    return text


def arithmetic(option: Option) -> Iterator[tuple[str, str | Text]]:
    """The reason, the sums and the evidence of an option, a line each."""
    yield "why", f"{option.why[0].lower()}{option.why[1:]}"
    yield (
        "replicas",
        (
            f"{option.replica_arithmetic}: a replica carries {option.capacity_requests_per_second:g}/s, then "
            f"{option.binding_constraint} breaks"
        ),
    )
    if option.simulated:
        yield "simulated", checked(option.simulated)
    if option.chances:
        yield "chances", odds(option.chances, option.replicas)
    yield (
        "cost",
        (
            f"{option.cost_arithmetic} ({option.price_source})\n"
            f"${option.usd_per_million_output_tokens:.3g} per million output tokens, "
            f"${option.usd_per_million_input_tokens:.3g} input; "
            f"${option.usd_per_million_output_tokens_full_load:.3g} output at full load"
        ),
    )
    yield "evidence", near(option.evidence)


def views_table(options: Iterable[Option]) -> Table:
    """The other views, a line each; a narrow screen folds names rather than cutting figures."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for heading in ("view", "model", "GPUs"):
        table.add_column(heading, overflow="fold", no_wrap=False)
    for heading in ("$/month", "TTFT ms", "ITL ms", "quality", "holds"):
        table.add_column(heading, justify="right", no_wrap=True)
    for option in options:
        table.add_row(
            ", ".join(VIEWS[view] for view in option.views) or "next best",
            f"{option.model.rsplit('/', 1)[-1]} {option.precision}",
            gpus_in_words(option.replicas, option.tensor_parallel, option.gpu),
            f"{option.usd_per_month:,.0f}",
            f"{option.ttft_p95_ms.value:.3g}",
            f"{option.itl_p95_ms.value:.2g}",
            "?" if option.quality is None else f"{option.quality:.0f}",
            percent(option.slo_probability),
        )
    return table


def why_not(plan: Plan) -> str:
    """What became of the expected, then how many lost by what: the nearest misses are in `explain`."""
    counts = [f"{r.count:,} {r.reason}" for r in plan.rejected]
    more = len(counts) - REASONS_SHOWN
    rest = f" · {more} more reason{'s' if more > 1 else ''}" if more > 0 else ""
    lost = f"{plan.considered:,} configurations: {' · '.join(counts[:REASONS_SHOWN])}{rest}"
    return "\n".join([*plan.expected[:2], lost])


def within(lines: list[str], most: int) -> str:
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
