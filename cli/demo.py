"""`compass demo`: plans, deploys, tests and removes three demonstrations, without asking anything."""

from typing import Any

import click

from agent.read_request import read_request
from cli.plan_text import print_plan
from cli.session import with_toolbox
from compass.core import CompassError
from compass.planning import Plan
from compass.serving import ApprovalRequest
from tools.specs import tool
from tools.toolbox import Toolbox

PROMPTS = 3


async def approve_demo(request: ApprovalRequest) -> bool:
    """Approve in the person's place, and say so."""
    click.echo(f"Approved for the demonstration: {request.title} on {request.target}")
    return True


@click.command()
def demo() -> None:
    """Plan, render, deploy locally, test, compare with the promise, remove: for each demonstration."""
    with_toolbox(walk_all, approve_demo)


async def walk_all(box: Toolbox) -> None:
    """Run all demonstrations; a failure removes what it deployed."""
    demonstrations = box.catalog.demonstrations
    for number, text in enumerate(demonstrations, start=1):
        click.secho(f"\n━━ {number} of {len(demonstrations)}  {text}\n", bold=True)
        await walk(box, text)
    click.echo("\nAll three demonstrations ended; nothing runs any more.")


async def walk(box: Toolbox, text: str) -> None:
    """Run one demonstration from sentence to removal."""
    intent, engine = await read_request([text])
    plan: Plan = await call(box, "plan_replicas", **intent.stated())
    print_plan(plan, engine)
    if not plan.options:
        raise CompassError("The demonstration has no option to deploy.")
    option = plan.options[0].option_id
    manifests = await call(box, "render_yaml", option_id=option)
    show("Manifests", manifests)
    deployment = await call(box, "deploy", recipe_id=manifests.recipe_id, target="local")
    show("Deployed", deployment)
    try:
        for _ in range(PROMPTS):
            answer = await call(
                box,
                "test_inference",
                deployment_id=deployment.deployment_id,
                prompt="What can you help me with?",
            )
        show("Test prompt", answer)
        show("Status", await call(box, "get_status", deployment_id=deployment.deployment_id))
    finally:
        show("Removed", await call(box, "undeploy", deployment_id=deployment.deployment_id))


async def call(box: Toolbox, name: str, **arguments: Any) -> Any:
    """Call a tool by its name, as every door does."""
    return await tool(name).call(box, arguments)


def show(title: str, result: Any) -> None:
    """Print a result's brief text under a title."""
    click.secho(f"\n{title}", bold=True)
    click.echo(result.brief())
