"""Scripts for deployments: manifests, deploy, state, test prompt, removal."""

from agent.offline.replies import deployments, talk
from agent.offline.replies.figures import paragraphs
from agent.offline.script_context import Scene, Script, call, chosen, deployment_of
from compass.manifests import Manifests
from compass.serving import Deployment, Removed, Status, TestAnswer


def deploy(scene: Scene) -> Script:
    """An option, deployed after approval, then its state."""
    option = chosen(scene)
    identifier = option.option_id if option else scene.command.identifier
    if not identifier or not identifier.startswith("option-"):
        return talk.NO_PLAN
    where = scene.turn.place.arguments()
    made = yield from call(Deployment, "deploy", option_id=identifier, **where)
    scene.turn.ledger.offer = ""
    status = yield from call(Status, "get_status", deployment_id=made.deployment_id)
    return paragraphs(deployments.deployed(made), deployments.state(status))


def manifests(scene: Scene) -> Script:
    """The manifests of an option."""
    option = chosen(scene)
    identifier = option.option_id if option else scene.command.identifier
    if not identifier:
        return talk.NO_PLAN
    namespace = scene.turn.place.namespace
    made = yield from call(Manifests, "render_yaml", option_id=identifier, namespace=namespace)
    return deployments.manifests(made)


def status(scene: Scene) -> Script:
    """A deployment as it is now."""
    identifier = deployment_of(scene)
    if identifier is None:
        return talk.NO_DEPLOYMENT
    return deployments.state((yield from call(Status, "get_status", deployment_id=identifier)))


def test(scene: Scene) -> Script:
    """One prompt, answered by the deployment."""
    identifier = deployment_of(scene)
    if identifier is None:
        return talk.NO_DEPLOYMENT
    answer = yield from call(
        TestAnswer, "test_inference", deployment_id=identifier, prompt=scene.command.prompt
    )
    return deployments.tested(answer)


def undeploy(scene: Scene) -> Script:
    """A deployment, removed after approval."""
    identifier = deployment_of(scene)
    if identifier is None:
        return talk.NO_DEPLOYMENT
    gone = yield from call(Removed, "undeploy", deployment_id=identifier)
    scene.latest.pop("deployment_id", None)
    return deployments.removed(gone)


def agree(scene: Scene) -> Script:
    """A bare yes: to what was offered."""
    if scene.turn.ledger.offer == "deploy":
        return (yield from deploy(scene))
    return "Yes to what? Nothing is waiting for an answer. " + talk.HELP
