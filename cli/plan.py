"""`compass plan "TEXT"`: one request, one plan."""

import click

from agent.read_request import read_request
from cli.session import print_json, to_stderr, with_toolbox
from compass.core import InvalidInput
from compass.planning import Plan
from tools.plan_replicas import PlanRequest, plan_replicas
from tools.toolbox import Toolbox


@click.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="The plan as one JSON document on stdout.")
@click.option("--model", help="Who reads the request: a pydantic-ai model name, or offline.")
def plan(text: str, as_json: bool, model: str | None) -> None:
    """Plan for a request in plain words.

    compass plan "a support chatbot for 5,000 users, answers must start within 300 ms"
    """

    async def work(box: Toolbox) -> tuple[Plan, str]:
        intent, engine = await read_request([text], model)
        if not intent.on_topic:
            raise InvalidInput(
                "TEXT", "does not say what to serve. Say what people will do with it, and how many they are."
            )
        if intent.question and intent.question.kind == "contradiction":
            # There is nobody here to answer, so nothing is guessed.
            raise InvalidInput("TEXT", intent.question.text)
        if intent.question:
            to_stderr(f"Question: {intent.question.text}")
        return await plan_replicas(box, PlanRequest(**intent.stated())), engine

    made, engine = with_toolbox(work)
    if as_json:
        to_stderr(engine)
        print_json(made.document())
    else:
        # Late: programs read the JSON, and rich takes a while to import.
        from cli.plan_text import print_plan

        print_plan(made, engine)
