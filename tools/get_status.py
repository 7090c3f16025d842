"""The tool get_status: a deployment as it is now, against what was promised."""

from pydantic import Field

from compass.serving import Status, find_deployment, target_of
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class StatusRequest(ToolRequest):
    """Which deployment to look at."""

    deployment_id: str = Field("", description="From deploy, dep-…; empty: the newest one")


async def get_status(box: Toolbox, request: StatusRequest) -> Status:
    """Say how a deployment is doing: readiness, replicas, events, and the measured latency percentiles of its
    servers against the receipt, each with its number of samples and a verdict (holds, at risk, broken, not
    measured). Figures are read from the servers; what could not be read is called not measured.
    """
    deployment, others = await find_deployment(box.store, request.deployment_id)
    status = await target_of(box.targets, deployment.target).status(deployment)
    return status.model_copy(update={"others": others})
