"""A comparison for a person at a terminal: the differences first, then a column for each side."""

from collections.abc import Callable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.plan_text import first_of, labelled, show
from compass.comparison import ALIKE, ComparedPlan, Comparison, title_of
from compass.core import Interval, latency, milliseconds, money, number
from compass.planning import assumption_words

DIFFERENCES_SHOWN = 5
TARGETS = {"ttft_ms", "itl_ms", "e2e_ms"}
NONE = "–"


def render_comparison(made: Comparison, engine: str = "") -> RenderableType:
    """The comparison as rich text; `engine` says which model read the request."""
    return Group(*([Text(engine, "dim")] if engine else []), *blocks(made))


def blocks(made: Comparison) -> Iterator[RenderableType]:
    """Each part, in reading order."""
    if made.unread:
        yield Text(f"Not used: {' · '.join(made.unread)}", style="yellow")
    if made.question:
        yield labelled([("Question", made.question)])
    for remark in made.remarks:
        yield Text(f"Note: {remark}", style="yellow")
    if not made.plans:
        return
    yield labelled([("Load", made.load)])
    if made.differences:
        lines = [difference.words for difference in made.differences]
        yield labelled([("Differences", first_of(lines, DIFFERENCES_SHOWN))])
    elif made.all_alike:
        yield labelled([("Differences", ALIKE)])
    yield Text()
    yield sides_table(made.plans)
    standing = " ".join(difference.words for difference in made.differences)
    for plan in made.plans:
        if not plan.fits and plan.why not in standing:
            yield Text(f"{plan.label}: {plan.why}", style="red")
    yield Text()
    shown = [one for one in made.assumptions if one.field not in TARGETS]
    if shown:
        yield labelled([("Assumed", Text(" · ".join(map(assumption_words, shown)), style="dim"))])


def sides_table(plans: tuple[ComparedPlan, ...]) -> Table:
    """A column for each side, a row for each figure."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for plan in plans:
        table.add_column(plan.label, justify="right")
    for title, cell in ROWS:
        table.add_row(Text(title, style="dim"), *(cell(plan) if plan.fits else NONE for plan in plans))
    return table


def with_interval(figure: Interval | None) -> str:
    """A latency with its interval."""
    return latency(figure) if figure else NONE


def tokens_words(plan: ComparedPlan) -> str:
    """Output tokens a second at the load, with their interval where they are not the load itself."""
    tokens = plan.output_tokens_per_second
    if tokens is None:
        return NONE
    span = "" if tokens.low == tokens.high else f" [{number(tokens.low)}–{number(tokens.high)}]"
    return f"{number(tokens.value)}{span}"


def optional(value: float | None, words: Callable[[float], str] = number) -> str:
    """A figure, or a dash where there is none."""
    return NONE if value is None else words(value)


ROWS: tuple[tuple[str, Callable[[ComparedPlan], str]], ...] = (
    ("model", title_of),
    ("replicas × GPUs", lambda plan: f"{plan.replicas} × TP{plan.tensor_parallel}"),
    ("carries the load", lambda plan: "yes" if plan.holds else f"no: {plan.why}"),
    ("output tokens/s", tokens_words),
    ("tokens/s a GPU, full", lambda plan: optional(plan.output_tokens_per_second_per_gpu)),
    ("TTFT", lambda plan: with_interval(plan.ttft_ms)),
    ("ITL", lambda plan: with_interval(plan.itl_ms)),
    ("E2E", lambda plan: optional(plan.e2e_ms.value if plan.e2e_ms else None, milliseconds)),
    ("at most", lambda plan: f"{optional(plan.limit_requests_per_second)}/s ({plan.limit_breaks})"),
    ("longest context", lambda plan: optional(plan.max_context_tokens)),
    ("requests at once", lambda plan: optional(plan.max_concurrent_requests)),
    ("a month", lambda plan: optional(plan.usd_per_month, money)),
    ("per million tokens out, full", lambda plan: optional(plan.usd_per_million_output_tokens, money)),
    ("evidence", lambda plan: plan.evidence.kind if plan.evidence else NONE),
)
"""Title of each row, and its cell for a side that fits."""


def print_comparison(made: Comparison, engine: str = "") -> None:
    """To stdout."""
    show(render_comparison(made, engine))
