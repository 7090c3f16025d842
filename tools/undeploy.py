"""The tool undeploy: remove what deploy made, after a person's yes."""

from pydantic import Field

from compass.core import InvalidInput, NotApproved
from compass.serving import ApprovalRequest, Change, Removed, find_deployment, target_of
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class UndeployRequest(ToolRequest):
    """Which deployment to remove."""

    deployment_id: str = Field(description="From deploy, dep-…")


async def undeploy(box: Toolbox, request: UndeployRequest) -> Removed:
    """Remove a deployment that Compass made, whole, after a person has approved it: its process or its
    Kubernetes objects, and its entry. Objects that Compass did not make are never touched.
    """
    if not request.deployment_id:
        raise InvalidInput("deployment_id", "is empty. Name the deployment to remove; get_status shows them.")
    deployment, _ = await find_deployment(box.store, request.deployment_id)
    place = target_of(box.targets, deployment.target)
    existed = await place.exists(deployment)
    what = f"{deployment.model} at {deployment.endpoint or 'no endpoint'}"
    approval = ApprovalRequest(
        action="undeploy",
        title=f"Remove {deployment.deployment_id}",
        target=deployment.target,
        usd_per_hour=None,
        changes=(Change(action="remove", what=what if existed else f"the record of {what}, which is gone"),),
    )
    if not await box.approver(approval):
        raise NotApproved(
            f"{deployment.deployment_id} was not removed: nobody approved it. Ask a person to approve it in "
            "the chat, or in a shell with --yes."
        )
    await place.remove(deployment)
    await box.store.delete(deployment.deployment_id)
    note = "" if existed else "It was not running any more; its record is gone now."
    return Removed(deployment_id=deployment.deployment_id, removed=True, note=note)
