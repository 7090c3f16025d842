"""The tool deploy: from an option to a running deployment, after a person's yes."""

from datetime import UTC, datetime

from pydantic import Field

from compass.core import InvalidInput, NotApproved
from compass.manifests import Recipe, RecipeChoices
from compass.planning import Option, Specification, replica_of
from compass.serving import (
    ApprovalRequest,
    Deployment,
    Receipt,
    Target,
    TargetName,
    find_option,
    only_deployment,
    recipe_by_id,
    recipe_of,
    refuse_second,
    target_of,
)
from compass.store import Store
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class DeployRequest(RecipeChoices, ToolRequest):
    """What to deploy: a recipe, or an option with the choices that render_yaml takes; and where."""

    option_id: str = Field(default="", description="From plan_replicas, option-…; or give recipe_id")
    recipe_id: str = Field(default="", description="From render_yaml, recipe-…: deploys what it rendered")
    target: TargetName = Field(
        default="local", description="local: a simulator on this machine, no GPU; or kubernetes"
    )
    dry_run: bool = Field(default=False, description="Only say what would be made")


async def deploy(box: Toolbox, request: DeployRequest) -> Deployment:
    """Start a planned option on a target after a person has approved the changes and the cost: on local a
    simulator that answers the OpenAI API at the planned pace, on kubernetes the manifests of recipe_id, or
    with an option_id those rendered for it last, unless they contradict the choices given here, or new ones.
    Returns the endpoint and a deployment_id.
    """
    recipe, option, specification = await what_to_deploy(box.store, request)
    target = request.target
    place = target_of(box.targets, target)
    receipt = Receipt(option=option, specification=specification, target=target, created=now())
    wanted = Deployment(
        deployment_id="",
        target=target,
        namespace="" if target == "local" else recipe.namespace,
        name=recipe.name,
        settings=recipe.settings,
        recipe_id=recipe.recipe_id,
        endpoint=None,
        model=option.model,
        receipt=receipt,
        simulated=target == "local",
        usd_per_hour=0.0 if target == "local" else option.usd_per_hour,
        note=f"As rendered in {recipe.recipe_id}." if recipe.recipe_id else "",
    )
    wanted = wanted.model_copy(update={"changes": await place.plan(wanted)})
    if request.dry_run:
        return wanted.model_copy(update={"dry_run": True})
    await refuse_second(box.store, box.targets, wanted)
    await ask_first(box, wanted)
    return await carry_out(box, place, wanted)


async def what_to_deploy(store: Store, request: DeployRequest) -> tuple[Recipe, Option, Specification]:
    """The recipe with its option and the specification that it was planned for.

    Raises:
        InvalidInput: neither a recipe nor an option is named, or they contradict each other.
        NotFound: there is none of this id.
    """
    if request.recipe_id:
        recipe = await recipe_by_id(store, request.recipe_id, request, request.option_id)
        option, specification = await find_option(store, recipe.option_id)
        return recipe, option, specification
    if not request.option_id:
        raise InvalidInput("option_id", "is empty. Name an option of a plan, or give a recipe_id.")
    option, specification = await find_option(store, request.option_id)
    return await recipe_of(store, option, request), option, specification


async def carry_out(box: Toolbox, place: Target, wanted: Deployment) -> Deployment:
    """Apply what was approved, and keep it in the store."""
    option, specification = wanted.receipt.option, wanted.receipt.specification
    profile = replica_of(option, specification, box.catalog, box.estimator)
    async with only_deployment(box.store, box.targets, wanted) as deployment_id:
        named = wanted.model_copy(update={"deployment_id": deployment_id})
        deployment = await place.apply(named, profile, box.progress)
        await box.store.put_as(deployment_id, deployment)
    return deployment


async def ask_first(box: Toolbox, wanted: Deployment) -> None:
    """Ask the person at this door.

    Raises:
        NotApproved: no, or nobody is there.
    """
    option = wanted.receipt.option
    each = option.gpus // option.replicas
    gpus = f"{option.replicas} × ({each} × {option.gpu})" if each > 1 else f"{option.replicas} × {option.gpu}"
    request = ApprovalRequest(
        action="deploy",
        title=f"Deploy {option.model} {option.precision}, {gpus}",
        target=wanted.target,
        usd_per_hour=wanted.usd_per_hour,
        changes=wanted.changes,
    )
    if not await box.approver(request):
        raise NotApproved(
            f"{option.option_id} was not deployed: nobody approved it. Ask a person to approve it in the "
            "chat, or in a shell with --yes; dry_run shows what would be made."
        )


def now() -> str:
    """The time of the receipt, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
