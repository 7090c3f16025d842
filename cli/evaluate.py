"""`compass eval`: how well a language model, or the offline engine, understands and answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agent.environment import OFFLINE, default_model
from agent.evaluation import (
    ConversationScore,
    ConversationScript,
    Journal,
    Labelled,
    RequestScores,
    evaluate_conversations,
    evaluate_requests,
    open_reader,
    read_requests,
    read_scripts,
    report_markdown,
)
from cli.session import print_json, to_stderr, with_toolbox
from compass.core import data_directory
from tools.toolbox import Toolbox

TITLE = """# Evaluation

Written by `compass eval --model offline --out docs/evaluation.md` (`make eval`). Any pydantic-ai model
can take the place of `offline`: `compass eval --model ollama:qwen2.5:7b`. The requests and conversations
are in `agent/evaluation/data`; the rules were improved on them, so that unseen requests come out worse:
of 80 in the same forms that the rules had never seen, 92.5 % of the fields and 71 % of the requests were
right on 2026-11-27.

"""
INTERRUPTED = 130


@dataclass
class Scores:
    """What is done so far."""

    requests: RequestScores = field(default_factory=RequestScores)
    conversations: list[ConversationScore] = field(default_factory=list)


@click.command("eval")
@click.option("--model", help="A pydantic-ai model name, or offline; the one of COMPASS_MODEL otherwise.")
@click.option(
    "--requests",
    "requests_file",
    type=click.Path(path_type=Path),
    help="Evaluate these labelled requests, written as the sets in agent/evaluation/data.",
)
@click.option(
    "--conversations",
    "conversations_file",
    type=click.Path(path_type=Path),
    help="Evaluate these scripted conversations, written as in agent/evaluation/data/conversations.yaml.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the report to this Markdown file too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evaluate(
    model: str | None,
    requests_file: Path | None,
    conversations_file: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Read labelled requests, hold whole conversations, and count what is right.

    compass eval --model offline

    Without --requests and --conversations the sets of the checkout are evaluated.
    A run with a language model may be stopped with Ctrl-C: what is done is shown, and the same
    command goes on.
    """
    chosen, scores = model or default_model(), Scores()
    entries, talks = read_sets(requests_file, conversations_file)
    try:
        with_toolbox(lambda box: work(box, chosen, entries, talks, scores))
    except KeyboardInterrupt:
        show(scores, as_json)
        to_stderr("Stopped. The same command goes on from here.")
        raise SystemExit(INTERRUPTED) from None
    if out:
        out.write_text(TITLE + report_markdown(scores.requests, scores.conversations), encoding="utf-8")
    show(scores, as_json)


def read_sets(
    requests: Path | None, conversations: Path | None
) -> tuple[Sequence[Labelled], Sequence[ConversationScript]]:
    """The sets of the files that are given; both of the checkout where none is.

    Raises:
        InvalidInput: a file is not there or is wrong, or Compass runs without a checkout.
    """
    if requests is None and conversations is None:
        return read_requests(), read_scripts()
    return read_requests(requests) if requests else (), read_scripts(conversations) if conversations else ()


async def work(
    box: Toolbox,
    model: str,
    entries: Sequence[Labelled],
    talks: Sequence[ConversationScript],
    scores: Scores,
) -> None:
    """Everything, with progress on stderr; what a language model did is kept until all is done.

    Raises:
        Unavailable: the model cannot be used.
    """
    journal = None
    if model.lower() != OFFLINE:
        journal = Journal.of(data_directory() / "evaluation", model, entries, talks)
        if journal.entries:
            to_stderr(f"Going on: {len(journal.entries)} of {len(entries) + len(talks)} were done before.")
    async with open_reader(model) as (scores.requests.model, read):
        with bar("requests", len(entries)) as step:
            await evaluate_requests(read, entries, scores.requests, journal, lambda s: step(of_requests(s)))
    with bar("conversations", len(talks)) as step:
        await evaluate_conversations(
            box, model, talks, scores.conversations, journal, lambda s: step(s.fault or s.name)
        )
    if journal and not scores.requests.faults and not any(s.fault for s in scores.conversations):
        journal.finish()


def of_requests(scores: RequestScores) -> str:
    """How it goes."""
    faults = f", {len(scores.faults)} not answered" if scores.faults else ""
    return f"{scores.field_share:.1%} of fields right{faults}"


@contextmanager
def bar(name: str, total: int) -> Iterator[Any]:
    """A progress bar on stderr; what is yielded takes a step with a remark."""
    columns = (
        TextColumn(name),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda remark: progress.update(task, advance=1, description=remark)


def show(scores: Scores, as_json: bool) -> None:
    """The report on stdout."""
    requests = scores.requests
    if not as_json:
        Console().print(Markdown(report_markdown(requests, scores.conversations)))
        return
    print_json(
        {
            "model": requests.model,
            "requests": requests.requests,
            "fields_right": requests.field_share,
            "requests_right": requests.request_share,
            "forms": {
                form: asdict(tally) | {"field_share": tally.field_share, "request_share": tally.request_share}
                for form, tally in requests.forms.items()
            },
            "tokens": requests.tokens,
            "seconds": requests.seconds,
            "read_by_rules": requests.by_rules,
            "mistakes": [
                dict(zip(("text", "field", "said", "read"), m, strict=True)) for m in requests.mistakes
            ],
            "faults": [dict(zip(("text", "why"), fault, strict=True)) for fault in requests.faults],
            "conversations": [asdict(score) for score in scores.conversations],
        }
    )
