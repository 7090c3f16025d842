"""`compass eval`: how well a language model, or the offline engine, understands and answers."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown

from agent.environment import default_model
from agent.evaluation import (
    ConversationScore,
    RequestScores,
    evaluate_conversations,
    evaluate_requests,
    labelled,
    markdown,
    scripts,
)
from agent.request import read_request
from cli.session import print_json, to_stderr, with_toolbox
from tools.toolbox import Toolbox

TITLE = """# Evaluation

Written by `compass eval --model offline --out docs/evaluation.md` (`make eval`). Any pydantic-ai model
can take the place of `offline`: `compass eval --model ollama:qwen2.5:7b`. The requests and conversations
are in `agent/evaluation/data`; the rules were improved on them, so that unseen requests come out worse.

"""


@click.command("eval")
@click.option("--model", help="A pydantic-ai model name, or offline; the one of COMPASS_MODEL otherwise.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the report to this Markdown file too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evaluate(model: str | None, out: Path | None, as_json: bool) -> None:
    """Read labelled requests, hold whole conversations, and count what is right.

    compass eval --model offline
    """
    chosen = model or default_model()

    async def work(box: Toolbox) -> tuple[RequestScores, list[ConversationScore]]:
        entries, talks = labelled(), scripts()
        to_stderr(f"{len(entries)} requests and {len(talks)} conversations with {chosen}")
        requests = await evaluate_requests(lambda texts: read_request(texts, chosen), entries)
        return requests, await evaluate_conversations(box, chosen, talks)

    requests, conversations = with_toolbox(work)
    text = markdown(requests, conversations)
    if out:
        out.write_text(TITLE + text, encoding="utf-8")
    if as_json:
        print_json(
            {
                "model": requests.model,
                "requests": requests.requests,
                "fields_right": requests.field_share,
                "requests_right": requests.request_share,
                "mistakes": [
                    dict(zip(("text", "field", "said", "read"), m, strict=True)) for m in requests.mistakes
                ],
                "conversations": [asdict(score) for score in conversations],
            }
        )
    else:
        Console().print(Markdown(text))
