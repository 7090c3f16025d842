"""Scripts for deployments: render manifests, deploy, read the status, send a test prompt, undeploy."""

from agent.offline.replies import deployments, talk
from agent.offline.script_context import (
    Passage,
    Reply,
    ScriptContext,
    call,
    chosen_deployment,
    chosen_option,
)
from compass.manifests import Manifests
from compass.serving import Deployment, Removed, Status, TestAnswer


async def deploy(context: ScriptContext) -> Reply:
    """Deploy an option after approval, then report its status."""
    option_id = chosen_option_id(context)
    if not option_id or not option_id.startswith("option-"):
        return talk.NO_PLAN
    where = context.turn.place.arguments()
    deployment = await call(Deployment, "deploy", option_id=option_id, **where)
    context.turn.ledger.offer = ""
    state = await call(Status, "get_status", deployment_id=deployment.deployment_id)
    return [
        Passage(deployments.deployed(deployment), about=deployment),
        Passage(deployments.status(state), about=state),
    ]


async def manifests(context: ScriptContext) -> Reply:
    """Render the manifests of an option."""
    option_id = chosen_option_id(context)
    if not option_id:
        return talk.NO_PLAN
    namespace = context.turn.place.namespace
    rendered = await call(Manifests, "render_yaml", option_id=option_id, namespace=namespace)
    return [Passage(deployments.manifests(rendered), about=rendered)]


async def status(context: ScriptContext) -> Reply:
    """Report the status of a deployment."""
    deployment_id = chosen_deployment(context)
    if deployment_id is None:
        return talk.NO_DEPLOYMENT
    state = await call(Status, "get_status", deployment_id=deployment_id)
    return [Passage(deployments.status(state), about=state)]


async def test(context: ScriptContext) -> Reply:
    """Send a test prompt to a deployment."""
    deployment_id = chosen_deployment(context)
    if deployment_id is None:
        return talk.NO_DEPLOYMENT
    answer = await call(
        TestAnswer, "test_inference", deployment_id=deployment_id, prompt=context.command.prompt
    )
    return [Passage(deployments.tested(answer), about=answer)]


async def undeploy(context: ScriptContext) -> Reply:
    """Remove a deployment after approval."""
    deployment_id = chosen_deployment(context)
    if deployment_id is None:
        return talk.NO_DEPLOYMENT
    removed = await call(Removed, "undeploy", deployment_id=deployment_id)
    context.latest_ids.pop("deployment_id", None)
    return [Passage(deployments.removed(removed), about=removed)]


async def agree(context: ScriptContext) -> Reply:
    """Do what was offered last: "yes" after a plan deploys it."""
    if context.turn.ledger.offer == "deploy":
        return await deploy(context)
    return "Yes to what? Nothing is waiting for an answer. " + talk.HELP


def chosen_option_id(context: ScriptContext) -> str | None:
    """The id of the option that the message means, or the id in it where no plan has such an option."""
    option = chosen_option(context)
    return option.option_id if option else context.command.identifier
