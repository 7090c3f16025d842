"""`compass intent "TEXT"`: what Compass understands of a request."""

import asyncio
import json
from pathlib import Path

import click

from agent.read_request import read_request
from cli.session import print_json, to_stderr
from compass.core import InvalidInput


@click.command()
@click.argument("text")
@click.option(
    "--history", type=click.Path(path_type=Path), help="A JSON list of the earlier messages, oldest first."
)
@click.option("--model", help="Who reads the request: a pydantic-ai model name, or offline.")
@click.option("--json", "as_json", is_flag=True, help="Every field as one JSON document on stdout.")
def intent(text: str, history: Path | None, model: str | None, as_json: bool) -> None:
    """Say what Compass understands of a request, field by field."""
    found, engine = asyncio.run(read_request([*read_history(history), text], model))
    to_stderr(engine)
    document = found.document()
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        if value not in (None, [], "medium", "", True):
            click.echo(f"{name:24} {json.dumps(value, ensure_ascii=False)}")


def read_history(path: Path | None) -> list[str]:
    """The earlier messages.

    Raises:
        InvalidInput: no such file, or no list of strings.
    """
    if path is None:
        return []
    try:
        messages = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("--history", f"{path} cannot be read ({error}).") from error
    except json.JSONDecodeError as error:
        raise InvalidInput("--history", f"{path}: line {error.lineno}: not JSON ({error.msg}).") from error
    if not isinstance(messages, list) or not all(isinstance(message, str) for message in messages):
        raise InvalidInput("--history", f"{path} must hold a JSON list of strings, the user's messages.")
    return messages
