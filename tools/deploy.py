"""The tool deploy: from an option to a running deployment, after a person's yes."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import Field

from compass.capacity import LatencyProfile, closed_loop_profile
from compass.catalog import find_gpu, find_model
from compass.core import InvalidInput, NotApproved, NotFound, unknown
from compass.planning import Option, Plan, Specification
from compass.planning.candidates import as_planned
from compass.serving import (
    ApprovalRequest,
    Deployment,
    Receipt,
    Target,
    TargetName,
    only_deployment,
    refuse_second,
    target_of,
)
from compass.store import Store
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class DeployRequest(ToolRequest):
    """What to deploy, and where."""

    option_id: str = Field(description="From plan_replicas, option-… ")
    target: TargetName = Field(
        "local", description="local: a simulator on this machine, no GPU; or kubernetes"
    )
    namespace: str = Field("default", description="Kubernetes namespace; local ignores it")
    dry_run: bool = Field(False, description="Only say what would be made")


async def deploy(box: Toolbox, request: DeployRequest) -> Deployment:
    """Start a planned option on a target, after a person has approved the list of changes and the cost: on
    local a simulator that answers the OpenAI API at the planned pace, on kubernetes the manifests. Returns
    the endpoint and a deployment_id for get_status, test_inference and undeploy.
    """
    option, specification = await find_option(box.store, request.option_id)
    place = target_of(box.targets, request.target)
    receipt = Receipt(option=option, specification=specification, target=request.target, created=now())
    wanted = Deployment(
        deployment_id="",
        target=request.target,
        namespace="" if request.target == "local" else request.namespace,
        name=name_of(option),
        endpoint=None,
        model=option.model,
        receipt=receipt,
        simulated=request.target == "local",
        usd_per_hour=0.0 if request.target == "local" else option.usd_per_hour,
    )
    wanted = wanted.model_copy(update={"changes": await place.plan(wanted)})
    if request.dry_run:
        return wanted.model_copy(update={"dry_run": True})
    await refuse_second(box.store, box.targets, wanted)
    await ask_first(box, wanted)
    return await carry_out(box, place, wanted)


async def carry_out(box: Toolbox, place: Target, wanted: Deployment) -> Deployment:
    """Apply what was approved, and keep it in the store."""
    option, specification = wanted.receipt.option, wanted.receipt.specification
    profile = profile_of(box, option, specification)
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


async def find_option(store: Store, option_id: str) -> tuple[Option, Specification]:
    """A planned option, and the specification it was planned for.

    Raises:
        NotFound: no such option; names the nearest, or the options of a plan.
    """
    if option_id.startswith("plan-"):
        plan = await store.get(option_id, Plan)
        choices = ", ".join(f"{option.option_id} ({option.model})" for option in plan.options[:5])
        raise InvalidInput("option_id", f"{option_id} is a plan. Choose one of its options: {choices}.")
    known = await store.ids("option")
    if option_id not in known:
        if not known:
            raise NotFound(f'No option called "{option_id}": nothing is planned. Call plan_replicas first.')
        raise unknown("option", option_id, known)
    option = await store.get(option_id, Option)
    plan = await store.get(option.plan_id, Plan)
    return option, plan.specification


def profile_of(box: Toolbox, option: Option, specification: Specification) -> LatencyProfile:
    """Step times of one planned replica, for targets that simulate it."""
    model = find_model(box.catalog, option.model)
    weights = {checkpoint.id: checkpoint.weight_gib for checkpoint in model.checkpoints}
    planned = as_planned(
        model,
        option.checkpoint,
        option.precision,
        weights.get(option.checkpoint),
        find_gpu(box.catalog, option.gpu),
        option.tensor_parallel,
    )
    configuration = replace(planned, pipeline_parallel=option.pipeline_parallel)
    return closed_loop_profile(
        box.estimator.compile([configuration]), specification.prompt_tokens, specification.output_tokens
    )


def name_of(option: Option) -> str:
    """A name that Kubernetes accepts too: lower case, digits and dashes, short."""
    words = f"{option.model.rpartition('/')[2]}-{option.precision}-{option.gpu}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40].strip("-")


def now() -> str:
    """The time of the receipt, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
