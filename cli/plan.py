"""`compass plan "TEXT"`: one request, one plan."""

import click

from agent import intent_of, plan_arguments
from cli.plan_text import print_plan
from cli.session import print_json, to_stderr, with_toolbox
from tools.errors import InvalidInput
from tools.plan_replicas import plan_replicas
from tools.planning import Plan, plan_json
from tools.toolbox import Toolbox


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="The plan as one JSON document on stdout.")
@click.option("--model", help="Who reads the request: a pydantic-ai model name, or offline.")
def plan(text: str, as_json: bool, model: str | None) -> None:
    """Plan for a request in plain words.

    compass plan "a support chatbot for 5,000 users, answers must start within 300 ms"
    """
    if not text.strip():
        raise InvalidInput("TEXT", "is empty. Say what you need, in a sentence.")

    async def work(box: Toolbox) -> tuple[Plan, str]:
        intent, engine = await intent_of([text], model)
        if not intent.on_topic:
            raise InvalidInput(
                "TEXT", "is not about serving a language model. Say who will use it and for what."
            )
        if intent.question:
            to_stderr(f"Question: {intent.question}")
        return await plan_replicas(box, **plan_arguments(intent)), engine

    made, engine = with_toolbox(work)
    if as_json:
        to_stderr(engine)
        print_json(plan_json(made))
    else:
        print_plan(made, engine)
