"""`compass plan "TEXT"`: one request, one answer: a plan, what given GPUs carry, or a comparison."""

from typing import Any

import click
from pydantic import BaseModel

from agent.intent import Intent
from agent.read_request import read_request
from agent.request_call import call_for, not_used
from cli.session import print_json, to_stderr, with_toolbox
from compass.comparison import Comparison
from compass.core import InvalidInput
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Plan
from tools.specs import tool
from tools.toolbox import Toolbox


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON document on stdout.")
@click.option("--model", help="Who reads the request: a pydantic-ai model name, or offline.")
def plan(text: str, as_json: bool, model: str | None) -> None:
    """Plan for a request in plain words, or ask what given GPUs carry.

    compass plan "a support chatbot for 5,000 users, answers must start within 300 ms"
    """

    async def work(box: Toolbox) -> tuple[BaseModel, Intent, str]:
        intent, engine = await read_request([text], model)
        check(intent)
        call = call_for(intent, intent)
        made = answered(await tool(call.name).call(box, call.arguments), intent)
        # The other answers hold the question themselves.
        if intent.question and isinstance(made, Plan):
            to_stderr(f"Question: {intent.question.text}")
        return made, intent, engine

    made, intent, engine = with_toolbox(work)
    if as_json:
        to_stderr(engine)
        print_json(document(made, intent))
    else:
        print_answer(made, intent, engine)


def check(intent: Intent) -> None:
    """Refuse what is no request, or one that contradicts itself: there is nobody here to answer."""
    if not intent.on_topic:
        raise InvalidInput(
            "TEXT", "does not say what to serve. Say what people will do with it, and how many they are."
        )
    if intent.question and intent.question.kind == "contradiction":
        raise InvalidInput("TEXT", intent.question.text)


def answered(made: Any, intent: Intent) -> BaseModel:
    """The tool's result with what the reading adds: words that no field took, and its question."""
    if not isinstance(made, CapacityAnswer | Comparison):
        result: BaseModel = made
        return result
    question = made.question or (intent.question.text if intent.question else None)
    if isinstance(made, CapacityAnswer) and made.verdict == "no" and made.best is None:
        # Whatever the model, nothing starts or fits: there is nothing to ask.
        question = None
    with_reading: BaseModel = made.model_copy(update={"unread": intent.unread, "question": question})
    return with_reading


def document(made: BaseModel, intent: Intent) -> dict[str, Any]:
    """The answer as values that JSON knows, with its goal."""
    if isinstance(made, Plan):
        return {"goal": "size", "unread": list(intent.unread), **made.document()}
    return made.model_dump(mode="json")


def print_answer(made: BaseModel, intent: Intent, engine: str) -> None:
    """The answer for a person."""
    # Late: programs read the JSON, and rich takes a while to import.
    from cli.capacity_text import print_capacity
    from cli.comparison_text import print_comparison
    from cli.plan_text import print_plan

    if isinstance(made, Comparison):
        print_comparison(made, engine)
    elif isinstance(made, CapacityAnswer):
        print_capacity(made, engine)
    elif isinstance(made, Plan):
        if line := not_used(intent):
            click.echo(line)
        print_plan(made, engine)
